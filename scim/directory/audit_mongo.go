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
		h, err := heldOf(raw, slot)
		page = append(page, Surveyed{*h.item(slot), h.resource})
		return err
	})
	return page, err
}

// Suspect implements Deliveries.
func (s *Mongo) Suspect(ctx context.Context, t tenant.ID, slot tenant.Slot, after string, limit int, now time.Time) (next string, touched int, err error) {
	page, err := s.Survey(ctx, t, slot, "User", after, limit)
	if err != nil {
		return "", 0, err
	}
	touched, err = suspectOf(ctx, s.step, t, slot, page, now)
	return nextAfter(page, limit), touched, err
}

// Adopt implements Deliveries.
func (s *Mongo) Adopt(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, known, chosen string, now time.Time) (bool, error) {
	return adoptOf(ctx, s.step, t, slot, ref, known, chosen, now)
}
