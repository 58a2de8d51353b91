package directory

import (
	"context"
	"time"

	"scimgate/tenant"
)

// tell writes an event beside what it is about, in the same transaction.
func (n *session) tell(e *event) error {
	if e == nil {
		return nil
	}
	t, _ := splitKey(e.key)
	at := e.moment()
	_, err := n.exec(tellEvent, at.id, string(t), at.at, e.data)
	return err
}

// ReadJournal implements Journal.
func (s *SQLite) ReadJournal(ctx context.Context, t tenant.ID, q JournalQuery) (*JournalPage, error) {
	return answerJournal(ctx, t, q, s.readEvents)
}

func (s *SQLite) readEvents(ctx context.Context, in span) (events []*event, err error) {
	q, args := statementOf(in)
	err = s.read(ctx, func(n *session) error {
		return n.each(q, func(rows *resultRow) error {
			var id string
			var data []byte
			err := rows.Scan(&id, &data)
			events = append(events, eventOf(id, data))
			return err
		}, args...)
	})
	return events, err
}

// statementOf is what reads a span.
func statementOf(in span) (query, []any) {
	story, times := eventsUp, timesUp
	if in.newest {
		story, times = eventsDown, timesDown
	}
	if in.key == "" {
		return times, []any{string(in.tenant), in.low.at, in.low.id, in.high.at, in.high.id, in.limit}
	}
	low, high := in.ids()
	return story, []any{low, high, in.limit}
}

// AddToJournal implements Journal.
func (s *SQLite) AddToJournal(ctx context.Context, t tenant.ID, entries []Entry) error {
	events, err := asides(t, entries)
	if err != nil {
		return err
	}
	return s.apply(ctx, func(n *session) error {
		for _, e := range events {
			at := e.moment()
			if _, err := n.exec(tellOfKnown, at.id, string(t), at.at, e.data, e.key); err != nil {
				return err
			}
		}
		return nil
	})
}

// RelayJournal implements Journal: here every event is in its place already.
func (*SQLite) RelayJournal(context.Context, time.Duration) (int, error) { return 0, nil }

// ExpireJournal implements Journal.
func (s *SQLite) ExpireJournal(ctx context.Context, before time.Time, limit int) (int, error) {
	return expireByTenant(limit, func(after tenant.ID) (tenant.ID, error) {
		return s.tenantInJournal(ctx, after)
	}, func(t tenant.ID, limit int) (int, error) {
		return s.expire(ctx, t, before, limit)
	})
}

// tenantInJournal returns the next tenant that has entries, or "".
func (s *SQLite) tenantInJournal(ctx context.Context, after tenant.ID) (tenant.ID, error) {
	var t string
	err := s.read(ctx, func(n *session) error {
		_, err := n.one(tenantInJournal, []any{&t}, string(after))
		return err
	})
	return tenant.ID(t), err
}

func (s *SQLite) expire(ctx context.Context, t tenant.ID, before time.Time, limit int) (int, error) {
	var gone int64
	err := s.apply(ctx, func(n *session) error {
		res, err := n.exec(expireJournal, string(t), before.UnixMilli(), limit)
		if err != nil {
			return err
		}
		gone, err = res.RowsAffected()
		return err
	})
	if err != nil {
		return 0, err
	}
	return int(gone), nil
}

// Named implements Journal.
func (s *SQLite) Named(ctx context.Context, t tenant.ID, kind, name string) (all []Bearer, err error) {
	key := namedKey(t, kind, name)
	err = s.read(ctx, func(n *session) error {
		add := func(rows *resultRow) error {
			row, err := scanResource(rows)
			if err == nil {
				all = append(all, bearerOf(row))
			}
			return err
		}
		if err := n.each(byName, add, key); err != nil {
			return err
		}
		return n.each(leaversNamed, add, leaverKey(key))
	})
	return sortBearers(all), err
}
