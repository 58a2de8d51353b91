package scim

import (
	"strings"
	"testing"

	"scimgate/scim/filter"
)

func TestBindPath(t *testing.T) {
	const ent, aps = EnterpriseUserURN, AppspaceUserURN
	work := &filter.Compare{}
	cases := []struct {
		in   filter.Path
		op   filter.Op
		want filter.Path // zero is refused
		err  ErrorType
	}{
		{in: filter.Path{Name: "USERNAME"}, op: filter.Equal, want: filter.Path{Name: "userName", Type: filter.FoldedText}},
		{in: filter.Path{Name: "externalid"}, op: filter.Equal, want: filter.Path{Name: "externalId", Type: filter.ExactText}},
		{in: filter.Path{Name: "ID"}, op: filter.Equal, want: filter.Path{Name: "id", Type: filter.ExactText}},
		{in: filter.Path{Name: "schemas"}, op: filter.Equal, want: filter.Path{Name: "schemas", Type: filter.ExactText}},
		{in: filter.Path{Name: "meta", Sub: "LASTMODIFIED"}, op: filter.Greater, want: filter.Path{Name: "meta", Sub: "lastModified", Type: filter.Time}},
		{in: filter.Path{Name: "active"}, op: filter.Equal, want: filter.Path{Name: "active", Type: filter.Boolean}},
		{in: filter.Path{Name: "active"}, op: filter.Less, err: InvalidFilter},
		{in: filter.Path{Name: "name"}, op: filter.Present, want: filter.Path{Name: "name", Type: filter.Complex}},
		{in: filter.Path{Name: "name"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{Name: "name", Sub: "nope"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{Name: "emails"}, op: filter.Equal, want: filter.Path{Name: "emails", Sub: "value", Type: filter.FoldedText}},
		{in: filter.Path{Name: "emails"}, op: filter.Present, want: filter.Path{Name: "emails", Type: filter.Complex}},
		{in: filter.Path{Name: "Emails", Filter: work, Sub: "Value"}, op: filter.Present, want: filter.Path{Name: "emails", Filter: work, Sub: "value"}},
		{in: filter.Path{Name: "title", Filter: work}, op: filter.Present, err: InvalidFilter},
		{in: filter.Path{Name: "x509Certificates"}, op: filter.Greater, err: InvalidFilter},
		{in: filter.Path{URN: UserURN, Name: "title"}, op: filter.Equal, want: filter.Path{Name: "title"}},
		{in: filter.Path{URN: "URN:ietf:params:scim:schemas:extension:enterprise:2.0:USER", Name: "Department"}, op: filter.Equal, want: filter.Path{URN: ent, Name: "department"}},
		{in: filter.Path{URN: ent, Name: "manager"}, op: filter.Equal, want: filter.Path{URN: ent, Name: "manager", Sub: "value", Type: filter.ExactText}},
		{in: filter.Path{Name: "manager"}, op: filter.Equal, want: filter.Path{URN: ent, Name: "manager", Sub: "value", Type: filter.ExactText}},
		{in: filter.Path{URN: ent[:len(ent)-5], Name: "user"}, op: filter.Present, want: filter.Path{URN: ent, Type: filter.Complex}},
		{in: filter.Path{URN: ent[:len(ent)-5], Name: "user"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{URN: aps, Name: "FLOOR"}, op: filter.Greater, want: filter.Path{URN: aps, Name: "floor", Type: filter.Numeric}},
		{in: filter.Path{URN: aps, Name: "undefinedYet"}, op: filter.Equal, want: filter.Path{URN: aps, Name: "undefinedYet"}},
		{in: filter.Path{URN: aps, Name: "undefined", Sub: "sub"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{URN: ent, Name: "shoeSize"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{URN: "urn:x", Name: "title"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{Name: "shoeSize"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{Name: "PassWord"}, op: filter.Equal, err: Sensitive},
		{in: filter.Path{URN: UserURN, Name: "password"}, op: filter.Present, err: Sensitive},
	}
	user := testUser()
	for _, c := range cases {
		got := c.in
		err := user.BindPath(nil, &got, c.op)
		if c.err != "" {
			wantError(t, err, map[bool]int{true: 403, false: 400}[c.err == Sensitive], c.err)
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%+v: %+v, %v; want %+v", c.in, got, err, c.want)
		}
	}
}

func TestBindPathInBrackets(t *testing.T) {
	user := testUser()
	emails := &filter.Path{Name: "EMAILS"}
	p := filter.Path{Name: "PRIMARY"}
	if err := user.BindPath(emails, &p, filter.Equal); err != nil || p.Name != "primary" || p.Type != filter.Boolean {
		t.Errorf("primary in emails: %+v, %v", p, err)
	}
	for _, bad := range []filter.Path{{Name: "userName"}, {URN: UserURN, Name: "value"}, {Name: "value", Sub: "x"}} {
		wantError(t, user.BindPath(emails, &bad, filter.Equal), 400, InvalidFilter)
	}
	wantError(t, user.BindPath(emails, &filter.Path{Name: "primary"}, filter.Less), 400, InvalidFilter)
	wantError(t, user.BindPath(&filter.Path{Name: "nope"}, &p, filter.Equal), 400, InvalidFilter)
}

func TestBindPathStrict(t *testing.T) {
	b := testUser().binder(Mode{Strict: true})
	for _, p := range []filter.Path{{Name: "manager"}, {URN: AppspaceUserURN, Name: "undefinedYet"}} {
		wantError(t, b.BindPath(nil, &p, filter.Equal), 400, InvalidFilter)
	}
}

func TestBindFilter(t *testing.T) {
	user := testUser()
	for _, c := range []struct {
		text string
		kind ErrorType
	}{
		{`shoeSize eq "9"`, InvalidFilter},
		{`userName zz "x"`, InvalidFilter},
		{`userName eq "`, InvalidFilter},
		{`emails[shoe eq "9"].value eq "x"`, InvalidFilter},
		{strings.Repeat("(", 10000), InvalidFilter},
		{`password eq "x"`, Sensitive},
		{`userName eq "ana" and not (PASSWORD pr)`, Sensitive},
	} {
		_, err := user.BindFilter(c.text, Mode{})
		wantError(t, err, map[bool]int{true: 403, false: 400}[c.kind == Sensitive], c.kind)
	}
	m, seen := counting()
	if _, err := user.BindFilter(`externalId eq jyoung`, m); err != nil || len(*seen) != 1 || (*seen)[0] != "unquotedValue filter" {
		t.Errorf("Microsoft's own sample: %v, tolerated %q", err, *seen)
	}
	_, err := user.BindFilter(`externalId eq jyoung`, Mode{Strict: true})
	wantError(t, err, 400, InvalidFilter)
}

// A filter sees what a client sees of a resource.
func TestMatch(t *testing.T) {
	user := testUser()
	read, err := user.ReadNew(parse(t, entraUser), "U1", Mode{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		`userName eq "ANA.LIM@contoso.example"`:                               true,
		`externalId eq "f3c1a2b4-5d6e-4f70-8a9b-0c1d2e3f4a5b"`:                true,
		`externalId eq "F3C1A2B4-5d6e-4f70-8a9b-0c1d2e3f4a5b"`:                false,
		`id eq "U1" and manager eq "b7d1"`:                                    true,
		`manager eq "b7d1" and id eq "U1"`:                                    true,
		`id eq "U1" and manager eq "U2"`:                                      false,
		`emails[type eq "work"].value eq "ana.lim@contoso.example"`:           true,
		`emails[type eq "home"].value pr`:                                     false,
		`title ne "x"`:                                                        true,
		`nickName ne "x"`:                                                     true,
		EnterpriseUserURN + ` pr`:                                             true,
		AppspaceUserURN + ` pr`:                                               false,
		`emails eq "ana.lim@contoso.example"`:                                 true,
		EnterpriseUserURN + `:department sw "kit"`:                            true,
		`meta.created gt "2026-01-31T07:59:59Z"`:                              true,
		`meta.lastModified lt "2026-02-01T00:00:00.123Z"`:                     false,
		`meta.resourceType eq "User" and meta.version eq "W/\"7\""`:           true,
		`meta.location pr`:                                                    false,
		`schemas eq "` + UserURN + `"`:                                        true,
		`active eq true and title co "chef" and not (name.givenName eq "Bo")`: true,
	} {
		e, err := user.BindFilter(text, Mode{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		r := ana(string(read.Body()))
		if got, err := r.Match(e); got != want || err != nil {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		_, _ = r.Attributes()
		if got, err := r.Match(e); got != want || err != nil {
			t.Errorf("%s of what is decoded: %v, %v", text, got, err)
		}
	}
	e, _ := user.BindFilter(`userName pr`, Mode{})
	if _, err := ana("{").Match(e); err == nil {
		t.Error("a damaged body matches")
	}
}

// Vector of design 6.6: an Integer that was sent as text.
func TestMatchInteger(t *testing.T) {
	r := StoredResource("User", "U1", 1, []byte(`{"`+AppspaceUserURN+`":{"floor":"701"}}`))
	for text, want := range map[string]bool{`eq 701`: true, `eq "701"`: true, `gt 70`: true, `gt 7011`: false, `eq "70"`: false} {
		e, err := testUser().BindFilter(AppspaceUserURN+":floor "+text, Mode{})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := r.Match(e); got != want {
			t.Errorf("floor %s is %v", text, got)
		}
	}
}

func BenchmarkBindFilter(b *testing.B) {
	user := testUser()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := user.BindFilter(`userName eq "ana@example.com"`, Mode{}); err != nil {
			b.Fatal(err)
		}
	}
}
