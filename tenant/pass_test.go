package tenant

import (
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// eachPasses runs a test on an empty store of each kind.
func eachPasses(t *testing.T, test func(*testing.T, Store, Passes)) {
	t.Helper()
	eachStore(t, func(t *testing.T, s Store) { test(t, s, s.(Passes)) })
}

func newPass(t *testing.T, s Passes, kind PassKind, of ID, at time.Time) *Pass {
	t.Helper()
	_, p := NewPass(kind, of, at, at.Add(time.Hour))
	p.Body = []byte("sealed for " + of)
	must(t, s.SavePass(t.Context(), p))
	return p
}

// Two tenants, the second's id a prefix of the first's, never meet; and what is
// one kind of pass is no other.
func TestPassIsolation(t *testing.T) {
	eachPasses(t, func(t *testing.T, s Store, passes Passes) {
		ctx := t.Context()
		mustCreate(t, s, "acme", "acme-eu")
		mine, theirs := newPass(t, passes, InvitePass, "acme", noon), newPass(t, passes, InvitePass, "acme-eu", noon)
		session := newPass(t, passes, SessionPass, "acme", noon)
		wantErr(t, "another kind", errOf(passes.Pass(ctx, SessionPass, mine.ID, noon)), ErrNotFound)
		wantErr(t, "take another kind", errOf(passes.TakePass(ctx, SessionPass, mine.ID, noon)), ErrNotFound)
		must(t, passes.DropPass(ctx, SignInPass, mine.ID))
		listed, err := passes.Passes(ctx, InvitePass, "acme", noon)
		if err != nil || len(listed) != 1 || !reflect.DeepEqual(listed[0], mine) {
			t.Errorf("got %+v, %v", listed, err)
		}
		must(t, s.DeleteTenant(ctx, "acme"))
		wantErr(t, "went with its tenant", errOf(passes.Pass(ctx, InvitePass, mine.ID, noon)), ErrNotFound)
		wantErr(t, "session too", errOf(passes.Pass(ctx, SessionPass, session.ID, noon)), ErrNotFound)
		got, err := passes.Pass(ctx, InvitePass, theirs.ID, noon)
		if err != nil || !reflect.DeepEqual(got, theirs) {
			t.Errorf("the neighbour's: %+v, %v", got, err)
		}
	})
}

func TestPassesEnd(t *testing.T) {
	eachPasses(t, func(t *testing.T, _ Store, s Passes) {
		ctx := t.Context()
		p := newPass(t, s, SessionPass, "", noon)
		wantErr(t, "again", s.SavePass(ctx, p), ErrExists)
		must(t, s.SeePass(ctx, SessionPass, p.ID, noon.Add(time.Minute)))
		must(t, s.SeePass(ctx, SessionPass, p.ID, noon)) // earlier: nothing
		if got, err := s.Pass(ctx, SessionPass, p.ID, p.Expires.Add(-time.Millisecond)); err != nil || !got.Seen.Equal(noon.Add(time.Minute)) {
			t.Errorf("seen: %+v, %v", got, err)
		}
		for what, err := range map[string]error{
			"get": errOf(s.Pass(ctx, SessionPass, p.ID, p.Expires)), "take": errOf(s.TakePass(ctx, SessionPass, p.ID, p.Expires)),
		} {
			wantErr(t, what+" when expired", err, ErrNotFound)
		}
		other := newPass(t, s, SessionPass, "", noon.Add(2*time.Hour))
		must(t, s.PurgePasses(ctx, p.Expires.Add(time.Millisecond)))
		wantErr(t, "purged", errOf(s.Pass(ctx, SessionPass, p.ID, noon)), ErrNotFound)
		must(t, s.DropPass(ctx, SessionPass, other.ID))
		wantErr(t, "dropped", errOf(s.Pass(ctx, SessionPass, other.ID, noon)), ErrNotFound)
		must(t, s.DropPass(ctx, SessionPass, other.ID))
	})
}

// Of many who hold one invitation, one gets in.
func TestPassIsTakenOnce(t *testing.T) {
	eachPasses(t, func(t *testing.T, _ Store, s Passes) {
		p := newPass(t, s, InvitePass, "acme", noon)
		var taken atomic.Int32
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				if got, err := s.TakePass(t.Context(), InvitePass, p.ID, noon); err == nil {
					taken.Add(1)
					if string(got.Body) != "sealed for acme" {
						t.Errorf("got %+v", got)
					}
				}
			})
		}
		wg.Wait()
		if n := taken.Load(); n != 1 {
			t.Errorf("%d got in", n)
		}
		wantErr(t, "afterwards", errOf(s.Pass(t.Context(), InvitePass, p.ID, noon)), ErrNotFound)
		if list, err := s.Passes(t.Context(), InvitePass, "acme", noon); err != nil || len(list) != 0 {
			t.Errorf("still listed: %v, %v", list, err)
		}
	})
}

func TestPassSecrets(t *testing.T) {
	a, p := NewPass(SessionPass, "acme", noon, noon.Add(time.Hour))
	b, q := NewPass(SessionPass, "acme", noon, noon.Add(time.Hour))
	if len(a) != 43 || a == b || p.ID == q.ID || p.ID != PassID(a) || p.ID == a {
		t.Errorf("%q %q %q %q", a, b, p.ID, q.ID)
	}
}
