package scim

import (
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
		{in: filter.Path{Name: "emails"}, op: 0, want: filter.Path{Name: "emails", Type: filter.Complex}},
		{in: filter.Path{Name: "Emails", Filter: work, Sub: "Value"}, op: 0, want: filter.Path{Name: "emails", Filter: work, Sub: "value"}},
		{in: filter.Path{Name: "title", Filter: work}, op: 0, err: InvalidPath},
		{in: filter.Path{Name: "x509Certificates"}, op: filter.Greater, err: InvalidFilter},
		{in: filter.Path{URN: UserURN, Name: "title"}, op: filter.Equal, want: filter.Path{Name: "title"}},
		{in: filter.Path{URN: "URN:ietf:params:scim:schemas:extension:enterprise:2.0:USER", Name: "Department"}, op: filter.Equal, want: filter.Path{URN: ent, Name: "department"}},
		{in: filter.Path{URN: ent, Name: "manager"}, op: filter.Equal, want: filter.Path{URN: ent, Name: "manager", Sub: "value", Type: filter.ExactText}},
		{in: filter.Path{Name: "manager"}, op: filter.Equal, want: filter.Path{URN: ent, Name: "manager", Sub: "value", Type: filter.ExactText}},
		{in: filter.Path{URN: ent[:len(ent)-5], Name: "user"}, op: 0, want: filter.Path{URN: ent, Type: filter.Complex}},
		{in: filter.Path{URN: ent[:len(ent)-5], Name: "user"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{URN: aps, Name: "FLOOR"}, op: filter.Greater, want: filter.Path{URN: aps, Name: "floor", Type: filter.Numeric}},
		{in: filter.Path{URN: aps, Name: "undefinedYet"}, op: filter.Equal, want: filter.Path{URN: aps, Name: "undefinedYet"}},
		{in: filter.Path{URN: aps, Name: "undefined", Sub: "sub"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{URN: ent, Name: "shoeSize"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{URN: "urn:x", Name: "title"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{Name: "shoeSize"}, op: filter.Equal, err: InvalidFilter},
		{in: filter.Path{Name: "shoeSize"}, op: 0, err: InvalidPath},
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
