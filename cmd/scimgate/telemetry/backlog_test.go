package telemetry

import (
	"context"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// debts are what tenants are owed, as a store would answer.
type debts struct {
	due   map[tenant.ID]int
	since time.Time
	calls int
	gone  tenant.ID // a tenant that is not there any more
}

func (d *debts) Having(_ context.Context, state directory.State, after tenant.ID, limit int) (all []tenant.ID, err error) {
	for id := range d.due {
		if state == directory.Due && id > after {
			all = append(all, id)
		}
	}
	slices.Sort(all)
	return all[:min(limit, len(all))], nil
}

func (d *debts) Count(_ context.Context, id tenant.ID, _ tenant.Slot, state directory.State, limit int) (int, error) {
	d.calls++
	if state != directory.Due {
		return 0, nil
	}
	return min(d.due[id], limit), nil
}

func (d *debts) NextDue(context.Context, tenant.ID, tenant.Slot) (time.Time, error) {
	return time.Now().Add(time.Hour), nil
}

func (d *debts) Deliveries(context.Context, tenant.ID, tenant.Slot, directory.State, int) ([]directory.Item, error) {
	return []directory.Item{{}, {Delivery: directory.Delivery{Since: d.since}}}, nil
}

func (d *debts) Tenant(_ context.Context, id tenant.ID) (*tenant.Tenant, error) {
	if id == d.gone {
		return nil, tenant.ErrNotFound
	}
	return &tenant.Tenant{ID: id, Connections: []tenant.Connection{{Slot: 2}}}, nil
}

// One look is bounded; several make a round, after which what is owed no more is
// gone.
func TestBacklogGoesRound(t *testing.T) {
	d := &debts{due: map[tenant.ID]int{}, since: time.Now().Add(-time.Hour), gone: "t00003"}
	for i := range 600 {
		d.due[tenant.ID(fmt.Sprintf("t%05d", i))] = i + 1
	}
	b := &Backlog{Owed: d, Tenants: d}
	for look, want := range []int{256, 512, 600} {
		b.look(t.Context())
		if n := len(b.shown); n != want {
			t.Fatalf("after look %d it shows %d tenants, want %d", look, n, want)
		}
	}
	if d.calls > 3*600 {
		t.Errorf("counted %d times", d.calls)
	}
	all, each, ok := b.sum()
	if want := 600*601/2 - 4; !ok || all.counts[0] != want || each[0].id != "t00599" || len(each) != 599 {
		t.Errorf("in all %v, want %d; the longest is %v", all.counts, want, each[0])
	}
	if age := time.Since(all.oldest); age < time.Hour || age > time.Hour+time.Minute {
		t.Errorf("the oldest is %v old", age)
	}
	d.due = map[tenant.ID]int{"t00001": 1}
	b.look(t.Context())
	if all, each, _ := b.sum(); all.total() != 1 || len(each) != 1 {
		t.Errorf("paid, and still %v", all.counts)
	}
}

// others have the lease.
type others struct{ tenant.Leases }

func (others) AcquireLease(context.Context, tenant.ID, string, time.Duration) (string, error) {
	return "", nil
}

// Who does not look shows nothing, so that nothing is counted twice.
func TestBacklogOfAnotherProcess(t *testing.T) {
	d := &debts{due: map[tenant.ID]int{"acme": 1}}
	b := &Backlog{Owed: d, Tenants: d}
	b.look(t.Context())
	b.Leases = others{}
	b.look(t.Context())
	if _, each, ok := b.sum(); ok || len(each) > 0 {
		t.Errorf("shown %v", each)
	}
}

// Only the longest have metrics of their own, unless all are to.
func TestTenantsAreBounded(t *testing.T) {
	d := &debts{due: map[tenant.ID]int{}}
	for i := range 50 {
		d.due[tenant.ID(fmt.Sprintf("t%02d", i))] = i + 1
	}
	for all, want := range map[bool]int{false: longest, true: 50} {
		b := &Backlog{Owed: d, Tenants: d}
		b.look(t.Context())
		o := open(t, Options{AllTenants: all})
		if err := o.Observe(Sources{Backlog: b}); err != nil {
			t.Fatal(err)
		}
		page := httptest.NewRecorder()
		o.Handler().ServeHTTP(page, httptest.NewRequest("GET", "/metrics", nil))
		if n := strings.Count(page.Body.String(), "scimgate_delivery_tenant_oldest_age_seconds{"); n != want {
			t.Errorf("all %v: %d tenants shown, want %d", all, n, want)
		}
		if !strings.Contains(page.Body.String(), `scimgate_delivery_tenant_backlog{state="due",tenant="t49"} 50`) {
			t.Error("the longest is not shown")
		}
	}
}
