package tenant

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"
)

func openMemory(tb testing.TB) *SQLite { return openFile(tb, ":memory:") }

func openFile(tb testing.TB, path string) *SQLite {
	tb.Helper()
	s, err := OpenSQLite(tb.Context(), path)
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

// eachStore runs a test on an empty store of each kind.
func eachStore(t *testing.T, test func(*testing.T, Store)) {
	t.Helper()
	t.Run("sqlite-memory", func(t *testing.T) { test(t, openMemory(t)) })
	t.Run("sqlite-file", func(t *testing.T) {
		test(t, openFile(t, filepath.Join(t.TempDir(), "a store?#.db")))
	})
	t.Run("mongo", func(t *testing.T) { test(t, openMongo(t)) })
}

func newTenant(id ID) *Tenant {
	return &Tenant{
		ID: id, DisplayName: "The " + string(id), Created: noon,
		Settings:    Settings{OnDelete: Delete},
		Connections: []Connection{{ID: "appspace", Kind: "appspace", Sealed: []byte{1, 2, 3}}},
		Attributes:  []Attribute{{Property: "costCenter", Type: "String", Visibility: Hidden, Description: "For the books."}},
		Draft:       json.RawMessage(`{"rules":[]}`),
	}
}

func mustCreate(t *testing.T, s Store, ids ...ID) {
	t.Helper()
	for _, id := range ids {
		if err := s.CreateTenant(t.Context(), newTenant(id)); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
	}
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Two tenants, the second's id a prefix of the first's, never meet.
func TestStoreIsolation(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		mustCreate(t, s, "acme", "acme-eu")
		for i, id := range []ID{"acme", "acme-eu"} {
			must(t, s.CreateToken(ctx, &Token{KeyID: fmt.Sprint("key", i), Tenant: id, Hash: []byte{9}, Created: noon}))
			must(t, s.SaveRules(ctx, id, RulesVersion{Rev: 1, Rules: []byte(id), Published: noon}))
		}
		wantErr(t, "revoke a neighbour's token", s.RevokeToken(ctx, "acme", "key1"), ErrNotFound)
		must(t, s.TouchToken(ctx, "acme", "key1", noon.Add(time.Hour)))
		if token, err := s.Token(ctx, "key1"); err != nil || !token.LastUsed.IsZero() {
			t.Errorf("a neighbour touched the token: %v, %v", token, err)
		}
		_, err := s.UpdateTenant(ctx, "acme", func(x *Tenant) error { x.DisplayName = "changed"; return nil })
		must(t, err)
		must(t, s.DeleteTenant(ctx, "acme"))
		wantErr(t, "its token", errOf(s.Token(ctx, "key0")), ErrNotFound)
		left, err := s.Tenant(ctx, "acme-eu")
		if err != nil || left.DisplayName != "The acme-eu" || left.Version != 1 {
			t.Errorf("the neighbour: %+v, %v", left, err)
		}
		tokens, err := s.Tokens(ctx, "acme-eu")
		if err != nil || len(tokens) != 1 || tokens[0].KeyID != "key1" {
			t.Errorf("the neighbour's tokens: %v, %v", tokens, err)
		}
		rules, err := s.RulesVersions(ctx, "acme-eu")
		if err != nil || len(rules) != 1 || string(rules[0].Rules) != "acme-eu" {
			t.Errorf("the neighbour's rules: %v, %v", rules, err)
		}
	})
}

func errOf[T any](_ T, err error) error { return err }

func TestStoreTenants(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		wantErr(t, "none yet", errOf(s.Tenant(ctx, "acme")), ErrNotFound)
		wantErr(t, "delete none", s.DeleteTenant(ctx, "acme"), ErrNotFound)
		mustCreate(t, s, "globex", "acme", "initech")
		wantErr(t, "again", s.CreateTenant(ctx, newTenant("acme")), ErrExists)
		got, err := s.Tenant(ctx, "acme")
		must(t, err)
		want := newTenant("acme")
		want.Version = 1
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		for _, page := range []struct {
			after ID
			limit int
			want  []ID
		}{{"", 10, []ID{"acme", "globex", "initech"}}, {"", 2, []ID{"acme", "globex"}}, {"acme", 1, []ID{"globex"}}, {"initech", 5, nil}, {"", 0, nil}} {
			all, err := s.Tenants(ctx, page.after, page.limit)
			must(t, err)
			var ids []ID
			for _, x := range all {
				ids = append(ids, x.ID)
			}
			if !reflect.DeepEqual(ids, page.want) {
				t.Errorf("after %q, %d: got %v, want %v", page.after, page.limit, ids, page.want)
			}
		}
		must(t, s.DeleteTenant(ctx, "acme"))
		wantErr(t, "deleted", errOf(s.Tenant(ctx, "acme")), ErrNotFound)
		must(t, s.Ping(ctx))
	})
}

func TestStoreUpdateTenant(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		mustCreate(t, s, "acme")
		got, err := s.UpdateTenant(ctx, "acme", func(x *Tenant) error {
			x.ID, x.Version, x.Settings.Paused = "globex", 77, true // the first two are not the edit's to change
			return nil
		})
		must(t, err)
		if got.ID != "acme" || got.Version != 2 || !got.Settings.Paused {
			t.Errorf("got %+v", got)
		}
		refused := errors.New("no")
		_, err = s.UpdateTenant(ctx, "acme", func(x *Tenant) error { x.DisplayName = "x"; return refused })
		wantErr(t, "the edit's own error", err, refused)
		if now, err := s.Tenant(ctx, "acme"); err != nil || now.Version != 2 || now.DisplayName != "The acme" {
			t.Errorf("a refused edit changed something: %+v, %v", now, err)
		}
		wantErr(t, "unknown", errOf(s.UpdateTenant(ctx, "globex", func(*Tenant) error { return nil })), ErrNotFound)
		_, err = s.UpdateTenant(ctx, "acme", func(*Tenant) error { return s.DeleteTenant(ctx, "acme") })
		wantErr(t, "deleted meanwhile", err, ErrNotFound)
	})
}

func TestStoreLosesNoUpdate(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		mustCreate(t, s, "acme")
		const writers, each = 4, 5
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range each {
					_, err := s.UpdateTenant(t.Context(), "acme", func(x *Tenant) error { x.RulesRev++; return nil })
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		got, err := s.Tenant(t.Context(), "acme")
		if err != nil || got.RulesRev != writers*each || got.Version != writers*each+1 {
			t.Errorf("got rev %d, version %d, %v", got.RulesRev, got.Version, err)
		}
	})
}

func TestStoreUpdateGivesUp(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		mustCreate(t, s, "acme")
		bump := func(*Tenant) error { return nil }
		_, err := s.UpdateTenant(t.Context(), "acme", func(*Tenant) error { return errOf(s.UpdateTenant(t.Context(), "acme", bump)) })
		wantErr(t, "an edit that always loses", err, ErrConflict)
		ctx, cancel := context.WithCancel(t.Context())
		_, err = s.UpdateTenant(ctx, "acme", func(*Tenant) error {
			defer cancel()
			return errOf(s.UpdateTenant(t.Context(), "acme", bump))
		})
		wantErr(t, "an update whose caller left", err, context.Canceled)
	})
}

func TestStoreTokens(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		mustCreate(t, s, "acme", "globex")
		_, first := NewToken(mustKeys(t, GenerateKey()), "acme", "first", noon.AddDate(1, 0, 0), noon)
		second := &Token{KeyID: "second", Tenant: "acme", Hash: []byte{1}, Created: noon.Add(time.Hour), Expires: noon}
		must(t, s.CreateToken(ctx, first))
		must(t, s.CreateToken(ctx, second))
		taken := &Token{KeyID: "second", Tenant: "globex", Hash: []byte{2}, Created: noon}
		wantErr(t, "a key id of another tenant", s.CreateToken(ctx, taken), ErrExists)
		if got, err := s.Token(ctx, first.KeyID); err != nil || !reflect.DeepEqual(got, first) {
			t.Errorf("got %+v, want %+v, %v", got, first, err)
		}
		if all, err := s.Tokens(ctx, "acme"); err != nil || len(all) != 2 || !reflect.DeepEqual(all[0], second) {
			t.Errorf("all: %v, %v", all, err)
		}
		hour := noon.Add(2 * time.Hour)
		for _, at := range []time.Time{hour, noon} { // the earlier one changes nothing
			must(t, s.TouchToken(ctx, "acme", "second", at))
			if got, err := s.Token(ctx, "second"); err != nil || !got.LastUsed.Equal(hour) {
				t.Errorf("last used %v, %v", got.LastUsed, err)
			}
		}
		must(t, s.RevokeToken(ctx, "acme", "second"))
		wantErr(t, "revoked", errOf(s.Token(ctx, "second")), ErrNotFound)
		wantErr(t, "revoke again", s.RevokeToken(ctx, "acme", "second"), ErrNotFound)
		must(t, s.TouchToken(ctx, "acme", "second", hour.Add(time.Hour)))
		wantErr(t, "touched after revocation", errOf(s.Token(ctx, "second")), ErrNotFound)
	})
}

func TestStoreRules(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		mustCreate(t, s, "acme")
		for _, rev := range []uint64{1, 2, 10} {
			must(t, s.SaveRules(ctx, "acme", RulesVersion{Rev: rev, Rules: []byte(`{}`), Author: "ana", Published: noon}))
		}
		again := RulesVersion{Rev: 10, Rules: []byte(`{}`), Author: "ana", Published: noon}
		wantErr(t, "a version again", s.SaveRules(ctx, "acme", again), ErrExists)
		all, err := s.RulesVersions(ctx, "acme")
		if err != nil || len(all) != 3 || all[1].Rev != 2 || all[2].Rev != 1 || !reflect.DeepEqual(all[0], again) {
			t.Errorf("got %+v, %v", all, err)
		}
	})
}

func TestStoreReturnsCopies(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		mustCreate(t, s, "acme")
		one, err := s.Tenant(t.Context(), "acme")
		must(t, err)
		one.Connections[0].Sealed[0] = 99
		two, err := s.Tenant(t.Context(), "acme")
		must(t, err)
		if two.Connections[0].Sealed[0] != 1 {
			t.Error("the caller changed what is stored")
		}
	})
}

func TestSQLiteKeepsEverythingOverARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scimgate.db")
	first, err := OpenSQLite(t.Context(), path)
	must(t, err)
	mustCreate(t, first, "acme")
	must(t, first.CreateToken(t.Context(), &Token{KeyID: "k", Tenant: "acme", Hash: []byte{1}}))
	must(t, first.Close())
	again := openFile(t, path)
	must(t, errOf(again.Tenant(t.Context(), "acme")))
	must(t, errOf(again.Token(t.Context(), "k")))
}

func TestClosedStoreIsAFault(t *testing.T) {
	s, err := OpenSQLite(t.Context(), ":memory:")
	must(t, err)
	must(t, s.Close())
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a closed store answers")
	}
	if _, err := s.Token(t.Context(), "k"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want a fault", err)
	}
	if _, err := OpenSQLite(t.Context(), filepath.Join(os.DevNull, "x.db")); err == nil {
		t.Error("a store was opened where none can be")
	}
}
