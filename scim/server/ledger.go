package server

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// flushEvery is how long counts stay in memory: what a crash can lose of them.
const flushEvery = 5 * time.Second

// lastFlush bounds the flush at the end of the process.
const lastFlush = 5 * time.Second

// Ledger counts the leniencies used, in memory, and brings the counts to a store
// now and then, so that a request pays for none of it. Count goes where a Server
// says Tolerated. There are at most as many counts as tenants times leniencies,
// whatever clients send.
type Ledger struct {
	Store tenant.Ledger
	Log   *slog.Logger

	mu     sync.Mutex
	counts map[counted]tenant.LedgerEntry // since the last flush
}

type counted struct {
	tenant   tenant.ID
	leniency scim.Leniency
}

// Count notes that a tenant needed l at path.
func (l *Ledger) Count(t tenant.ID, leniency scim.Leniency, path string) {
	now := time.Now()
	key := counted{t, leniency}
	l.mu.Lock()
	defer l.mu.Unlock()
	e, known := l.counts[key]
	if !known {
		e = tenant.LedgerEntry{Name: string(leniency), First: now}
	}
	if e.Path == "" {
		e.Path = examplePath(path)
	}
	e.Count, e.Last = e.Count+1, now
	if l.counts == nil {
		l.counts = map[counted]tenant.LedgerEntry{}
	}
	l.counts[key] = e
}

// examplePath is path without anything that could be a value: names that clients
// make up reach the ledger too, and one may look like a filter or an address. It
// is a copy, since path may be a part of a whole request.
func examplePath(path string) string {
	path, _, _ = strings.Cut(path, "[")
	odd := func(r rune) bool {
		return r != '.' && r != ':' && r != '-' && r != '_' && r != '$' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}
	if strings.ContainsFunc(path, odd) {
		return ""
	}
	return strings.Clone(path)
}

// Run flushes every few seconds until ctx ends; Finish must follow.
func (l *Ledger) Run(ctx context.Context) {
	ticker := time.NewTicker(flushEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			l.Flush(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// Finish flushes for the last time, after the last request.
func (l *Ledger) Finish(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastFlush)
	defer cancel()
	l.Flush(ctx)
}

// Flush brings what was counted to the store. What the store does not take now is
// kept for the next flush; what a deleted tenant needed is forgotten.
func (l *Ledger) Flush(ctx context.Context) {
	for id, entries := range l.take() {
		err := l.Store.AddToLedger(ctx, id, entries)
		if err == nil || errors.Is(err, tenant.ErrNotFound) {
			continue
		}
		l.giveBack(id, entries)
		if ctx.Err() == nil { // else Finish tries again at once
			l.Log.LogAttrs(ctx, slog.LevelWarn, "ledger not written, trying again later",
				slog.Any("error", err), slog.String("tenant", string(id)))
		}
	}
}

// take returns the counts of each tenant and begins anew.
func (l *Ledger) take() map[tenant.ID][]tenant.LedgerEntry {
	l.mu.Lock()
	counts := l.counts
	l.counts = nil
	l.mu.Unlock()
	byTenant := map[tenant.ID][]tenant.LedgerEntry{}
	for key, e := range counts {
		byTenant[key.tenant] = append(byTenant[key.tenant], e)
	}
	return byTenant
}

func (l *Ledger) giveBack(id tenant.ID, entries []tenant.LedgerEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts = map[counted]tenant.LedgerEntry{}
	}
	for _, e := range entries {
		key := counted{id, scim.Leniency(e.Name)}
		if newer, ok := l.counts[key]; ok {
			e = e.Merge(newer)
		}
		l.counts[key] = e
	}
}
