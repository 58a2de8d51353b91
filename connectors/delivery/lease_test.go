package delivery

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// leases are real ones, on the kind of store that the harness has.
func (h *harness) leases() tenant.Leases {
	h.Helper()
	if _, ok := h.store.(*directory.Mongo); ok {
		return openMongoLeases(h.TB)
	}
	s, err := tenant.OpenSQLite(h.Context(), ":memory:")
	if err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = s.Close() })
	return s
}

// mortal are the leases of a process that can be killed: from then on it tells
// nobody anything.
type mortal struct {
	tenant.Leases
	dead atomic.Bool
}

func (m *mortal) ReleaseLease(ctx context.Context, id tenant.ID, term string) error {
	if m.dead.Load() {
		return nil
	}
	return m.Leases.ReleaseLease(ctx, id, term)
}

// crew is several workers over one store, and who of them pushed what.
type crew struct {
	*harness
	leases tenant.Leases
	mu     sync.Mutex
	served map[tenant.ID]map[int]int // pushes by tenant and worker
}

// member is one process of the crew.
type member struct {
	*Worker
	leases *mortal
	stop   func()
}

func newCrew(h *harness, tenants int) *crew {
	c := &crew{harness: h, leases: h.leases(), served: map[tenant.ID]map[int]int{}}
	for i := range tenants {
		h.add(tenantName(i), newFakeAccount())
	}
	return c
}

func tenantName(i int) tenant.ID { return tenant.ID(fmt.Sprintf("t%02d", i)) }

// start runs the n-th worker.
func (c *crew) start(n int) *member {
	m := &member{leases: &mortal{Leases: c.leases}}
	m.Worker = &Worker{
		Tenants: c.harness, Work: c.store, Rules: c.worker.Rules, Tune: c.worker.Tune, Leases: m.leases,
		Open: func(ctx context.Context, t *tenant.Tenant, conn tenant.Connection) (connectors.Connector, error) {
			opened, err := c.open(ctx, t, conn)
			return &counting{opened, func() { c.count(t.ID, n) }}, err
		},
	}
	ctx, cancel := context.WithCancel(c.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); _ = m.Run(ctx) }()
	m.stop = sync.OnceFunc(func() { cancel(); <-ended })
	c.Cleanup(m.stop)
	return m
}

// counting tells of each push.
type counting struct {
	connectors.Connector
	pushed func()
}

func (c *counting) Put(ctx context.Context, o connectors.Object) (connectors.Receipt, error) {
	c.pushed()
	return c.Connector.Put(ctx, o)
}

func (c *crew) count(id tenant.ID, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.served[id] == nil {
		c.served[id] = map[int]int{}
	}
	c.served[id][n]++
}

// accept stores a new user of each tenant and hints to nobody.
func (c *crew) accept(tenants int, id string) {
	c.Helper()
	for i := range tenants {
		if err := c.store.Create(c.Context(), tenantName(i), user(id, id+"@example.com", "0"), owed); err != nil {
			c.Fatal(err)
		}
	}
}

func (c *crew) delivered(tenants int, id string) {
	c.Helper()
	for i := range tenants {
		c.untilState(tenantName(i), id, directory.Clean)
	}
}

// Two workers share fifty tenants, each served by one of them.
func TestWorkersShareTenants(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Lease, h.worker.Tune.Sweep = time.Hour, time.Second
		c := newCrew(h, 50)
		first, second := c.start(1), c.start(2)
		for round := range 5 {
			c.accept(50, fmt.Sprint("u", round))
			c.call(50, first, second)
			c.delivered(50, fmt.Sprint("u", round))
		}
		if shares := c.share(50); shares[1] == 0 || shares[2] == 0 {
			t.Errorf("the tenants are not shared: %v", shares)
		}
	})
}

// call hints at each tenant to both workers, now to the one first, now to the other.
func (c *crew) call(tenants int, members ...*member) {
	for i := range tenants {
		members[i%2].Wake(tenantName(i))
		members[1-i%2].Wake(tenantName(i))
	}
}

// When one worker dies the other has its tenants within the time that a lease
// lasts, a sweep and half a sweep.
func TestWorkersTakeOver(t *testing.T) {
	onEach(t, func(h *harness) {
		const tenants = 50
		h.worker.Tune.Lease, h.worker.Tune.Sweep, h.worker.Tune.Linger = time.Second, 100*time.Millisecond, time.Hour
		c := newCrew(h, tenants)
		first, second := c.start(1), c.start(2)
		c.accept(tenants, "before")
		c.call(tenants, first, second)
		c.delivered(tenants, "before")
		first.leases.dead.Store(true)
		first.stop()
		c.accept(tenants, "after")
		began := time.Now()
		c.delivered(tenants, "after")
		bound := h.worker.Tune.Lease + h.worker.Tune.Sweep*5/4 + h.worker.Tune.Sweep/2
		took := time.Since(began)
		t.Logf("%d tenants, those of the dead too, were served after %v; the bound is %v", tenants, took, bound)
		if took > bound+10*time.Second { // what the machine is busy with besides
			t.Errorf("taken over after %v, the bound is %v", took, bound)
		}
	})
}

// share counts the tenants that each worker serves, and fails where two did.
func (c *crew) share(tenants int) map[int]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	shares := map[int]int{}
	for i := range tenants {
		by := c.served[tenantName(i)]
		if len(by) != 1 {
			c.Errorf("%s was served by %v", tenantName(i), by)
		}
		for n := range by {
			shares[n]++
		}
	}
	return shares
}

// An orderly end gives the tenants back at once, however long a lease lasts.
func TestLeasesEndWithTheWorker(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Lease = time.Hour
		c := newCrew(h, 5)
		first := c.start(1)
		c.accept(5, "before")
		c.delivered(5, "before")
		second := c.start(2)
		first.stop()
		c.accept(5, "after")
		second.Wake(tenantName(0))
		c.delivered(5, "after")
	})
}

// A worker that has lost its lease begins no push until it has it again.
func TestNoPushWithoutTheLease(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Lease = 200 * time.Millisecond
		c := newCrew(h, 1)
		c.start(1)
		c.accept(1, "before")
		c.delivered(1, "before")
		var term string
		h.until("another process has the tenant", func() bool { // the worker has nothing to do, and lets it run out
			var err error
			if term, err = c.leases.AcquireLease(h.Context(), tenantName(0), "another", time.Hour); err != nil {
				h.Fatal(err)
			}
			return term != ""
		})
		c.accept(1, "after")
		h.quietly("nothing is pushed", func() bool { return h.delivery(tenantName(0), "after").Delivery.State == directory.Due })
		if err := c.leases.ReleaseLease(h.Context(), tenantName(0), term); err != nil {
			h.Fatal(err)
		}
		c.delivered(1, "after")
	})
}

// A busy worker keeps its lease for longer than one lasts.
func TestLeaseIsRenewed(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Lease = time.Second
		c := newCrew(h, 1)
		release := make(chan struct{})
		defer close(release)
		h.targets[tenantName(0)].told(func(ctx context.Context, call call) *answer {
			if call.ID == "slow" {
				return hold(ctx, release)
			}
			return nil
		})
		c.start(1)
		c.accept(1, "slow")
		h.until("the slow one is under way", func() bool { return len(h.targets[tenantName(0)].heard(nil)) > 0 })
		for range 15 {
			if term, err := c.leases.AcquireLease(h.Context(), tenantName(0), "another", time.Hour); err != nil || term != "" {
				h.Fatalf("the lease was not renewed: %q, %v", term, err)
			}
			<-time.After(100 * time.Millisecond)
		}
	})
}
