package directory

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

// Survey implements Deliveries.
func (s *Mongo) Survey(ctx context.Context, t tenant.ID, slot tenant.Slot, kind, after string, limit int) (page []Surveyed, err error) {
	if limit <= 0 { // which the server would take for "no limit"
		return nil, nil
	}
	low, high := surveyedKeys(t, kind, after)
	how := options.Find().SetSort(byKey).SetLimit(int64(limit)).SetProjection(withoutEntries)
	err = s.eachRaw(ctx, bson.M{"_id": bson.M{"$gt": low, "$lt": high}}, how, func(raw bson.Raw) error {
		own := append(bson.Raw(nil), raw...) // the cursor's bytes are its own
		h, err := heldOf(own, slot)
		page = append(page, Surveyed{*h.item(slot), h.resource})
		return err
	})
	return page, err
}

// Suspect implements Deliveries.
func (s *Mongo) Suspect(ctx context.Context, t tenant.ID, slot tenant.Slot, after string, limit int, now time.Time) (next string, touched int, err error) {
	return suspectUsers(ctx, s, s.step, t, slot, after, limit, now)
}

// Adopt implements Deliveries.
func (s *Mongo) Adopt(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, known, chosen string, now time.Time) (bool, error) {
	return adoptOf(ctx, s.step, t, slot, ref, known, chosen, now)
}
