package directory

import (
	"fmt"
	"testing"
	"time"

	"scimgate/tenant"
)

// 100,000 parked (10,000 in MongoDB) and one due: the one is found at once (that
// an index finds it is shown by TestStatementsAreIndexed).
func TestOwingBesideParked(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now, many := soon().Add(time.Hour), 100_000 // a busy machine needs more than a minute for them
		if _, ok := s.(*Mongo); ok {
			many = 10_000
		}
		parkMany(t, s, many, now)
		if parked, err := s.Deliveries(t.Context(), acme, 0, Parked, 2*many); err != nil || len(parked) != many {
			t.Fatalf("%d parked, %v", len(parked), err)
		}
		if owing, err := s.Owing(t.Context(), "", now, 10); err != nil || len(owing) != 0 {
			t.Errorf("only parked, but owing: %v, %v", owing, err)
		}
		ref := create(t, s, acme, user(t, "due", "due", ""), 0)
		began := time.Now()
		owing, err := s.Owing(t.Context(), "", now, 10)
		got := due(t, s, now)
		t.Logf("found beside %d in %v", many, time.Since(began))
		if err != nil || len(owing) != 1 || owing[0] != acme {
			t.Errorf("owing: %v, %v", owing, err)
		}
		if len(got) != 1 || got[0] != ref {
			t.Errorf("due: %v", got)
		}
	})
}

func TestWorkListOrder(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		now := soon()
		a := create(t, s, acme, user(t, newID(), "a", ""), 0)
		time2 := create(t, s, acme, user(t, newID(), "b", `,"active":false`), 0)
		if err := s.Delete(t.Context(), acme, create(t, s, acme, user(t, newID(), "c", ""), 0), slot0, nil); err != nil {
			t.Fatal(err)
		}
		got := due(t, s, now)
		if len(got) != 3 || got[0] != time2 || got[2] != a {
			t.Errorf("leaving does not go first: %v", got)
		}
		if one, err := s.DueNow(t.Context(), acme, 0, now, 1); err != nil || len(one) != 1 || one[0] != time2 {
			t.Errorf("limited to one: %v, %v", one, err)
		}
		for _, who := range []tenant.ID{"b-corp", "b", "zeta", "acme-2"} {
			create(t, s, who, user(t, newID(), "x", ""), 3)
		}
		create(t, s, "b", user(t, newID(), "y", ""), 0)
		for i, who := range []tenant.ID{"zeta-2", "zeta-2", "zeta-3"} {
			create(t, s, who, user(t, newID(), fmt.Sprint(i), ""), 3)
		}
		for _, q := range []struct {
			after tenant.ID
			limit int
			want  string
		}{
			{"", 10, "[acme acme-2 b b-corp zeta zeta-2 zeta-3]"},
			{"", 2, "[acme acme-2]"},
			{"acme", 2, "[acme-2 b]"},
			{"acme-2", 3, "[b b-corp zeta]"},
			{"b", 2, "[b-corp zeta]"},
			{"zeta", 2, "[zeta-2 zeta-3]"},
			{"zeta-3", 10, "[]"},
		} {
			got, err := s.Owing(t.Context(), q.after, now, q.limit)
			if err != nil || fmt.Sprint(got) != q.want {
				t.Errorf("after %q: %v, %v; not %s", q.after, got, err, q.want)
			}
		}
	})
}

// parkMany puts parked users into a store without its help, which would take long.
func parkMany(t *testing.T, s subject, count int, now time.Time) {
	t.Helper()
	work := workKey(acme, Delivery{State: Parked, Due: now})
	switch s := s.(type) {
	case *SQLite:
		err := s.apply(t.Context(), func(n *session) error {
			err := n.run(`
				WITH RECURSIVE i(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM i WHERE i < ?1)
				INSERT INTO resources (rid, key, part, v, created, modified, body)
				SELECT i, 'acme/User/p' || i, 'acme/User', 1, 0, 0, X'7B7D' FROM i`, count)
			if err == nil {
				err = n.run(`INSERT INTO deliveries (rid, slot, work) SELECT rid, 0, ?1 FROM resources`, work)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	case *Mongo:
		parkManyInMongo(t, s, count, work)
	}
}
