package directory

import (
	"context"
	"time"

	"scimgate/tenant"
)

// Survey implements Deliveries.
func (s *SQLite) Survey(ctx context.Context, t tenant.ID, slot tenant.Slot, kind, after string, limit int) (page []Surveyed, err error) {
	low, high := surveyedKeys(t, kind, after)
	err = s.read(ctx, func(n *session) error {
		return n.each(surveyAfter, func(rows *resultRow) error {
			var work string
			var data []byte
			row, err := scanResource(rows, &work, &data)
			if err != nil {
				return err
			}
			d, err := loadRecord(work, data, row.resource.Version, row.deleted)
			page = append(page, Surveyed{itemOf(row, d, slot), row.resource})
			return err
		}, low, high, limit, int64(slot))
	})
	return page, err
}

// Suspect implements Deliveries.
func (s *SQLite) Suspect(ctx context.Context, t tenant.ID, slot tenant.Slot, after string, limit int, now time.Time) (next string, touched int, err error) {
	return suspectUsers(ctx, s, s.step, t, slot, after, limit, now)
}

// Adopt implements Deliveries.
func (s *SQLite) Adopt(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, known, chosen string, now time.Time) (bool, error) {
	return adoptOf(ctx, s.step, t, slot, ref, known, chosen, now)
}
