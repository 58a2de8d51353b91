package gateway

import (
	"testing"
	"time"

	"scimgate/scim/value"
	"scimgate/tenant"
)

// Rules are compiled once a version. Whoever takes a deleted tenant's slug is not
// given its rules, though the number of the version is the same.
func TestRulesAreThoseOfTheTenant(t *testing.T) {
	kept := newRules()
	titleOf := func(x *tenant.Tenant) string {
		t.Helper()
		m, err := kept.of(x)
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Project(value.NewObject(value.Member{Name: "userName", Value: value.NewText("a@x.io")}), false)
		if err != nil {
			t.Fatal(err)
		}
		title, _ := p.Get("title")
		return title.Text()
	}
	staff := func(title string) []byte {
		return []byte(`{"rules":[{"target":"title","type":"Constant","value":"` + title + `"}]}`)
	}
	first := &tenant.Tenant{ID: "acme", Created: time.Unix(1, 0), RulesRev: 1, Rules: staff("A")}
	next := &tenant.Tenant{ID: "acme", Created: time.Unix(2, 0), RulesRev: 1, Rules: staff("B")}
	later := &tenant.Tenant{ID: "acme", Created: time.Unix(2, 0), RulesRev: 2}
	for i, want := range []string{"A", "A", "B", ""} {
		if got := titleOf([]*tenant.Tenant{first, first, next, later}[i]); got != want {
			t.Errorf("%d: the title is %q, want %q", i, got, want)
		}
	}
	if _, err := kept.of(&tenant.Tenant{ID: "acme", RulesRev: 3, Rules: []byte(`{`)}); err == nil {
		t.Error("rules that cannot be read are in force")
	}
}
