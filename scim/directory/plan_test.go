package directory

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// words are values that are easily confused: by case, accents, length, form of
// number, zone of time.
var words = []string{
	"", "a", "A", "ab", "abc", "e", "é", "e\u0301", "E\u0301x", "eX", "ß", "ss", "ſ", "K", "k", "z", "\U0010ffff", "\ud7ff",
	"ana@example.com", "ANA@Example.com", "work", "home", "true", "True", "false",
	"0", "-0", "1", "7", "701", "0701", "701.0", "7.01e2", "-701", "-70", "-7", "1e400", "-1e400", "1e-400", "1e1000000001", "9e1000000000", "1e99999999999999999999",
	"12345678901234567890123456789012345678901234", "12345678901234567890123456789012345678901235",
	"2026-11-24T04:00:00Z", "2026-11-24T05:00:00+01:00", "2026-11-24T04:00:00.5Z", "2026-11-24T04:00:00", "2026-11-24t04:00:00z", "0000-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
	strings.Repeat("x", longestEntry-1), strings.Repeat("x", longestEntry), strings.Repeat("x", longestEntry) + "y",
	strings.Repeat("x", longestEntry-1) + "é", strings.Repeat("x", longestEntry-2) + "éy", strings.Repeat("x", longestEntry-1) + "z",
	"with\x01one", "a/b", "a.b", `quote"`,
}

var word = rapid.SampledFrom(words)

func quoted(s string) string {
	b, _ := json.Marshal(s) // as JSON: a string always has a form
	return string(b)
}

// randomUser makes JSON members of a user, any of which may be missing.
func randomUser(t *rapid.T, id string) *scim.Resource {
	var b strings.Builder
	fmt.Fprintf(&b, `{"schemas":[%q],"id":%q,"userName":%s`, scim.UserURN, id, quoted(id+word.Draw(t, "userName")))
	maybe := func(format string, args ...any) {
		if rapid.Bool().Draw(t, "has") {
			fmt.Fprintf(&b, format, args...)
		}
	}
	number := func() string {
		w := word.Draw(t, "number")
		if _, ok := value.CompareNumbers(w, "0"); ok && json.Valid([]byte(w)) && rapid.Bool().Draw(t, "literal") {
			return w
		}
		return quoted(w)
	}
	maybe(`,"title":%s`, quoted(word.Draw(t, "title")))
	maybe(`,"externalId":%s`, quoted(word.Draw(t, "externalId")))
	maybe(`,"active":%s`, rapid.SampledFrom([]string{"true", "false", `"True"`}).Draw(t, "active"))
	maybe(`,"name":{"familyName":%s}`, quoted(word.Draw(t, "familyName")))
	maybe(`,"emails":[{"type":"work","value":%s},{"type":%s,"value":%s,"primary":true}]`, quoted(word.Draw(t, "mail")), quoted(word.Draw(t, "type")), quoted(word.Draw(t, "mail")))
	maybe(`,"roles":[%s,{"value":%s}]`, quoted(word.Draw(t, "role")), quoted(word.Draw(t, "role")))
	maybe(`,%q:{"department":%s,"manager":{"value":%s}}`, scim.EnterpriseUserURN, quoted(word.Draw(t, "department")), quoted(word.Draw(t, "manager")))
	maybe(`,%q:{"floor":%s,"badge":%s}`, scim.AppspaceUserURN, number(), quoted(word.Draw(t, "badge")))
	v, err := value.Parse([]byte(b.String()+"}"), value.DefaultLimits)
	if err != nil {
		t.Fatalf("%s: %v", b.String(), err)
	}
	r := scim.NewResource("User", id, v.Object())
	r.Version = 1
	r.Created = time.Date(2026, 11, 24, 4, 0, 0, rapid.IntRange(-1, 1).Draw(t, "ms")*int(time.Millisecond), time.UTC)
	r.LastModified = r.Created
	return r
}

var paths = []string{
	"userName", "title", "externalId", "active", "name.familyName", "name", "emails", "emails.value", "emails.type", "emails.primary",
	`emails[type eq "work"].value`, `emails[value eq "a" and type ne "home"].type`, `emails[not (type eq "work")].value`, `emails[value sw "e"].value`, "roles", "roles.value",
	scim.EnterpriseUserURN + ":department", scim.EnterpriseUserURN + ":manager.value", scim.EnterpriseUserURN + ":manager",
	scim.AppspaceUserURN + ":floor", scim.AppspaceUserURN + ":badge", scim.EnterpriseUserURN,
	"id", "schemas", "meta.created", "meta.lastModified", "meta.resourceType", "meta.version",
}

// randomFilter draws until the filter means something; b is what it says.
func randomFilter(t *rapid.T) (e filter.Expr, text string) {
	for {
		text = randomTerm(t, 2)
		e, err := definitions.Type("User").BindFilter(text, scim.Mode{})
		if err == nil {
			return e, text
		}
	}
}

func randomTerm(t *rapid.T, depth int) string {
	if depth > 0 {
		switch rapid.IntRange(0, 5).Draw(t, "form") {
		case 0:
			return "(" + randomTerm(t, depth-1) + " and " + randomTerm(t, depth-1) + ")"
		case 1:
			return "(" + randomTerm(t, depth-1) + " or " + randomTerm(t, depth-1) + ")"
		case 2:
			return "not (" + randomTerm(t, depth-1) + ")"
		}
	}
	path := rapid.SampledFrom(paths).Draw(t, "path")
	op := rapid.SampledFrom([]string{"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"}).Draw(t, "op")
	if op == "pr" {
		return path + " pr"
	}
	w := word.Draw(t, "value")
	if strings.HasPrefix(path, "meta.") && rapid.Bool().Draw(t, "near") {
		w = rapid.SampledFrom([]string{"2026-11-24T03:59:59.999Z", "2026-11-24T04:00:00Z", "2026-11-24T05:00:00.001+01:00", "User", `W/"1"`}).Draw(t, "when")
	}
	if !json.Valid([]byte(w)) || strings.HasPrefix(w, "\"") || rapid.Bool().Draw(t, "quoted") {
		w = quoted(w)
	}
	return path + " " + op + " " + w
}

// finds is what a look-up means: does it lead to a resource with these entries?
func (l *lookup) finds(id, name string, entries []string) bool {
	some := func(l *lookup) bool { return l.finds(id, name, entries) }
	switch {
	case l.id != "":
		return l.id == id
	case l.name != "":
		return l.name == name
	case len(l.any) > 0:
		return slices.ContainsFunc(l.any, some)
	case len(l.all) > 0:
		return !slices.ContainsFunc(l.all, func(l *lookup) bool { return !some(l) })
	case l.high == "":
		return slices.Contains(entries, l.low)
	default:
		return slices.ContainsFunc(entries, func(e string) bool { return l.low <= e && e < l.high })
	}
}

// Whatever the evaluator accepts, the look-up leads to.
func TestPlanMissesNothing(t *testing.T) {
	matched, planned := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := randomUser(t, rapid.SampledFrom([]string{"a", "b"}).Draw(t, "id"))
		x, err := entries(r)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			e, text := randomFilter(t)
			ok, err := r.Match(e)
			if err != nil {
				t.Fatal(err)
			}
			look := plan("User", e)
			if ok && look != nil {
				matched++
			}
			if look != nil {
				planned++
			}
			if ok && look != nil && !look.finds(r.ID, scim.NameKey(r), x) {
				t.Fatalf("%s matches %s, but the plan %+v misses its entries %q", text, r.Body(), look, x)
			}
		}
	})
	if matched < 20 || planned < 100 {
		t.Errorf("%d matches of %d plans: this test says too little", matched, planned)
	}
}

// Through a store: what a filter finds is what the evaluator accepts of all.
func TestListIsTheEvaluator(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		all := population(t, s, 100)
		rapid.Check(t, func(rt *rapid.T) {
			e, text := randomFilter(rt)
			var want []string
			for _, r := range all {
				if ok, _ := r.Match(e); ok {
					want = append(want, r.ID)
				}
			}
			page, err := s.List(t.Context(), acme, Query{Kind: "User", Filter: e, StartIndex: 1, Count: 1000})
			if err != nil {
				rt.Fatalf("%s: %v", text, err)
			}
			var got []string
			for _, r := range page.Resources {
				got = append(got, r.ID)
			}
			if !slices.Equal(got, want) || page.Total != len(want) {
				rt.Fatalf("%s finds %v, the evaluator %v", text, got, want)
			}
		})
	})
}

// population stores random users, half of them by way of what another one has.
func population(t *testing.T, s Store, size int) (all []*scim.Resource) {
	t.Helper()
	for i := range size {
		random := rapid.Custom(func(t *rapid.T) *scim.Resource { return randomUser(t, fmt.Sprintf("id%03d", i)) })
		r := random.Example(i)
		if err := s.Create(t.Context(), acme, r, nil); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			o, err := random.Example(i + size).Attributes()
			if err != nil {
				t.Fatal(err)
			}
			r = update(t, s, acme, Ref{"User", r.ID}, func(r *scim.Resource) (bool, error) {
				r.SetAttributes(o)
				return true, nil
			})
		}
		all = append(all, r)
	}
	return all
}

// What Entra asks leads to one entry, and nothing it asks needs a scan.
func TestPlan(t *testing.T) {
	dept := string(appendURN(nil, scim.EnterpriseUserURN)) + ":department"
	for text, want := range map[string]string{
		`userName eq "Ana@Example.com"`:                                              "name ana@example.com",
		`externalId eq "ABC"`:                                                        "externalid\x00abc",
		`emails[type eq "work"].value eq "a@b.c"`:                                    "all(emails\x00a@b.c | emails.type\x00work)",
		`emails.type eq "work" and emails.value eq "a@b.c"`:                          "all(emails\x00a@b.c | emails.type\x00work)",
		`active eq true and userName eq "a"`:                                         "all(name a | active\x00true)",
		`id eq "42" or userName eq "a"`:                                              "any(id 42 | name a)",
		`userName sw "An"`:                                                           "username\x00an … username\x00ao",
		`externalId sw "An"`:                                                         "externalid\x00a … externalid\x00b",
		scim.EnterpriseUserURN + `:department pr`:                                    dept + "\x00 … " + dept + "/",
		`userName co "x" or not (userName eq "y")`:                                   "scan",
		`userName ne "x"`:                                                            "scan",
		`emails[type eq "work"].value ne "x"`:                                        "scan",
		`meta.created co "2026-11-24T04:00:00Z"`:                                     "scan",
		`meta.created ge "2026-11-24T05:00:00+01:00"`:                                "meta.created\x02063962798400000000000 … meta.created\x03",
		`title eq null`:                                                              "scan",
		`userName eq "a" and title ne "x"`:                                           "name a",
		fmt.Sprintf(`title eq "%s"`, strings.Repeat("é", longestEntry)):              "title\x00" + strings.Repeat("é", longestEntry/2),
		fmt.Sprintf(`title sw "%s"`, strings.Repeat("z", longestEntry)):              "title\x00" + strings.Repeat("z", longestEntry-4) + " … title\x00" + strings.Repeat("z", longestEntry-5) + "{",
		`schemas eq "` + scim.UserURN + `"`:                                          "scan",
		`userName eq "a" or (title eq "b" and emails.value eq "c@d.e" or id eq "7")`: "any(name a | any(all(title\x00b | emails\x00c@d.e) | id 7))",
	} {
		if got := spell(plan("User", bound(t, text))); got != want {
			t.Errorf("%s\n got %q\nwant %q", text, got, want)
		}
	}
}

func spell(l *lookup) string {
	list := func(how string, parts []*lookup) string {
		spelt := make([]string, len(parts))
		for i, p := range parts {
			spelt[i] = spell(p)
		}
		return how + "(" + strings.Join(spelt, " | ") + ")"
	}
	switch {
	case l == nil:
		return "scan"
	case l.id != "":
		return "id " + l.id
	case l.name != "":
		return "name " + l.name
	case len(l.any) > 0:
		return list("any", l.any)
	case len(l.all) > 0:
		return list("all", l.all)
	case l.high == "":
		return l.low
	default:
		return l.low + " … " + l.high
	}
}
