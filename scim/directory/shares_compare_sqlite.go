package directory

import (
	"context"

	"scimgate/tenant"
)

// compareShares has all shares compared, or sent, of a resource that is a group.
func (n *session) compareShares(slot tenant.Slot, key string, renew bool) error {
	if _, ref := splitKey(key); ref.Kind != "Group" {
		return nil
	}
	_, err := n.exec(oweAll, int64(slot), key, renew)
	return err
}

// compareAll does what a share of nobody stands for: it makes owed what is wanted
// and not held, and what is held and not wanted, some at a time. Who is
// interrupted begins again, and what was sent meanwhile is not owed once more.
func (s *SQLite) compareAll(ctx context.Context, slot tenant.Slot, group string) error {
	mark, everything := int64(0), false
	asked := func(n *session) (found bool, err error) {
		return n.one(allOwed, []any{&mark, &everything}, int64(slot), group)
	}
	var owed bool
	err := s.read(ctx, func(n *session) (err error) {
		owed, err = asked(n)
		return err
	})
	if err != nil || !owed {
		return err
	}
	if err := s.inRanges(ctx, edgesFurther, []any{group}, func(n *session, from, to string) error {
		return n.compareEdges(slot, group, from, to, everything)
	}); err != nil {
		return err
	}
	if err := s.inRanges(ctx, sharesFurther, []any{int64(slot), group}, func(n *session, from, to string) error {
		return n.compareHeld(slot, group, from, to)
	}); err != nil {
		return err
	}
	return s.apply(ctx, func(n *session) error {
		_, err := n.exec(allCompared, int64(slot), group, mark)
		return err
	})
}

func (n *session) compareEdges(slot tenant.Slot, group, from, to string, everything bool) error {
	epoch, found, err := n.epoch(group)
	if err != nil || !found {
		return err
	}
	_, err = n.exec(oweMissing, int64(slot), group, from, to, epoch, everything)
	return err
}

func (n *session) compareHeld(slot tenant.Slot, group, from, to string) error {
	epoch, found, err := n.epoch(group)
	if err != nil || !found {
		return err
	}
	_, err = n.exec(oweStray, int64(slot), group, from, to, epoch)
	return err
}

// inRanges writes one range of members after another; to is "" in the last.
// further finds the member that ends a range, given args, where it begins and how
// far it goes.
func (s *SQLite) inRanges(ctx context.Context, further query, args []any, write func(n *session, from, to string) error) error {
	for from := ""; ; {
		to := ""
		err := s.read(ctx, func(n *session) error {
			_, err := n.one(further, []any{&to}, append(append([]any{}, args...), from, sharesAtOnce)...)
			return err
		})
		if err != nil {
			return err
		}
		if err := s.apply(ctx, func(n *session) error { return write(n, from, to) }); err != nil || to == "" {
			return err
		}
		from = to
	}
}
