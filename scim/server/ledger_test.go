package server_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scimgate/scim"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// shelf is a store of ledgers that fails when told to.
type shelf struct {
	mu    sync.Mutex
	added map[tenant.ID]map[string]tenant.LedgerEntry
	fault error
}

func (s *shelf) AddToLedger(_ context.Context, id tenant.ID, entries []tenant.LedgerEntry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault != nil {
		return s.fault
	}
	if s.added[id] == nil {
		s.added[id] = map[string]tenant.LedgerEntry{}
	}
	for _, e := range entries {
		if was, ok := s.added[id][e.Name]; ok {
			e = was.Merge(e)
		}
		s.added[id][e.Name] = e
	}
	return nil
}

func (*shelf) Ledger(context.Context, tenant.ID) ([]tenant.LedgerEntry, error) { return nil, nil }

func (s *shelf) entry(id tenant.ID, l scim.Leniency) tenant.LedgerEntry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.added[id][string(l)]
}

func newLedger() (*server.Ledger, *shelf) {
	s := &shelf{added: map[tenant.ID]map[string]tenant.LedgerEntry{}}
	return &server.Ledger{Store: s, Log: slog.New(slog.DiscardHandler)}, s
}

func TestLedgerCounts(t *testing.T) {
	l, s := newLedger()
	l.Flush(t.Context()) // nothing yet
	l.Count("acme", scim.BareValue, "")
	l.Count("acme", scim.BareValue, "members")
	l.Count("acme", scim.BareValue, "manager")
	l.Count("globex", scim.BareValue, "roles")
	if len(s.added) != 0 {
		t.Fatal("the store was asked before it was time")
	}
	for range 2 { // the second has nothing to add
		l.Flush(t.Context())
	}
	e := s.entry("acme", scim.BareValue)
	if e.Count != 3 || e.Path != "members" || e.First.IsZero() || e.Last.Before(e.First) {
		t.Errorf("acme: %+v", e)
	}
	if e := s.entry("globex", scim.BareValue); e.Count != 1 || e.Path != "roles" {
		t.Errorf("globex: %+v", e)
	}
}

// A store that is away for a while costs no counts; a deleted tenant's are dropped.
func TestLedgerSurvivesFaults(t *testing.T) {
	l, s := newLedger()
	l.Count("acme", scim.BareValue, "manager")
	s.fault = errors.New("away")
	l.Flush(t.Context())
	l.Count("acme", scim.BareValue, "members")
	l.Flush(t.Context())
	s.fault = nil
	l.Flush(t.Context())
	if e := s.entry("acme", scim.BareValue); e.Count != 2 || e.Path != "manager" {
		t.Errorf("after a fault: %+v", e)
	}
	l.Count("gone", scim.BareValue, "")
	s.fault = tenant.ErrNotFound
	l.Flush(t.Context())
	s.fault = nil
	l.Flush(t.Context())
	if e := s.entry("gone", scim.BareValue); e.Count != 0 {
		t.Errorf("a deleted tenant: %+v", e)
	}
}

// What clients make up never brings a value into the ledger.
func TestLedgerKeepsNoValue(t *testing.T) {
	for path, want := range map[string]string{
		"name.givenName": "name.givenName", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
		`emails[value eq "ana@x.example"].type`: "emails", "ana@x.example": "", "Ana Lind": "", `a"b`: "", "naïve": "", "$ref": "$ref",
	} {
		l, s := newLedger()
		l.Count("acme", scim.UnknownAttribute, path)
		l.Flush(t.Context())
		if e := s.entry("acme", scim.UnknownAttribute); e.Path != want || e.Count != 1 {
			t.Errorf("%s: %+v", path, e)
		}
	}
}

func TestLedgerRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, s := newLedger()
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { l.Run(ctx) })
		l.Count("acme", scim.BareValue, "")
		time.Sleep(time.Minute) //nolint:forbidigo // of the bubble's own clock
		if e := s.entry("acme", scim.BareValue); e.Count != 1 {
			t.Errorf("a minute later: %+v", e)
		}
		cancel()
		running.Wait()
		l.Count("acme", scim.BareValue, "")
		l.Finish(ctx)
		if e := s.entry("acme", scim.BareValue); e.Count != 2 {
			t.Errorf("in the end: %+v", e)
		}
	})
}

func TestLedgerLosesNoCount(t *testing.T) {
	l, s := newLedger()
	const clients, each = 8, 1000
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			for range each {
				l.Count("acme", scim.BareValue, "members")
			}
		})
		l.Flush(t.Context())
	}
	all.Wait()
	l.Flush(t.Context())
	if e := s.entry("acme", scim.BareValue); e.Count != clients*each {
		t.Errorf("%d of %d were counted", e.Count, clients*each)
	}
}

// A count costs a request nothing that could be measured beside it.
func BenchmarkLedgerCount(b *testing.B) {
	l, _ := newLedger()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Count("acme", scim.BooleanAsString, "active")
		}
	})
}
