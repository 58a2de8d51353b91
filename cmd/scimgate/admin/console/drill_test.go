package console

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"scimgate/cmd/scimgate/entra"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// everything is what the account has, by kind.
func (d *desk) everything(kind string) []*scim.Resource {
	d.Helper()
	page, err := d.stores.resources.List(d.Context(), "acme", directory.Query{Kind: kind, StartIndex: 1, Count: 1000})
	d.must(err)
	return page.Resources
}

// owed is how much is due at the account.
func (d *desk) owed() int {
	d.Helper()
	due, err := d.stores.resources.Deliveries(d.Context(), "acme", 0, directory.Due, 1000)
	d.must(err)
	return len(due)
}

// The drill goes the way that identity providers go, owes the account nothing, and
// leaves nothing behind.
func TestDrillOfOurs(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	users, groups, owed := len(d.everything("User")), len(d.everything("Group")), d.owed()
	b := d.as(&person{Role: Administrator, Tenant: "acme"})
	b.post("/accounts/acme/drill", nil).reads(t, "drilled", "rows pass", "requests in")
	if got := d.everything("User"); len(got) != users || len(d.everything("Group")) != groups {
		t.Errorf("%d users before, %d after", users, len(got))
	}
	if n := d.owed(); n != owed {
		t.Errorf("%d were owed, now %d", owed, n)
	}
	tokens, err := d.Service.Tokens(t.Context(), "acme")
	if err != nil || len(tokens) != 1 {
		t.Errorf("%d tokens: %v", len(tokens), err)
	}
	c := d.told()[0]
	if !strings.HasSuffix(c.Operation, "/drill") || !strings.Contains(c.Note, "rows pass") {
		t.Errorf("told as %+v", c)
	}
}

// What a drill left is removed by the next one once it cannot be under way any more,
// and nobody else whatever the name.
func TestWhatADrillLeft(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	for i, id := range []string{scim.DrillPrefix + "young", "u7"} {
		r := scim.NewResource("User", id, value.NewObject(member("id", id), member("userName", fmt.Sprintf("%s%d", entra.DrillNames, i))))
		d.must(d.stores.resources.Create(t.Context(), "acme", r, []tenant.Slot{0}))
	}
	b := d.as(&person{Role: Operator})
	b.post("/accounts/acme/drill", nil)
	found := map[string]bool{}
	for _, r := range d.everything("User") {
		found[r.ID] = true
	}
	if !found["u7"] || !found[scim.DrillPrefix+"young"] {
		t.Errorf("there are %v at %v", found, time.Now())
	}
}
