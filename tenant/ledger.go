package tenant

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// LedgerEntry tells how often a tenant's clients needed one deviation from the
// RFCs (design 6.1). It never holds a value of theirs.
type LedgerEntry struct {
	Name  string    `json:"name"` // a scim.Leniency, "booleanAsString"
	Count uint64    `json:"count"`
	First time.Time `json:"first"` // to the millisecond
	Last  time.Time `json:"last"`
	Path  string    `json:"path,omitempty"` // of one attribute where it was needed; "" where there is none
}

// Ledger keeps the counts of each tenant. All methods may be called concurrently,
// also by several processes. What a method returns is the caller's own copy.
type Ledger interface {
	// AddToLedger adds entries to those that the tenant has: counts add up, First
	// is the earliest, Last the latest, Path the oldest that is known. It is
	// atomic, and durable when it returns. ErrNotFound if there is no such tenant,
	// ErrConflict if too many others added at once; both change nothing. After any
	// other error the entries are added or not: who tries again may count twice.
	AddToLedger(ctx context.Context, id ID, entries []LedgerEntry) error
	// Ledger returns a tenant's entries by name: none for an unknown tenant.
	// Store.DeleteTenant removes them.
	Ledger(ctx context.Context, id ID) ([]LedgerEntry, error)
}

// Merge returns e with the counts of another entry of the same name added.
func (e LedgerEntry) Merge(other LedgerEntry) LedgerEntry {
	older, newer := e, other
	if other.First.Before(e.First) {
		older, newer = other, e
	}
	e.Count += other.Count
	e.First, e.Path = older.First, older.Path
	if e.Path == "" {
		e.Path = newer.Path
	}
	if other.Last.After(e.Last) {
		e.Last = other.Last
	}
	return e
}

// merged returns entries with more added, by name.
func merged(entries, more []LedgerEntry) []LedgerEntry {
	for _, e := range more {
		e.First, e.Last = e.First.UTC().Truncate(time.Millisecond), e.Last.UTC().Truncate(time.Millisecond)
		i, ok := slices.BinarySearchFunc(entries, e.Name, func(e LedgerEntry, name string) int { return strings.Compare(e.Name, name) })
		if ok {
			entries[i] = entries[i].Merge(e)
		} else {
			entries = slices.Insert(entries, i, e)
		}
	}
	return entries
}

// addingToLedger is the edit of a ledger that adds entries.
func addingToLedger(more []LedgerEntry) documentEdit {
	return func(was []byte) ([]byte, bool, error) {
		entries, err := decodeLedger(was)
		if err != nil {
			return nil, false, err
		}
		next, err := json.Marshal(merged(entries, more))
		return next, true, err
	}
}

// decodeLedger reads what is stored; nothing is an empty ledger.
func decodeLedger(doc []byte) ([]LedgerEntry, error) {
	entries := []LedgerEntry{}
	if len(doc) == 0 {
		return entries, nil
	}
	if err := json.Unmarshal(doc, &entries); err != nil {
		return nil, fmt.Errorf("decode a stored ledger: %w", err)
	}
	return entries, nil
}
