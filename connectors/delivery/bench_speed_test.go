package delivery

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// instant is an account that takes everything at once and keeps nothing.
type instant struct{ connectors.Connector }

func (instant) Put(_ context.Context, o connectors.Object) (connectors.Receipt, error) {
	return connectors.Receipt{RemoteID: o.ID, Sent: []string{"userName"}}, nil
}

const (
	speedTenants = 16
	speedUsers   = 500 // of each
)

// BenchmarkPushes is how many pushes a second one worker drives against accounts
// that answer at once, over SQLite in memory, beside the floor: a bare loop of the
// same claim, push and commit with as many at a time. It fails below 2,000 pushes/s
// that are less than 60 % of the floor, too.
func BenchmarkPushes(b *testing.B) {
	for range b.N {
		h := newHarness(b, openSQLite(b))
		h.fill()
		began := time.Now()
		h.bare()
		floor := time.Since(began)
		h.refill()
		h.worker.Tune = Tuning{Sweep: 50 * time.Millisecond}
		h.worker.Open = func(context.Context, *tenant.Tenant, tenant.Connection) (connectors.Connector, error) {
			return instant{}, nil
		}
		began = time.Now()
		h.start()
		h.until("all is delivered", func() bool {
			owing, err := h.store.Owing(h.Context(), "", time.Now(), 1)
			return err == nil && len(owing) == 0
		})
		took := time.Since(began)
		h.stop()
		const n = speedTenants * speedUsers
		b.ReportMetric(n/took.Seconds(), "pushes/s")
		b.ReportMetric(n/floor.Seconds(), "floor/s")
		b.ReportMetric(floor.Seconds()/took.Seconds()*100, "%floor")
		if n/took.Seconds() < 2000 && floor.Seconds() < 0.6*took.Seconds() {
			b.Errorf("%.0f pushes/s, %.0f %% of a bare loop", n/took.Seconds(), floor.Seconds()/took.Seconds()*100)
		}
	}
}

func speedTenant(i int) tenant.ID { return tenant.ID(fmt.Sprintf("t%02d", i)) }

func (h *harness) fill() {
	for i := range speedTenants {
		h.add(speedTenant(i), nil)
		for n := range speedUsers {
			if err := h.store.Create(h.Context(), speedTenant(i), user(fmt.Sprint("u", n), email(n), "0"), owed); err != nil {
				h.Fatal(err)
			}
		}
	}
}

// refill has everything due again, as after new rules: updates.
func (h *harness) refill() {
	all := func(directory.Item, *scim.Resource) (bool, error) { return true, nil }
	for i := range speedTenants {
		if _, err := h.store.Replay(h.Context(), speedTenant(i), 0, []string{"User"}, all, time.Now()); err != nil {
			h.Fatal(err)
		}
	}
}

// bare delivers everything by claim, push and commit alone, eight at a time of
// each tenant: updates, as the worker will have to.
func (h *harness) bare() {
	var all sync.WaitGroup
	for i := range speedTenants {
		refs := make(chan directory.Ref, speedUsers)
		for n := range speedUsers {
			refs <- refOf(fmt.Sprint("u", n))
		}
		close(refs)
		for range 8 {
			all.Go(func() {
				for ref := range refs {
					h.bareOne(speedTenant(i), ref)
				}
			})
		}
	}
	all.Wait()
}

func (h *harness) bareOne(id tenant.ID, ref directory.Ref) {
	now := time.Now()
	intent := directory.Intent{ID: ref.ID, Op: directory.Updating, QuietUntil: now.Add(time.Minute)}
	c, err := h.store.Claim(h.Context(), id, 0, ref, intent, now)
	if err != nil {
		h.Error(err)
		return
	}
	receipt, _ := instant{}.Put(h.Context(), connectors.Object{ID: ref.ID})
	attempt := &directory.Attempt{Connection: "appspace", Op: directory.ToUpdate, Outcome: directory.WasDone}
	done := &directory.Done{RemoteID: receipt.RemoteID, Sent: receipt.Sent}
	if err := h.store.Commit(h.Context(), c, directory.Outcome{Done: done, Attempt: attempt}); err != nil {
		h.Error(err)
	}
}

// BenchmarkAcceptedToDelivered is the time from an accepted creation to its being
// delivered, at 200 changes/s over 100 tenants, whose accounts answer in 10 ms. It
// fails from a median of 50 ms, and a p99 of 250 ms, on.
func BenchmarkAcceptedToDelivered(b *testing.B) {
	for range b.N {
		h := newHarness(b, openSQLite(b))
		h.worker.Tune = Tuning{Sweep: time.Second}
		for i := range 100 {
			account := newFakeAccount()
			account.told(slow(10 * time.Millisecond))
			h.add(tenant.ID(fmt.Sprintf("t%03d", i)), account)
		}
		h.start()
		times := h.drive(100, 100, 1000, 5*time.Millisecond)
		h.stop()
		slices.Sort(times)
		p50, p99 := times[len(times)/2], times[len(times)*99/100]
		b.ReportMetric(float64(p50.Microseconds())/1000, "p50-ms")
		b.ReportMetric(float64(p99.Microseconds())/1000, "p99-ms")
		if p50 >= 50*time.Millisecond || p99 >= 250*time.Millisecond {
			b.Errorf("p50 %v, p99 %v", p50, p99)
		}
	}
}
