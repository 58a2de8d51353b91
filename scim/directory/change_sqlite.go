package directory

import (
	"context"
	"errors"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"scimgate/scim"
	"scimgate/tenant"
)

// Create implements Store.
func (s *SQLite) Create(ctx context.Context, t tenant.ID, r *scim.Resource, owed []tenant.Slot) error {
	c, err := creation(t, r, owed, s.roll(ctx, t, Ref{Kind: r.Kind, ID: r.ID}), clock(s.now))
	if err == nil {
		err = s.apply(ctx, c.create)
	}
	if err != nil {
		r.Version, r.Created, r.LastModified = 0, time.Time{}, time.Time{}
	}
	return uniqueness(err)
}

func (c *change) create(n *session) error {
	res, err := n.exec(insertResource, c.key, c.part, nullable(c.name),
		c.row.version, c.row.created, c.row.modified, c.row.body, nullable(c.event.madeBy()))
	if err != nil {
		return err
	}
	rid, err := res.LastInsertId()
	if err != nil {
		return err
	}
	return errors.Join(n.addEntries(c.part, rid, c.add), n.count(c.part, 1), c.oweTo(n, rid), c.moveEdges(n, rid), n.tell(c.event))
}

func (n *session) count(part string, by int) error {
	_, err := n.exec(countLive, part, by)
	return err
}

func (c *change) oweTo(n *session, rid int64) error {
	for _, slot := range c.owed {
		if err := c.oweAt(n, rid, slot); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) oweAt(n *session, rid int64, slot tenant.Slot) error {
	if c.leaving == "" {
		_, err := n.exec(owe, rid, int64(slot), c.work)
		return err
	}
	if _, err := n.exec(oweGroup, rid, int64(slot), c.work, c.leaving); err != nil {
		return err
	}
	return n.oweMoved(slot, c.key, c.edges)
}

// Update implements Store.
func (s *SQLite) Update(ctx context.Context, t tenant.ID, ref Ref, owed []tenant.Slot, edit Edit) (*scim.Resource, error) {
	leave, err := s.turns.wait(ctx, t, ref)
	if err != nil {
		return nil, err
	}
	defer leave()
	var r *scim.Resource
	err = untilWon(ctx, func() (err error) {
		if r, err = s.Get(ctx, t, ref); err != nil {
			return err
		}
		c, err := edition(t, r, owed, edit, s.roll(ctx, t, ref), clock(s.now))
		if c == nil || err != nil {
			return err
		}
		return s.apply(ctx, c.update)
	})
	return r, uniqueness(err)
}

func (c *change) update(n *session) error {
	var rid int64
	found, err := n.one(updateResource, []any{&rid}, c.key, int64(c.was), nullable(c.name),
		c.row.version, c.row.modified, c.row.body, nullable(c.event.madeBy()))
	if err != nil {
		return err
	}
	if !found {
		return errLost
	}
	return errors.Join(n.dropEntries(c.part, rid, c.drop), n.addEntries(c.part, rid, c.add),
		c.oweTo(n, rid), c.moveEdges(n, rid), n.tell(c.event))
}

// Delete implements Store.
func (s *SQLite) Delete(ctx context.Context, t tenant.ID, ref Ref, owed []tenant.Slot, check Check) error {
	return untilWon(ctx, func() error {
		r, err := s.Get(ctx, t, ref)
		if err != nil {
			return err
		}
		c, err := removal(t, r, owed, check, clock(s.now))
		if err != nil {
			return err
		}
		return s.apply(ctx, c.bury)
	})
}

func (c *change) bury(n *session) error {
	var rid int64
	found, err := n.one(buryResource, []any{&rid}, c.key, int64(c.was), nullable(leaverKey(c.name)),
		c.row.version, c.row.modified, nullable(c.event.madeBy()))
	if err != nil {
		return err
	}
	if !found {
		return errLost
	}
	n.left = append(n.left, leaver{c.part, rid})
	return errors.Join(n.dropEntries(c.part, rid, c.drop), n.count(c.part, -1), c.oweTo(n, rid), n.tell(c.event))
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// taken reports whether a statement failed by uniqueness.
func taken(err error) bool {
	if err == nil {
		return false
	}
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}

// uniqueness turns a failure by uniqueness into the client's error.
func uniqueness(err error) error {
	if !taken(err) {
		return err
	}
	if strings.Contains(err.Error(), "resources.key") {
		return errIDUsed()
	}
	return errNameTaken()
}
