package tenant

import (
	"reflect"
	"sync"
	"testing"
	"time"
)

// eachLedger runs a test on an empty store of each kind.
func eachLedger(t *testing.T, test func(*testing.T, Store, Ledger)) {
	t.Helper()
	eachStore(t, func(t *testing.T, s Store) { test(t, s, s.(Ledger)) })
}

func entry(name string, count uint64, minute int, path string) LedgerEntry {
	at := noon.Add(time.Duration(minute) * time.Minute)
	return LedgerEntry{Name: name, Count: count, First: at, Last: at, Path: path}
}

func wantLedger(t *testing.T, l Ledger, id ID, want ...LedgerEntry) {
	t.Helper()
	got, err := l.Ledger(t.Context(), id)
	if err != nil || len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, %v; want %+v", id, got, err, want)
	}
}

// Two tenants, the second's id a prefix of the first's, never meet.
func TestLedgerIsolation(t *testing.T) {
	eachLedger(t, func(t *testing.T, s Store, l Ledger) {
		mustCreate(t, s, "acme", "acme-eu")
		must(t, l.AddToLedger(t.Context(), "acme", []LedgerEntry{entry("a", 1, 0, "x")}))
		wantLedger(t, l, "acme-eu")
		must(t, l.AddToLedger(t.Context(), "acme-eu", []LedgerEntry{entry("a", 5, 0, "y")}))
		wantLedger(t, l, "acme", entry("a", 1, 0, "x"))
		must(t, s.DeleteTenant(t.Context(), "acme"))
		wantLedger(t, l, "acme")
		wantLedger(t, l, "acme-eu", entry("a", 5, 0, "y"))
	})
}

func TestLedgerAddsUp(t *testing.T) {
	eachLedger(t, func(t *testing.T, s Store, l Ledger) {
		mustCreate(t, s, "acme")
		wantLedger(t, l, "acme")
		for _, entries := range [][]LedgerEntry{
			{entry("booleanAsString", 2, 10, ""), entry("bareValue", 1, 11, "manager")},
			{entry("booleanAsString", 3, 20, "active"), entry("bareValue", 4, 5, "members")},
			{},
			{entry("operationCase", 1, 7, "Operations.op")},
		} {
			must(t, l.AddToLedger(t.Context(), "acme", entries))
		}
		bare, boolean := entry("bareValue", 5, 5, "members"), entry("booleanAsString", 5, 10, "active")
		bare.Last, boolean.Last = noon.Add(11*time.Minute), noon.Add(20*time.Minute)
		wantLedger(t, l, "acme", bare, boolean, entry("operationCase", 1, 7, "Operations.op"))
	})
}

// A count that comes after its tenant went is nobody's, and not that of whoever
// takes the name.
func TestLedgerEndsWithItsTenant(t *testing.T) {
	eachLedger(t, func(t *testing.T, s Store, l Ledger) {
		add := func() error { return l.AddToLedger(t.Context(), "acme", []LedgerEntry{entry("a", 1, 0, "")}) }
		wantErr(t, "never there", add(), ErrNotFound)
		mustCreate(t, s, "acme")
		must(t, add())
		must(t, s.DeleteTenant(t.Context(), "acme"))
		wantErr(t, "gone", add(), ErrNotFound)
		mustCreate(t, s, "acme")
		wantLedger(t, l, "acme")
	})
}

func TestLedgerLosesNoCount(t *testing.T) {
	eachLedger(t, func(t *testing.T, s Store, l Ledger) {
		mustCreate(t, s, "acme")
		const writers, each = 4, 10
		var wg sync.WaitGroup
		for range writers {
			wg.Go(func() {
				for range each {
					if err := l.AddToLedger(t.Context(), "acme", []LedgerEntry{entry("a", 1, 0, "p")}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		wantLedger(t, l, "acme", entry("a", writers*each, 0, "p"))
	})
}
