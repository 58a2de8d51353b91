package tenant

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func newVault(t *testing.T, s Store, lines string) Vault {
	t.Helper()
	keys, err := LoadKeys([]byte(lines))
	must(t, err)
	return Vault{keys, s}
}

// What a tenant's data key sealed opens for this tenant and field only, and nowhere
// any more once the tenant was deleted, not even for its successor of the same name.
func TestVault(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		v := newVault(t, s, GenerateKey())
		mustCreate(t, s, "acme", "globex")
		must(t, errors.Join(v.Provide(ctx, "acme"), v.Provide(ctx, "globex")))
		sealed, err := v.Seal(ctx, []byte("secret"), "acme", "f")
		must(t, err)
		must(t, v.Provide(ctx, "acme")) // has one
		if plain, err := v.Open(ctx, sealed, "acme", "f"); err != nil || string(plain) != "secret" {
			t.Errorf("got %q, %v", plain, err)
		}
		if !ByDataKey(sealed) || errOf(v.Keys.Open(sealed, "acme", "f")) == nil {
			t.Error("the key file alone opens it")
		}
		refuses := func(what string, id ID, field string) {
			t.Helper()
			if err := errOf(v.Open(ctx, sealed, id, field)); err == nil || errors.Is(err, ErrDataKey) {
				t.Errorf("%s: %v", what, err)
			}
		}
		refuses("a neighbour", "globex", "f")
		refuses("another field", "acme", "g")
		must(t, s.DeleteTenant(ctx, "acme"))
		wantErr(t, "the data key", errOf(s.DataKey(ctx, "acme")), ErrNotFound)
		refuses("a deleted tenant", "acme", "f")
		mustCreate(t, s, "acme")
		must(t, v.Provide(ctx, "acme"))
		refuses("its successor", "acme", "f")
		must(t, errOf(s.DataKey(ctx, "globex")))
	})
}

// A tenant of a build without data keys is sealed for as before until it is given
// one, and what was sealed before opens in any case.
func TestVaultOfATenantFromBefore(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		v := newVault(t, s, GenerateKey())
		mustCreate(t, s, "acme")
		for _, provided := range []bool{false, true} {
			if provided {
				must(t, v.Provide(ctx, "acme"))
			}
			for id, byDataKey := range map[ID]bool{"acme": provided, "": false} {
				sealed, err := v.Seal(ctx, []byte("x"), id, "f")
				must(t, err)
				if ByDataKey(sealed) != byDataKey {
					t.Errorf("%q, provided %v: sealed by %d", id, provided, sealed[0])
				}
				must(t, errOf(v.Open(ctx, sealed, id, "f")))
			}
			old, err := v.Keys.Seal([]byte("y"), "acme", "f")
			must(t, err)
			must(t, errOf(v.Open(ctx, old, "acme", "f")))
		}
	})
}

// The operator's key is replaced: data keys are sealed anew, and what they sealed
// is not touched. Many that begin together make one data key.
func TestRewrap(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		before, after := GenerateKey(), GenerateKey()
		v := newVault(t, s, before)
		mustCreate(t, s, "acme")
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				if err := v.Provide(ctx, "acme"); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		sealed, err := v.Seal(ctx, []byte("x"), "acme", "f")
		must(t, err)
		changed, err := v.Rewrap(ctx, "acme")
		if err != nil || changed {
			t.Errorf("with the newest: %v, %v", changed, err)
		}
		v = newVault(t, s, after+"\n"+before)
		if changed, err = v.Rewrap(ctx, "acme"); err != nil || !changed {
			t.Errorf("with an older one: %v, %v", changed, err)
		}
		v = newVault(t, s, after)
		must(t, errOf(v.Open(ctx, sealed, "acme", "f")))
		v = newVault(t, s, before)
		if errOf(v.Open(ctx, sealed, "acme", "f")) == nil {
			t.Error("the old key still opens")
		}
		must(t, s.DeleteTenant(ctx, "acme"))
		if changed, err = v.Rewrap(ctx, "acme"); err != nil || changed {
			t.Errorf("without a data key: %v, %v", changed, err)
		}
	})
}

func TestSwapDataKey(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		wantErr(t, "change none", s.SwapDataKey(ctx, "acme", []byte{1}, []byte{2}), ErrConflict)
		must(t, s.SwapDataKey(ctx, "acme", nil, []byte{1}))
		wantErr(t, "make a second", s.SwapDataKey(ctx, "acme", nil, []byte{2}), ErrConflict)
		wantErr(t, "change another", s.SwapDataKey(ctx, "acme", []byte{9}, []byte{2}), ErrConflict)
		must(t, s.SwapDataKey(ctx, "acme", []byte{1}, []byte{3}))
		if got, err := s.DataKey(ctx, "acme"); err != nil || len(got) != 1 || got[0] != 3 {
			t.Errorf("got %v, %v", got, err)
		}
		wantErr(t, "a neighbour's", errOf(s.DataKey(ctx, "acm")), ErrNotFound)
	})
}

// brokenDataKeys is a store that does not answer.
type brokenDataKeys struct{ DataKeys }

func (brokenDataKeys) DataKey(context.Context, ID) ([]byte, error) { return nil, errors.New("away") }

// That the store does not answer is not taken for a tenant without a data key.
func TestVaultTellsAFault(t *testing.T) {
	v := newVault(t, nil, GenerateKey())
	v.Store = brokenDataKeys{}
	wantErr(t, "seal", errOf(v.Seal(t.Context(), nil, "acme", "f")), ErrDataKey)
	wantErr(t, "open", errOf(v.Open(t.Context(), []byte{sealedV2, 1, 2, 3, 4, 5}, "acme", "f")), ErrDataKey)
}
