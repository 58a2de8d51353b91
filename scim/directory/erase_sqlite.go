package directory

import (
	"context"

	"scimgate/tenant"
)

// eraseAtOnce is how much one write of Erase removes, so that others' writes
// come between.
const eraseAtOnce = 2000

// Erase implements Store. The deliveries go before the resources, by which they are
// found.
func (s *SQLite) Erase(ctx context.Context, t tenant.ID) error {
	low, high := string(t)+"/", string(t)+"0" // "0" follows "/"
	defer s.anchors.forgetAll(low)
	for _, of := range [][]query{{eraseDeliveries, eraseResources}, {eraseEntries}, {eraseEdges}, {eraseJournal}} {
		if err := s.eraseRows(ctx, of, low, high); err != nil {
			return err
		}
	}
	return s.apply(ctx, func(n *session) error {
		if err := n.forgetAllShares(low, high); err != nil {
			return err
		}
		if _, err := n.exec(eraseOutlived, low, high); err != nil {
			return err
		}
		_, err := n.exec(eraseParts, low, high)
		return err
	})
}

// eraseRows runs statements, one behind the other in one write, until the last of
// them finds nothing in the range.
func (s *SQLite) eraseRows(ctx context.Context, of []query, low, high string) error {
	for left := int64(1); left > 0; {
		err := s.apply(ctx, func(n *session) error {
			for _, q := range of {
				res, err := n.exec(q, low, high, eraseAtOnce)
				if err != nil {
					return err
				}
				if left, err = res.RowsAffected(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
