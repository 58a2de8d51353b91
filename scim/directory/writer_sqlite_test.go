package directory

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"scimgate/scim"
	"scimgate/scim/value"
)

// One commit carries many operations: one that fails by uniqueness leaves the
// others alone, and so does one that breaks the transaction half-way.
func TestBatch(t *testing.T) {
	s := openSQLite(t, inMemory)
	broken := errors.New("broken")
	creating := func(id, name string, then error) *write {
		c, err := creation(acme, user(t, id, name, ""), slot0, nil, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return newWrite(func(n *session) error { return errors.Join(c.create(n), then) })
	}
	for name, batch := range map[string][]*write{
		"refused": {creating("a", "ana", nil), creating("b", "ANA", nil), creating("c", "cem", nil)},
		"broken":  {creating("d", "dora", nil), creating("e", "eli", broken), creating("f", "fay", nil), creating("g", "dora", nil)},
	} {
		db := <-s.writer
		writeBatch(db, batch)
		s.writer <- db
		for i, w := range batch {
			err := <-w.done
			switch i {
			case 1:
				if name == "refused" && !isUniqueness(uniqueness(err)) || name == "broken" && !errors.Is(err, broken) {
					t.Errorf("%s: %v", name, err)
				}
			case 3:
				if !isUniqueness(uniqueness(err)) {
					t.Errorf("%s, last: %v", name, err)
				}
			default:
				if err != nil {
					t.Errorf("%s: operation %d: %v", name, i, err)
				}
			}
		}
	}
	got := found(t, s, acme, "")
	slices.Sort(got)
	if want := []string{"a", "c", "d", "f"}; !slices.Equal(got, want) {
		t.Errorf("stored %v", got)
	}
	if got := found(t, s, acme, `userName eq "eli"`); len(got) != 0 {
		t.Errorf("of the broken one remains %v", got)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	create(t, s, acme, user(t, "a", "ana", ""), 0)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := s.Create(t.Context(), acme, user(t, "b", "ben", ""), nil); !errors.Is(err, errClosed) {
		t.Errorf("a closed store writes: %v", err)
	}
	if _, err := s.Get(t.Context(), acme, Ref{"User", "a"}); !errors.Is(err, errClosed) {
		t.Errorf("a closed store reads: %v", err)
	}
	if _, err := OpenSQLite(t.Context(), t.TempDir()); err == nil {
		t.Error("a folder was opened as a file")
	}
}

// Whose context has ended is not made to wait, and an update that goes on losing
// says so.
func TestContextEnds(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		ref := create(t, s, acme, user(t, newID(), "ana", ""))
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Get(ctx, acme, ref); !errors.Is(err, context.Canceled) {
			t.Errorf("get: %v", err)
		}
		if err := s.Create(ctx, acme, user(t, newID(), "ben", ""), nil); err == nil {
			t.Error("created without a context")
		}
		for range 50 { // what a caller does with a resource after it gave up disturbs no writer
			ctx, cancel := context.WithCancel(t.Context())
			r := user(t, newID(), newID(), "")
			go cancel()
			_ = s.Create(ctx, acme, r, slot0)
			r.Version = 99
			r.SetAttributes(value.NewObject())
		}
		ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		_, err := s.Update(ctx, acme, ref, nil, func(r *scim.Resource) (bool, error) {
			update(t, s, acme, ref, set("title", newID())) // somebody is always quicker
			return set("nickName", newID())(r)
		})
		if !errors.Is(err, ErrContended) && !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("lost for ever: %v", err)
		}
	})
}
