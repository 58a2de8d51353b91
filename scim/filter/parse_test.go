package filter

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"scimgate/scim/value"
)

const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

// describe writes the tree of e in a form that shows every field, so that the
// tests of Parse do not lean on Print.
func describe(e Expr) string {
	switch e := e.(type) {
	case *Or:
		return "(or " + describe(e.Left) + " " + describe(e.Right) + ")"
	case *And:
		return "(and " + describe(e.Left) + " " + describe(e.Right) + ")"
	case *Not:
		return "(not " + describe(e.Expr) + ")"
	case *Compare:
		s := e.Op.String() + " " + describePath(e.Path)
		if e.Op != Present {
			s += " " + string(value.Append(nil, e.Value))
		}
		return "(" + s + ")"
	default:
		return fmt.Sprintf("%v", e)
	}
}

func describePath(p Path) string {
	s := strings.Join([]string{p.URN, p.Name, p.Sub}, "|")
	if p.Filter != nil {
		s += describe(p.Filter)
	}
	return s
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		// Entra (entra-and-appspace.md A5) and the peers' list (peers.md 5.8)
		`userName eq "6f1c0000-0000-0000-0000-000000000000"`: `(eq |userName| "6f1c0000-0000-0000-0000-000000000000")`,
		`externalId eq "4e6f9d0c"`:                           `(eq |externalId| "4e6f9d0c")`,
		`displayName eq "All of them"`:                       `(eq |displayName| "All of them")`,
		`emails[type eq "work"].value eq "no@x.io"`:          `(eq |emails|value(eq |type| "work") "no@x.io")`,
		`id eq "U1" and manager eq "U2"`:                     `(and (eq |id| "U1") (eq |manager| "U2"))`,
		`manager eq "U2" and id eq "U1"`:                     `(and (eq |manager| "U2") (eq |id| "U1"))`,
		`id eq "G" and members eq "U"`:                       `(and (eq |id| "G") (eq |members| "U"))`,
		`id eq "G" and members.value eq "U"`:                 `(and (eq |id| "G") (eq |members|value "U"))`,
		`id eq "G" and members[value eq "U"]`:                `(and (eq |id| "G") (pr |members|(eq |value| "U")))`,
		`members[value eq "U"] and id eq "G"`:                `(and (pr |members|(eq |value| "U")) (eq |id| "G"))`,
		`userName eq "o'brien+x&y@ex.io"`:                    `(eq |userName| "o'brien+x&y@ex.io")`,
		`userName eq "a\"b\\c\u00e9😀"`:                       `(eq |userName| "a\"b\\cé😀")`,

		// the examples of RFC 7644 figure 2
		`userName eq "bjensen"`:                                      `(eq |userName| "bjensen")`,
		`name.familyName co "O'Malley"`:                              `(co |name|familyName "O'Malley")`,
		`userName sw "J"`:                                            `(sw |userName| "J")`,
		`title pr`:                                                   `(pr |title|)`,
		`title pr and userType eq "Employee"`:                        `(and (pr |title|) (eq |userType| "Employee"))`,
		`title pr or userType eq "Intern"`:                           `(or (pr |title|) (eq |userType| "Intern"))`,
		`schemas eq "` + enterprise + `"`:                            `(eq |schemas| "` + enterprise + `")`,
		`emails[type eq "work"]`:                                     `(pr |emails|(eq |type| "work"))`,
		`userType ne "E" and not (emails pr)`:                        `(and (ne |userType| "E") (not (pr |emails|)))`,
		`a[b eq "c" and d co "@e"] or f[g pr]`:                       `(or (pr |a|(and (eq |b| "c") (co |d| "@e"))) (pr |f|(pr |g|)))`,
		`meta.lastModified gt "2011-05-13T04Z"`:                      `(gt |meta|lastModified "2011-05-13T04Z")`,
		`urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J"`: `(sw urn:ietf:params:scim:schemas:core:2.0:User|userName| "J")`,
		`meta.x ge "a" and meta.x lt "b" or y ew "c" and z le "d"`:   `(or (and (ge |meta|x "a") (lt |meta|x "b")) (and (ew |y| "c") (le |z| "d")))`,
		enterprise + `:manager.value eq "U2"`:                        `(eq ` + enterprise + `|manager|value "U2")`,
		enterprise + `:a[b eq 1].c eq 2`:                             `(eq ` + enterprise + `|a|c(eq |b| 1) 2)`,
		`http://schemas.example.com/2006/ADSCIM/2.0/Group:x eq "1"`:  `(eq http://schemas.example.com/2006/ADSCIM/2.0/Group|x| "1")`,
		`members.$ref eq "x" and $ref pr`:                            `(and (eq |members|$ref "x") (pr |$ref|))`,
		`URN:Example:2.0:User:badge_no-1 eq "x"`:                     `(eq URN:Example:2.0:User|badge_no-1| "x")`,

		// precedence and association
		`a pr or b pr and c pr`:                 `(or (pr |a|) (and (pr |b|) (pr |c|)))`,
		`a pr and b pr or c pr`:                 `(or (and (pr |a|) (pr |b|)) (pr |c|))`,
		`(a pr or b pr) and c pr`:               `(and (or (pr |a|) (pr |b|)) (pr |c|))`,
		`a pr and b pr and c pr`:                `(and (and (pr |a|) (pr |b|)) (pr |c|))`,
		`a pr and (b pr and c pr)`:              `(and (pr |a|) (and (pr |b|) (pr |c|)))`,
		`not (a pr) and b pr`:                   `(and (not (pr |a|)) (pr |b|))`,
		`not(a pr or b pr)`:                     `(not (or (pr |a|) (pr |b|)))`,
		`not (not (a pr))`:                      `(not (not (pr |a|)))`,
		`a[not (b pr) and (c pr or d pr)].e pr`: `(pr |a|e(and (not (pr |b|)) (or (pr |c|) (pr |d|))))`,
		`a[b pr] pr`:                            `(pr |a|(pr |b|))`,

		// case, spaces, values
		`USERNAME EQ "x" AND NOT (Active Eq True)`:   "",
		`USERNAME EQ "x" AND NOT (Active Eq true)`:   `(and (eq |USERNAME| "x") (not (eq |Active| true)))`,
		` userName  eq  "x"  and  ( title  pr ) `:    `(and (eq |userName| "x") (pr |title|))`,
		`a eq false or a eq -0 or a eq 1.50e+400`:    `(or (or (eq |a| false) (eq |a| -0)) (eq |a| 1.50e+400))`,
		`a eq 9007199254740993`:                      `(eq |a| 9007199254740993)`,
		`a eq null`:                                  `(not (pr |a|))`,
		`a ne null`:                                  `(pr |a|)`,
		`a[b eq null].c eq null`:                     `(not (pr |a|c(not (pr |b|))))`,
		`a[b ne null] and c eq null or d pr`:         `(or (and (pr |a|(pr |b|)) (not (pr |c|))) (pr |d|))`,
		`userName sw "(a+)+$" and userName co ".*"`:  `(and (sw |userName| "(a+)+$") (co |userName| ".*"))`,
		`and eq "x" and or eq "y" or pr pr`:          `(or (and (eq |and| "x") (eq |or| "y")) (pr |pr|))`,
		`a eq ""`:                                    `(eq |a| "")`,
		`prefix pr and android eq 1 and notice eq 2`: `(and (and (pr |prefix|) (eq |android| 1)) (eq |notice| 2))`,
	} {
		e, err := Parse(text)
		switch {
		case want == "" && err == nil:
			t.Errorf("%s: read as %s, want an error", text, describe(e))
		case want != "" && err != nil:
			t.Errorf("%s: %v", text, err)
		case want != "" && describe(e) != want:
			t.Errorf("%s\n got %s\nwant %s", text, describe(e), want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, at := range map[string]int{
		``: 0, ` `: 1, `userName`: 8, `userName `: 8, `userName zz "x"`: 8, `userName eqx "x"`: 8, `eq "x"`: 2,
		`userName eq`: 11, `userName eq `: 12, `userName eq"x"`: 11, `userName pr "x"`: 12, `userName eq "x" "y"`: 16,
		`externalId eq jyoung`: 14, `a eq True`: 5, `a eq 01`: 5, `a eq .5`: 5, `a eq 1x`: 5, `a eq NaN`: 5, `a eq 'x'`: 5, `a eq {}`: 5, `a eq [1]`: 5,
		`userName eq "`: 12, `userName eq "x`: 12, `userName eq "x\`: 12, `userName eq "x\"`: 12, `a eq "\x"`: 5, `a eq "\ud800"`: 5, "a eq \"\n\"": 6, "a eq \"\\n\n\"": 5,
		`"a" or 1 eq 1`: 0, `1 eq 1`: 0, `a eq 1 or 1 eq 1`: 10, `a.b.c eq 1`: 3, `.a eq 1`: 0, `a. eq 1`: 2, `-a pr`: 0, `urn:x:2.0 pr`: 6, `urn: pr`: 4, `:a pr`: 0,
		`a eq 1 and`: 7, `a eq 1 and `: 11, `and a eq 1`: 3, `a eq 1 or or b pr`: 12, `a eq 1 xor b pr`: 7, `a eq 1and b pr`: 5, `a eq "x"and b pr`: 8, `(a pr)or b pr`: 6, `a pr b pr`: 5,
		`(a pr`: 5, `a pr)`: 4, `()`: 1, `( )`: 2, `(a pr))`: 6, `a (pr)`: 1, `not a pr`: 4, `not`: 3, `not (a pr`: 9, `not not (a pr)`: 4, `not ()`: 5,
		`emails[type eq "work"`: 21, `emails[type eq "work"]]`: 22, `emails[]`: 7, `emails[type]`: 11, `emails[type eq "work"].`: 23, `emails[type eq "work"].value`: 28, `emails[type eq "work"].a.b eq 1`: 24,
		`a[b[c pr]]`: 3, `a.b[c pr]`: 3, `[a pr]`: 0, `a[b pr)`: 6, `(a pr]`: 5, `a[b pr][c pr]`: 7, `a [b pr]`: 1,
		`a gt null`: 9, `a co null`: 9, "a\x00 pr": 1, "a eq \"\xff\"": 0, "\u0430 pr": 0, "userN\u0430me pr": 5, `a eq "x";drop`: 8, `a	eq "x"`: 1,
	} {
		_, err := Parse(text)
		var fault *Error
		if !errors.As(err, &fault) {
			t.Errorf("%s: got %v, want an Error", text, err)
		} else if fault.Offset != at || fault.TooComplex || fault.Reason == "" {
			t.Errorf("%s: got %+v, want offset %d", text, fault, at)
		}
	}
}

func TestParseBounds(t *testing.T) {
	terms := func(n int) string { return strings.TrimSuffix(strings.Repeat("a pr or ", n), " or ") }
	nested := func(n int) string { return strings.Repeat("(", n) + "a pr" + strings.Repeat(")", n) }
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"20 terms":             {terms(20), true},
		"21 terms":             {terms(21), false},
		"terms in brackets":    {"x[" + terms(19) + "]", true},
		"20 in brackets":       {"x[" + terms(20) + "]", false},
		"8 levels":             {nested(8), true},
		"9 levels":             {nested(9), false},
		"7 levels, brackets":   {strings.Repeat("(", 7) + "x[a pr]" + strings.Repeat(")", 7), true},
		"8 levels, brackets":   {strings.Repeat("(", 8) + "x[a pr]" + strings.Repeat(")", 8), false},
		"8 levels, side by":    {nested(8) + " and " + nested(8), true},
		"null is a level":      {strings.Repeat("(", 8) + "a eq null" + strings.Repeat(")", 8), false},
		"10,000 parentheses":   {strings.Repeat("(", 10_000), false},
		"100 KiB of brackets":  {strings.Repeat("a[", 50<<10), false},
		"nine nots":            {strings.Repeat("not (", 9) + "a pr" + strings.Repeat(")", 9), false},
		"2 KiB":                {`a eq "` + strings.Repeat("x", 2048-7) + `"`, true},
		"2 KiB and one byte":   {`a eq "` + strings.Repeat("x", 2048-6) + `"`, false},
		"2 KiB, not even text": {strings.Repeat("\xff", 2049), false},
	} {
		_, err := Parse(c.text)
		var fault *Error
		if tooComplex := errors.As(err, &fault) && fault.TooComplex; (err == nil) != c.ok || tooComplex == c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseLenient(t *testing.T) {
	for text, c := range map[string]struct {
		want       string
		deviations []string
	}{
		`externalId eq jyoung`:                  {`(eq |externalId| "jyoung")`, []string{"unquotedValue"}},
		`(userName eq a@x.io) or id eq 4e6f-9d`: {`(or (eq |userName| "a@x.io") (eq |id| "4e6f-9d"))`, []string{"unquotedValue", "unquotedValue"}},
		`emails[primary eq True].value eq a@b`:  {`(eq |emails|value(eq |primary| "True") "a@b")`, []string{"unquotedValue", "unquotedValue"}},
		`userName eq "a" and active eq true`:    {`(and (eq |userName| "a") (eq |active| true))`, nil},
		`employeeNumber eq 701 and x eq null`:   {`(and (eq |employeeNumber| 701) (not (pr |x|)))`, nil},
		`externalId eq`:                         {},
		`externalId eq jyoung doe`:              {},
		"externalId eq \x00jyoung":              {},
		`externalId eq j"young`:                 {},
		`externalId eq "jyoung`:                 {},
		`not externalId eq jyoung`:              {},
	} {
		e, deviations, err := ParseLenient(text)
		if c.want == "" {
			if err == nil {
				t.Errorf("%s: read as %s", text, describe(e))
			}
			continue
		}
		if err != nil || describe(e) != c.want || !slices.Equal(deviations, c.deviations) {
			t.Errorf("%s: got %s, %v, %v", text, describe(e), deviations, err)
		}
	}
}

func TestParsePath(t *testing.T) {
	for text, want := range map[string]string{
		`active`:                                            `|active|`,
		`name.familyName`:                                   `|name|familyName`,
		`members`:                                           `|members|`,
		`emails[type eq "work"].value`:                      `|emails|value(eq |type| "work")`,
		`Emails[Type EQ "work"].Value`:                      `|Emails|Value(eq |Type| "work")`,
		`roles[primary eq "True"].value`:                    `|roles|value(eq |primary| "True")`,
		`emails[primary eq true].value`:                     `|emails|value(eq |primary| true)`,
		`members[value eq "U2"]`:                            `|members|(eq |value| "U2")`,
		`addresses[type eq "other"].Formatted`:              `|addresses|Formatted(eq |type| "other")`,
		`emails[type eq "work" and value ew "example.com"]`: `|emails|(and (eq |type| "work") (ew |value| "example.com"))`,
		`members[value eq "a] or b"].display`:               `|members|display(eq |value| "a] or b")`,
		enterprise + `:manager`:                             enterprise + `|manager|`,
		enterprise + `:manager.value`:                       enterprise + `|manager|value`,

		enterprise: strings.TrimSuffix(enterprise, ":User") + `|User|`,
		`urn:ietf:params:scim:schemas:core:2.0:User:name.givenName`:   `urn:ietf:params:scim:schemas:core:2.0:User|name|givenName`,
		`urn:ietf:params:scim:schemas:core:2.0:User:emails[a pr].b`:   `urn:ietf:params:scim:schemas:core:2.0:User|emails|b(pr |a|)`,
		`urn:ietf:params:scim:schemas:extension:appspace:2.0:User:b1`: `urn:ietf:params:scim:schemas:extension:appspace:2.0:User|b1|`,

		``: "", ` active`: "", `active `: "", `a b`: "", `emails[type eq "work"`: "", `emails[type eq "work"]x`: "", `emails[type eq work].value`: "",
		`a.b.c`: "", `a..b`: "", `.a`: "", `a.`: "", `1a`: "", `a pr`: "", `a[b pr][c pr]`: "", `a[b[c pr]]`: "", `/name/familyName`: "", `name/familyName`: "",
		`members[value eq "x"].`: "", `*`: "", `"active"`: "", enterprise + `:`: "", `urn:ietf:params:scim:schemas:core:2.0`: "",
	} {
		p, err := ParsePath(text)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q: read as %s, want an error", text, describePath(p))
		case want != "" && (err != nil || describePath(p) != want):
			t.Errorf("%q: got %s, %v, want %s", text, describePath(p), err, want)
		}
	}
}

func TestPrint(t *testing.T) {
	for _, text := range []string{ // these are their own print
		`a pr or b pr and c pr`, `(a pr or b pr) and c pr`, `a pr and (b pr and c pr)`, `a pr or (b pr or c pr)`, `not (a pr or b pr)`, `a pr and not (b pr)`,
		`emails[type eq "work"].value eq "no@x.io"`, `emails[type eq "work" and (primary eq true or value pr)]`, `a.b pr`, `a[b pr].c pr`,
		enterprise + `:manager.value eq "x\"y\\z"`, `a eq 1.50e+400`, `a ne false`, `$ref sw "é😀"`,
	} {
		if e, err := Parse(text); err != nil || Print(e) != text {
			t.Errorf("%s: %v, %v", text, e, err)
		}
	}
	for text, want := range map[string]string{
		`((a  PR)) AND (b pr)`: `a pr and b pr`, `a eq null`: `not (a pr)`, `a[b pr] pr`: `a[b pr]`,
		`a eq "\u0041\/"`: `a eq "A/"`, `(a pr and b pr) or c pr`: `a pr and b pr or c pr`,
	} {
		if e, err := Parse(text); err != nil || Print(e) != want {
			t.Errorf("%s: %v, %v", text, e, err)
		}
	}
	if got := (Path{URN: enterprise}).String(); got != enterprise {
		t.Errorf("the path of a whole extension is printed as %s", got)
	}
}

func TestParseAllocations(t *testing.T) {
	for text, most := range map[string]float64{
		`userName eq "ana@example.com"`:                                        1,
		`emails[type eq "work"].value eq "ana@example.com" and active eq true`: 4,
	} {
		if n := testing.AllocsPerRun(100, func() { _, _ = Parse(text) }); n > most {
			t.Errorf("%s took %v allocations", text, n)
		}
	}
}

func seedFilters(f *testing.F) {
	f.Helper()
	for _, seed := range []string{
		`userName eq "ana@example.com"`, `a[b eq null].c eq null or not (d pr and e gt 1e5)`, enterprise + `:manager.value ne "\u00e9"`,
		`(a pr or b pr) and (c co "x" or (d pr and e le true))`, `userName eq "`, `not not (a pr)`, `a[b[c pr]]`, `externalId eq jyoung`,
	} {
		f.Add(seed)
	}
}

func FuzzParse(f *testing.F) {
	seedFilters(f)
	f.Fuzz(func(t *testing.T, text string) {
		lenient, deviations, lenientErr := ParseLenient(text)
		e, err := Parse(text)
		if (err == nil) != (lenientErr == nil && len(deviations) == 0) {
			t.Fatalf("%q: strict says %v, lenient %v with %v", text, err, lenientErr, deviations)
		}
		if lenientErr != nil {
			return
		}
		printed := Print(lenient)
		if len(printed) > maxText { // quotation marks and "not ( pr)" can make it longer
			return
		}
		again, err := Parse(printed)
		if err != nil || !reflect.DeepEqual(lenient, again) {
			t.Fatalf("%q printed as %q is read as another filter: %v", text, printed, err)
		}
		Match(e, probe)
		Walk(e, func(*Compare) {})
	})
}

func FuzzParsePath(f *testing.F) {
	for _, seed := range []string{`emails[type eq "work"].value`, enterprise + `:manager.value`, enterprise, `a.b.c`, `a[`, `name/x`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePath(text)
		if err != nil || len(p.String()) > maxText {
			return
		}
		if again, err := ParsePath(p.String()); err != nil || !reflect.DeepEqual(p, again) {
			t.Fatalf("%q printed as %q is read as another path: %v", text, p, err)
		}
	})
}

func benchmarkParse(b *testing.B, text string) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseUserName(b *testing.B) { benchmarkParse(b, `userName eq "ana@example.com"`) }
func BenchmarkParseValuePath(b *testing.B) {
	benchmarkParse(b, `emails[type eq "work"].value eq "ana@example.com"`)
}

func BenchmarkParseLogic(b *testing.B) {
	benchmarkParse(b, `(userName eq "ana@example.com" or externalId eq "4e6f") and active eq true`)
}
