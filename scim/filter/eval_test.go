package filter

import (
	"errors"
	"fmt"
	"testing"

	"scimgate/scim/value"
)

func mustRead(text string) *value.Object {
	v, err := value.Parse([]byte(text), value.DefaultLimits)
	if err != nil {
		panic(err) // a test's own text
	}
	return v.Object()
}

var probe = mustRead(`{
	"schemas":["urn:core:2.0:User","` + enterprise + `"],
	"id":"U1","externalId":"abC","userName":"Ana@Example.com","title":"","nickName":null,"active":true,
	"displayName":"Zoë Straße","level":9007199254740993,"badge":"701","joined":"2026-11-24T04:00:00+01:00",
	"name":{"familyName":"Lima","givenName":"","tag":"b","nick":["An","Na"],"nil":[],"only":["x"]},"empty":{"a":"","b":[]},"none":[],"hollow":[{"value":""}],
	"emails":[{"type":"work","value":"ana@example.com","primary":true},{"type":"home","value":"lima@home.org"}],
	"phones":["+55 11","+55 12"],
	"` + enterprise + `":{"department":"Retail","manager":{"value":"U2"}}}`)

// types is a Binder: what it does not have is FoldedText, but shoeSize is unknown.
type types map[string]Type

var errUnknown = errors.New("unknown attribute")

func (ts types) BindPath(parent, p *Path, op Op) error {
	name := p.Name
	if parent != nil {
		name = parent.Name + "." + name
	}
	if p.Name == "emails" && p.Sub == "" && op != Present {
		p.Sub = "value"
	}
	if p.Sub != "" {
		name += "." + p.Sub
	}
	if p.Name == "shoeSize" {
		return fmt.Errorf("%w: %s", errUnknown, name)
	}
	p.Type = ts[name]
	return nil
}

var binder = types{
	"schemas": ExactText, "id": ExactText, "externalId": ExactText, "active": Boolean, "level": Numeric, "badge": Numeric, "joined": Time,
	"name": Complex, "name.tag": ExactText, "emails": Complex, "emails.primary": Boolean, "phones": ExactText, "manager": Complex, "manager.value": ExactText,
}

func TestMatch(t *testing.T) {
	const yes, no = true, false
	for text, want := range map[string]bool{
		// case
		`userName eq "ana@example.COM"`: yes, `userName eq "ana@example.co"`: no, `USERNAME eq "x"`: no,
		`externalId eq "abC"`: yes, `externalId eq "ABC"`: no, `displayName eq "ZOE\u0308 STRASSE"`: yes,
		`userName ne "ANA@example.com"`: no, `externalId ne "ABC"`: yes,
		// co, sw, ew are literal
		`userName co "@EXAMPLE."`: yes, `userName sw "ANA"`: yes, `userName ew ".com"`: yes, `userName co ".*"`: no, `userName sw "(a+)+$"`: no, `userName sw "na"`: no, `userName ew "@"`: no,
		`externalId co "B"`: no, `externalId sw "ab"`: yes, `externalId ew "bC"`: yes, `displayName co "STRASSE"`: yes, `joined sw "2026-"`: yes, `badge sw "70"`: yes,
		// order of texts
		`userName gt "ANA"`: yes, `userName lt "B"`: yes, `userName ge "ana@example.com"`: yes, `userName le "ana@example.com"`: yes, `userName gt "ana@example.com"`: no, `name.tag gt "B"`: yes, `name.tag lt "B"`: no, `name.tag le "b"`: yes,
		// numbers, as JSON and as text
		`level eq 9007199254740993`: yes, `level eq 9007199254740992`: no, `level gt 9007199254740992`: yes, `level lt 1e400`: yes, `level eq "9007199254740993"`: yes,
		`badge eq 701`: yes, `badge eq "0701"`: yes, `badge eq "701"`: yes, `badge eq 701.0`: yes, `badge ne 701`: no, `badge lt 1000`: yes, `badge ge 701`: yes, `badge gt "7e2"`: yes, `badge gt "x"`: no, `badge eq "x"`: no, `badge ne "x"`: yes,
		// instants
		`joined eq "2026-11-24T03:00:00Z"`: yes, `joined eq "2026-11-24T03:00:00.000"`: yes, `joined gt "2026-11-24T03:30:00Z"`: no, `joined lt "2026-11-24T03:00:00.001Z"`: yes, `joined gt "soon"`: no, `joined ne "2026-11-24T03:00:00Z"`: no,
		// booleans
		`active eq true`: yes, `active eq "True"`: yes, `active eq "false"`: no, `active ne true`: no, `active ne false`: yes, `active eq "maybe"`: no, `active pr`: yes,
		// presence
		`title pr`: no, `nickName pr`: no, `absent pr`: no, `empty pr`: no, `none pr`: no, `hollow pr`: no, `name pr`: yes, `name.familyName pr`: yes, `name.givenName pr`: no, `emails pr`: yes, `emails.display pr`: no,
		`userName eq null`: no, `userName ne null`: yes, `absent eq null`: yes, `title eq null`: yes, `title ne null`: no,
		// nothing there
		`absent eq "x"`: no, `absent ne "x"`: yes, `title ne "x"`: yes, `title eq ""`: no, `nickName ne "x"`: yes, `name.givenName ne "x"`: yes, `absent gt "a"`: no, `absent co ""`: no, `none ne "x"`: yes, `not (absent eq "x")`: yes,
		// multi-valued: any of them
		`emails eq "LIMA@home.org"`: yes, `emails.value eq "ana@example.com"`: yes, `emails.type eq "fax"`: no, `emails.type ne "work"`: yes, `emails co "example"`: yes, `emails.display ne "x"`: yes,
		`phones eq "+55 12"`: yes, `phones.value eq "+55 12"`: yes, `phones eq "+55"`: no, `phones[value sw "+55"]`: yes, `phones[value eq "x"]`: no,
		`name.nick eq "na"`: yes, `name.nick eq "x"`: no, `name.nick ne "an"`: yes, `name.nil ne "x"`: yes, `name.nil eq "x"`: no, `name.nick co "x"`: no,
		`name.only ne "x"`: no, `schemas eq "` + enterprise + `"`: yes,
		// value paths
		`emails[type eq "work"].value eq "ana@example.com"`: yes, `emails[type eq "home"].value eq "ana@example.com"`: no, `emails[type eq "WORK" and value ew "home.org"]`: no, `emails[type eq "home" and value ew "home.org"]`: yes,
		`emails[primary eq "True"].value sw "ana"`: yes, `emails[primary eq true]`: yes, `emails[not (primary eq true)].type eq "home"`: yes, `emails[type eq "fax"]`: no, `emails[type eq "fax"].value ne "x"`: yes, `emails[type eq "work"].value ne "ana@example.com"`: no, `emails[type eq "home"].primary pr`: no,
		`name[familyName eq "lima"]`: yes, `name[familyName eq "x"].familyName ne "lima"`: yes,
		// extensions
		enterprise + `:department eq "RETAIL"`: yes, enterprise + `:manager.value eq "U2"`: yes, enterprise + `:manager pr`: yes, `department eq "Retail"`: no, `urn:other:2.0:User:department pr`: no, `urn:other:2.0:User:department ne "x"`: yes,
		// logic
		`id eq "U1" and emails eq "x"`: no, `id eq "U9" or emails pr`: yes, `not (id eq "U1")`: no, `id eq "U9" or id eq "U1" and active eq false`: no,
	} {
		e, err := Parse(text)
		if err == nil {
			e, err = Bind(e, binder)
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := Match(e, probe); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestMatchUnbound(t *testing.T) {
	for text, want := range map[string]bool{
		`USERNAME eq "ana@example.com"`: true, `emails eq "lima@home.org"`: true, `active eq "TRUE"`: true, `badge eq 701`: true, `name eq "x"`: false, `emails[TYPE eq "work"].VALUE sw "ana"`: true,
		`urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User:department eq "retail"`: true, `phones.type eq "+55 11"`: false,
	} {
		e, err := Parse(text)
		if err != nil || Match(e, probe) != want {
			t.Errorf("%s: want %v (%v)", text, want, err)
		}
	}
	if Match(nil, probe) || Match(&Compare{Path: Path{Name: "a"}, Op: Equal, Value: value.NewText("x")}, nil) {
		t.Error("nothing matched")
	}
}

func TestBind(t *testing.T) {
	for text, ok := range map[string]bool{
		`name eq "x"`: false, `name pr`: true, `emails[value pr]`: true, `active gt true`: false, `active co "t"`: false, `active ne "True"`: true,
		`shoeSize eq 9`: false, `userName pr and (title pr or not (shoeSize eq 9))`: false, `emails[shoeSize eq 9]`: false, `emails[primary ge true].value pr`: false, `shoeSize pr or id pr`: false,
	} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		before := describe(e)
		bound, err := Bind(e, binder)
		if (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
		if describe(e) != before {
			t.Errorf("%s: Bind changed what it was given: %s", text, describe(e))
		}
		if ok && bound == e {
			t.Errorf("%s: Bind returned what it was given", text)
		}
	}
	e, _ := Parse(`shoeSize pr`)
	if _, err := Bind(e, binder); !errors.Is(err, errUnknown) {
		t.Errorf("the Binder's error does not pass through: %v", err)
	}
	p, _ := ParsePath(`emails[type eq "work"].value`)
	p, err := BindPath(p, binder, Present)
	if inner := p.Filter.(*Compare); err != nil || p.Type != FoldedText || inner.Path.Name != "type" {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestWalk(t *testing.T) {
	e, err := Parse(`a pr and not (b[c eq 1 or d eq 2].e eq 3) or f pr`)
	if err != nil {
		t.Fatal(err)
	}
	names := ""
	Walk(e, func(c *Compare) { names += c.Path.Name })
	if names != "abcdf" {
		t.Errorf("walked %s", names)
	}
}

func BenchmarkMatch(b *testing.B) {
	e, err := Parse(`userName eq "ana@example.com" and emails[type eq "work"].value sw "ana"`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if !Match(e, probe) {
			b.Fatal("no match")
		}
	}
}
