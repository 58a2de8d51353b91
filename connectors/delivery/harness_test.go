package delivery

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"scimgate/connectors"
	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// store is a real directory.
type store interface {
	directory.Store
	directory.Deliveries
}

// stores are those that every test of the worker runs on.
var stores = []struct {
	name string
	open func(t testing.TB) store
}{
	{"sqlite", openSQLite},
	{"mongo", openMongo},
}

func openSQLite(tb testing.TB) store {
	tb.Helper()
	s, err := directory.OpenSQLite(tb.Context(), ":memory:")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// onEach runs a test on every store there is.
func onEach(t *testing.T, test func(h *harness)) {
	t.Helper()
	for _, s := range stores {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			test(newHarness(t, s.open(t)))
		})
	}
}

// harness is a worker over a real store, with an account that can fail.
type harness struct {
	testing.TB
	store   store
	worker  *Worker
	account *fakeAccount
	owed    []tenant.Slot // what a change is owed to
	stop    func()        // ends the worker, and waits

	patience time.Duration // that until has

	mu      sync.Mutex
	tenants map[tenant.ID]*tenant.Tenant
	targets map[tenant.ID]*fakeAccount
	seconds map[string]*fakeAccount // by the id of a connection beside the first
	rules   func(*tenant.Tenant) (*mapping.Rules, error)
	openErr error
	opened  int
}

const acme tenant.ID = "acme"

func newHarness(tb testing.TB, s store) *harness {
	tb.Helper()
	h := &harness{
		TB: tb, store: s, account: newFakeAccount(), owed: owed, patience: patience,
		tenants: make(map[tenant.ID]*tenant.Tenant), targets: make(map[tenant.ID]*fakeAccount),
	}
	h.rules = func(*tenant.Tenant) (*mapping.Rules, error) {
		return mapping.Identity(scim.Define(nil).Type("User")), nil
	}
	h.add(acme, h.account)
	h.worker = &Worker{
		Tenants: h, Work: s, Open: h.open,
		Rules: func(t *tenant.Tenant) (*mapping.Rules, error) { return h.rules(t) },
		Tune: Tuning{
			Sweep: 20 * time.Millisecond, Round: 20 * time.Millisecond, SendBy: 5 * time.Second, Timeout: 5 * time.Second, Grace: 2 * time.Second,
			Backoff: Backoff{Least: 4 * time.Millisecond, Most: 40 * time.Millisecond},
			Audit:   1e6,
		},
	}
	return h
}

// quick makes the times in which a request may land late short.
func (h *harness) quick() {
	h.worker.Tune.SendBy, h.worker.Tune.Timeout = 250*time.Millisecond, 250*time.Millisecond
	h.worker.Tune.Grace = 50 * time.Millisecond
}

// add gives the worker a tenant with one connection, to an account.
func (h *harness) add(id tenant.ID, account *fakeAccount) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tenants[id] = &tenant.Tenant{
		ID: id, Version: 1, RulesRev: 1,
		Connections: []tenant.Connection{{ID: "appspace", Kind: "appspace"}},
	}
	h.targets[id] = account
}

// edit changes a tenant as its store would.
func (h *harness) edit(id tenant.ID, change func(*tenant.Tenant)) {
	h.mu.Lock()
	t := *h.tenants[id]
	t.Connections = slices.Clone(t.Connections)
	change(&t)
	t.Version++
	h.tenants[id] = &t
	h.mu.Unlock()
	h.worker.Wake(id)
}

// Tenant implements Tenants.
func (h *harness) Tenant(_ context.Context, id tenant.ID) (*tenant.Tenant, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.tenants[id]; t != nil {
		return t, nil
	}
	return nil, tenant.ErrNotFound
}

// Tenants implements Tenants.
func (h *harness) Tenants(_ context.Context, after tenant.ID, limit int) ([]*tenant.Tenant, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var page []*tenant.Tenant
	for _, id := range slices.Sorted(maps.Keys(h.tenants)) {
		if id > after && len(page) < limit {
			page = append(page, h.tenants[id])
		}
	}
	return page, nil
}

// UpdateTenant implements Tenants.
func (h *harness) UpdateTenant(_ context.Context, id tenant.ID, edit func(*tenant.Tenant) error) (*tenant.Tenant, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	was, ok := h.tenants[id]
	if !ok {
		return nil, tenant.ErrNotFound
	}
	t := *was
	t.Connections = slices.Clone(t.Connections)
	if err := edit(&t); err != nil {
		return nil, err
	}
	t.Version++
	h.tenants[id] = &t
	return &t, nil
}

func (h *harness) open(_ context.Context, t *tenant.Tenant, c tenant.Connection) (connectors.Connector, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if second := h.seconds[c.ID]; second != nil {
		return second, nil
	}
	h.opened++
	return h.targets[t.ID], h.openErr
}

// start runs the worker until the test ends.
func (h *harness) start() {
	ctx, cancel := context.WithCancel(h.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.worker.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.Error(err)
		}
	})
	h.Cleanup(h.stop)
}

// user is a resource with one attribute that tests change.
func user(id, name, title string) *scim.Resource {
	return scim.NewResource("User", id, value.NewObject(
		value.Member{Name: "schemas", Value: value.List(value.NewText(scim.UserURN))},
		value.Member{Name: "id", Value: value.NewText(id)},
		value.Member{Name: "userName", Value: value.NewText(name)},
		value.Member{Name: "externalId", Value: value.NewText("for " + name)},
		value.Member{Name: "title", Value: value.NewText(title)},
		value.Member{Name: "active", Value: value.Truth(true)},
	))
}

func email(i int) string { return fmt.Sprintf("user%03d@example.com", i) }

func refOf(id string) directory.Ref { return directory.Ref{Kind: "User", ID: id} }

var owed = []tenant.Slot{0}

// create, change and remove accept requests of a tenant's client.
func (h *harness) create(id tenant.ID, r *scim.Resource) {
	h.Helper()
	if err := h.store.Create(h.Context(), id, r, h.owed); err != nil {
		h.Fatal(err)
	}
	h.worker.Wake(id)
}

func (h *harness) change(id tenant.ID, resource, attribute string, v value.Value) {
	h.Helper()
	_, err := h.store.Update(h.Context(), id, refOf(resource), h.owed, func(r *scim.Resource) (bool, error) {
		attributes, err := r.Attributes()
		if err != nil {
			return false, err
		}
		attributes = attributes.Clone()
		attributes.Set(attribute, v)
		r.SetAttributes(attributes)
		return true, nil
	})
	if err != nil {
		h.Fatal(err)
	}
	h.worker.Wake(id)
}

func (h *harness) retitle(id tenant.ID, resource, title string) {
	h.Helper()
	h.change(id, resource, "title", value.NewText(title))
}

func (h *harness) remove(id tenant.ID, resource string) {
	h.Helper()
	if err := h.store.Delete(h.Context(), id, refOf(resource), h.owed, nil); err != nil {
		h.Fatal(err)
	}
	h.worker.Wake(id)
}

func (h *harness) delivery(id tenant.ID, resource string) *directory.Item {
	h.Helper()
	return h.deliveryAt(id, 0, resource)
}

func (h *harness) deliveryAt(id tenant.ID, s tenant.Slot, resource string) *directory.Item {
	h.Helper()
	item, err := h.store.Delivery(h.Context(), id, s, refOf(resource))
	if err != nil {
		h.Fatal(err)
	}
	return item
}

// until waits for something to become true.
func (h *harness) until(what string, done func() bool) {
	h.Helper()
	deadline := time.After(h.patience)
	for !done() {
		select {
		case <-deadline:
			h.Fatalf("still not: %s", what)
		case <-time.After(2 * time.Millisecond):
		}
	}
}

func (h *harness) untilState(id tenant.ID, resource string, want directory.State) directory.Delivery {
	h.Helper()
	var item *directory.Item
	defer func() {
		if h.Failed() {
			h.Logf("%+v, intent %+v, verify %+v, failure %+v", item, item.Delivery.Intent, item.Delivery.Verify, item.Delivery.Failure)
		}
	}()
	h.until(fmt.Sprintf("%s is %s", resource, want), func() bool {
		item = h.delivery(id, resource)
		return item.Delivery.State == want
	})
	if d := item.Delivery; want == directory.Clean && (d.Delivered != item.Version || d.Intent != nil || d.Verify != nil) {
		h.Fatalf("clean, but %+v at version %d", d, item.Version)
	}
	return item.Delivery
}

// quietly asserts that something stays true for a while.
func (h *harness) quietly(what string, holds func() bool) {
	h.Helper()
	over := time.After(60 * time.Millisecond)
	for {
		if !holds() {
			h.Fatalf("not any more: %s", what)
		}
		select {
		case <-over:
			return
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// holds asserts that the account holds a user with that title.
func (h *harness) holds(name, title string) {
	h.Helper()
	u := h.account.user(h.TB, name)
	if u == nil {
		h.Fatalf("the account does not have %s", name)
	}
	if got, _ := u.attributes.Get("title"); got.Text() != title {
		h.Errorf("the account has %s as %q, want %q", name, got.Text(), title)
	}
}
