package delivery

import (
	"context"
	cryptorand "crypto/rand"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"scimgate/connectors"
	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Tenants is what a Worker needs of a tenant.Store. Its answers must be the
// tenants as they are stored now: a cached one could miss a new set of rules.
type Tenants interface {
	// Tenant returns one tenant, or tenant.ErrNotFound.
	Tenant(ctx context.Context, id tenant.ID) (*tenant.Tenant, error)
	// Tenants returns up to limit tenants with an id greater than after, by id.
	Tenants(ctx context.Context, after tenant.ID, limit int) ([]*tenant.Tenant, error)
	// UpdateTenant applies edit to the tenant as it is stored.
	UpdateTenant(ctx context.Context, id tenant.ID, edit func(*tenant.Tenant) error) (*tenant.Tenant, error)
}

// Work is what a Worker needs of the directory: its work list, and a look at a
// resource that it does not claim.
type Work interface {
	directory.Deliveries
	// Get returns one resource, or directory.ErrNotFound.
	Get(ctx context.Context, t tenant.ID, ref directory.Ref) (*scim.Resource, error)
	// List answers a Query.
	List(ctx context.Context, t tenant.ID, q directory.Query) (*directory.Page, error)
	// Members returns up to limit members of a group, after one and by id.
	Members(ctx context.Context, t tenant.ID, group, after string, limit int) ([]directory.Member, error)
}

// Worker brings accounts to what the directory holds. Fill in the first group of
// fields and call Run. Its methods may be called concurrently; its fields must
// not change after the first call.
type Worker struct {
	Tenants Tenants
	Work    Work
	// Open opens a connection; it is called again when the tenant has changed.
	Open func(ctx context.Context, t *tenant.Tenant, c tenant.Connection) (connectors.Connector, error)
	// Rules compiles a tenant's rules; it is called again when the tenant has changed.
	Rules func(t *tenant.Tenant) (*mapping.Rules, error)
	// Leases share the tenants among several workers; nil: this is the only one.
	Leases tenant.Leases
	// Notes tell the other processes of the breakers, and this one when it is started
	// anew; nil: each finds out by itself.
	Notes tenant.Notes
	// Departures count who leaves. Nil: no mass-change guard.
	Departures tenant.Counter
	// Alert tells an operator at once, beside the log; nil: the log alone. It must
	// not block.
	Alert func(ctx context.Context, a Alert)
	// Pacer paces the connections that have a pace; nil paces nobody.
	Pacer Pacer
	// Throttled is told when an account asks for patience, for as long, so that other
	// workers have it too (see Hold). It must not block; nil tells nobody.
	Throttled func(id tenant.ID, slot tenant.Slot, d time.Duration)
	// Watch sees the attempts; nil sees nothing.
	Watch Watcher

	Log  *slog.Logger     // nil: nothing is logged
	Now  func() time.Time // nil: time.Now
	Tune Tuning

	mu       sync.Mutex
	life     *life                  // nil while nothing runs
	accounts map[tenant.ID]*account // those with something to do
	working  sync.WaitGroup         // the accounts' goroutines
	shown    shown                  // the breakers, for whoever asks
}

// Tuning is the Worker's measures. A zero takes the value named.
type Tuning struct {
	Pushes  int           // at a time to one connection: 8
	Flying  int           // at a time over all tenants, handed out in turn: 512
	Tenants int           // served at a time: 10,000. Others wait for the next sweep
	Sweep   time.Duration // between two looks at everything that is owed, ± a quarter: 5 s
	Round   time.Duration // between two looks at which tenants wait for a resync: 1 min
	SendBy  time.Duration // from before a claim to the last moment a request may start: 10 s
	Timeout time.Duration // that the connector's client gives one request: 10 s
	Grace   time.Duration // after which a request that nobody waits for has landed or died: 1 min
	Linger  time.Duration // that a tenant without work keeps its connections open: 1 min
	Keep    time.Duration // that what has left stays known, for who comes back: 30 days
	Lease   time.Duration // for which a tenant is held, renewed each third of it: 20 s
	Drain   time.Duration // for pushes under way to end when Run's context has: 10 s
	Backoff Backoff
	Audit   float64 // requests a second that an audit asks an account: 5
	Patrol  Patrol
}

func (t Tuning) filled() Tuning {
	t.Pushes = or(t.Pushes, 8)
	t.Flying = or(t.Flying, 512)
	t.Tenants = or(t.Tenants, 10_000)
	t.Sweep = or(t.Sweep, 5*time.Second)
	t.Round = or(t.Round, time.Minute)
	t.SendBy = or(t.SendBy, 10*time.Second)
	t.Timeout = or(t.Timeout, 10*time.Second)
	t.Grace = or(t.Grace, time.Minute)
	t.Linger = or(t.Linger, time.Minute)
	t.Keep = or(t.Keep, 30*24*time.Hour)
	t.Lease = or(t.Lease, 20*time.Second)
	t.Drain = or(t.Drain, 10*time.Second)
	t.Backoff = t.Backoff.filled()
	t.Audit = or(t.Audit, 5)
	t.Patrol = t.Patrol.filled()
	return t
}

func or[N int | float64 | time.Duration](n, otherwise N) N {
	if n > 0 {
		return n
	}
	return otherwise
}

// life is one call of Run.
type life struct {
	Tuning
	ctx   context.Context // ends when nothing new may begin
	grace context.Context // ends when what is under way must stop
	log   *slog.Logger
	now   func() time.Time
	pace  *pace
	owner string // of leases

	serving atomic.Int64 // accounts that are served
}

func (w *Worker) clock() func() time.Time {
	if w.Now != nil {
		return w.Now
	}
	return time.Now
}

// random returns a number of [0, 1).
func (*life) random() float64 {
	return rand.Float64()
}

// Run delivers until ctx ends. What is under way then gets Tuning.Drain to end
// properly; Run returns when everything that it started has ended. A worker that
// is already running is an error; nothing else is, because what fails is tried
// again.
func (w *Worker) Run(ctx context.Context) error {
	l, stop, err := w.begin(ctx)
	if err != nil {
		return err
	}
	defer stop()
	w.working.Go(func() { w.patrol(l) })
	for round := (time.Time{}); ctx.Err() == nil; {
		w.sweep(l)
		if now := l.now(); now.Sub(round) >= l.Round {
			w.round(l)
			w.purge(l)
			round = now
		}
		select {
		case <-ctx.Done():
		case <-time.After(l.Sweep*3/4 + time.Duration(l.random()*float64(l.Sweep)/2)):
		}
	}
	w.mu.Lock()
	w.life = nil
	w.mu.Unlock()
	w.working.Wait()
	return nil
}

func (w *Worker) begin(ctx context.Context) (*life, func(), error) {
	grace, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &life{Tuning: w.Tune.filled(), ctx: ctx, grace: grace, log: w.Log, now: w.clock(), owner: cryptorand.Text()}
	l.pace = &pace{free: l.Flying}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life != nil {
		cancel()
		return nil, nil, errors.New("delivery: the worker runs already")
	}
	w.life, w.accounts = l, make(map[tenant.ID]*account)
	forget := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(l.Drain, cancel)
		context.AfterFunc(grace, func() { timer.Stop() })
	})
	return l, func() { forget(); cancel() }, nil
}

// Wake hints that a tenant has something due. It never blocks, and it may be
// called at any rate: hints that nobody has followed yet are one. A hint that is
// lost costs time only, until the next sweep.
func (w *Worker) Wake(id tenant.ID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.life == nil {
		return
	}
	a := w.accounts[id]
	if a == nil {
		if len(w.accounts) >= w.life.Tenants {
			return
		}
		a = newAccount(w, w.life, id)
		w.accounts[id] = a
		w.working.Go(a.run)
	}
	select {
	case a.hint <- struct{}{}:
	default:
	}
}

// retire ends an account that has nothing to do, unless a hint just came.
func (w *Worker) retire(a *account) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(a.hint) > 0 {
		return false
	}
	if w.accounts[a.id] == a {
		delete(w.accounts, a.id)
		w.shown.forget(a.id)
	}
	return true
}

// sweep wakes every tenant that has something due. This is the truth that hints
// only hasten.
func (w *Worker) sweep(l *life) {
	const page = 256
	for after := tenant.ID(""); l.ctx.Err() == nil; {
		ids, err := w.Work.Owing(l.ctx, after, l.now(), page)
		if err != nil {
			l.log.ErrorContext(l.ctx, "the sweeper cannot read what is owed", "error", err)
			return
		}
		for _, id := range ids {
			w.Wake(id)
		}
		if len(ids) < page {
			return
		}
		after = ids[len(ids)-1]
	}
}
