package directory

import (
	"context"
	"math"
	"slices"
	"time"

	"scimgate/tenant"
)

// span is a range of a tenant's events, between two moments and without them.
type span struct {
	tenant    tenant.ID
	key       string // of this resource alone, if set
	low, high moment
	newest    bool
	limit     int
}

// journalBatch is how many events are read at once where most may not be meant,
// and journalReach how many are looked at for one page.
const (
	journalBatch = 500
	journalReach = 20_000
)

// end is a time behind all others, as 13 digits.
const end = 9_999_999_999_999

// newSpan is the range that a query asks for.
func newSpan(t tenant.ID, q JournalQuery) (span, error) {
	s := span{tenant: t, low: moment{at: -1}, high: moment{at: end}, newest: q.Newest, limit: q.Limit + 1}
	if q.Ref != (Ref{}) {
		s.key = resourceKey(t, q.Ref)
	}
	if q.Class != "" || q.Request != "" {
		s.limit = journalBatch
	}
	if !q.Since.IsZero() {
		s.low = moment{at: q.Since.Add(time.Millisecond - 1).UnixMilli()}
	}
	if !q.Until.IsZero() {
		s.high = moment{at: q.Until.Add(time.Millisecond - 1).UnixMilli()}
	}
	if q.After == "" {
		return s, nil
	}
	last, err := momentOf(t, q.After)
	if err == nil {
		s.follow(last)
	}
	return s, err
}

// follow makes s what comes behind a moment.
func (s *span) follow(last moment) {
	switch {
	case s.newest && last.before(s.high):
		s.high = last
	case !s.newest && s.low.before(last):
		s.low = last
	}
}

// holds reports whether an event lies in s.
func (s *span) holds(e *event) bool {
	p := e.moment()
	return (s.key == "" || e.key == s.key) && s.low.before(p) && p.before(s.high)
}

// ids is the range of ids of one resource's events in s.
func (s *span) ids() (low, high string) { return s.idOf(s.low), s.idOf(s.high) }

// idOf turns a moment into an id of the resource: one that is a time alone
// comes before all events of that time.
func (s *span) idOf(p moment) string {
	if p.id != "" {
		return p.id
	}
	return s.key + "#" + string(appendDigits(nil, uint64(min(max(p.at, 0), math.MaxInt64)), 13))
}

// answerJournal is ReadJournal, given how a store reads events of a span, in order.
func answerJournal(ctx context.Context, t tenant.ID, q JournalQuery, read func(context.Context, span) ([]*event, error)) (*JournalPage, error) {
	s, err := newSpan(t, q)
	if err != nil {
		return nil, err
	}
	page := &JournalPage{Entries: []Entry{}}
	for looked := 0; looked < journalReach; looked += s.limit {
		events, err := read(ctx, s)
		if err != nil {
			return nil, err
		}
		for i, e := range events {
			entry, err := e.entry()
			if err != nil {
				return nil, err
			}
			if q.means(&entry) {
				page.Entries = append(page.Entries, entry)
			}
			if len(page.Entries) == q.Limit && (i < len(events)-1 || len(events) == s.limit) {
				page.Next = e.id()
				return page, nil
			}
		}
		if len(events) < s.limit {
			page.Next = ""
			return page, nil
		}
		last := events[len(events)-1]
		page.Next = last.id()
		s.follow(last.moment())
	}
	return page, nil
}

func (q *JournalQuery) means(e *Entry) bool {
	return (q.Class == "" || e.class() == q.Class) && (q.Request == "" || e.Request == q.Request)
}

// mergeEvents makes one page of two lists of a span, one of which may hold some
// of the other.
func mergeEvents(s span, a, b []*event) []*event {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y *event) int {
		p, q := x.moment(), y.moment()
		if s.newest {
			p, q = q, p
		}
		switch {
		case p.before(q):
			return -1
		case q.before(p):
			return 1
		default:
			return 0
		}
	})
	all = slices.CompactFunc(all, func(x, y *event) bool { return x.key == y.key && x.tail == y.tail })
	return all[:min(len(all), s.limit)]
}

// sortBearers puts the living first, then who left last.
func sortBearers(all []Bearer) []Bearer {
	slices.SortStableFunc(all, func(a, b Bearer) int {
		if a.Deleted != b.Deleted {
			if b.Deleted {
				return -1
			}
			return 1
		}
		return b.Modified.Compare(a.Modified)
	})
	return all
}

// expireByTenant is ExpireJournal: next returns the tenant after one that has entries,
// or "", and expire removes up to limit of a tenant's and returns how many.
func expireByTenant(limit int, next func(after tenant.ID) (tenant.ID, error), expire func(t tenant.ID, limit int) (int, error)) (gone int, err error) {
	for after := tenant.ID(""); gone < limit; {
		t, err := next(after)
		if err != nil || t == "" {
			return gone, err
		}
		n, err := expire(t, limit-gone)
		if err != nil {
			return gone, err
		}
		gone, after = gone+n, t
	}
	return gone, nil
}
