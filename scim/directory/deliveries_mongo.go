package directory

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/scim"
	"scimgate/tenant"
)

// Owing implements Deliveries.
func (s *Mongo) Owing(ctx context.Context, after tenant.ID, now time.Time, limit int) ([]tenant.ID, error) {
	return owing(after, now, limit, s.firstEntry(ctx))
}

func (s *Mongo) firstEntry(ctx context.Context) firstEntry {
	return func(slot tenant.Slot, low, high string) (work string, err error) {
		field := workField(slot)
		err = s.working(ctx, slot, low, high, 1, bson.M{field: 1, "_id": 0}, func(raw bson.Raw) error {
			work = textOf(raw, field)
			return nil
		})
		return work, err
	}
}

// working walks a slot's work list.
func (s *Mongo) working(ctx context.Context, slot tenant.Slot, low, high string, limit int, fields bson.M, f func(bson.Raw) error) error {
	return s.workingBy(ctx, options.Find(), slot, low, high, limit, fields, f)
}

func (s *Mongo) workingBy(
	ctx context.Context, how *options.FindOptionsBuilder, slot tenant.Slot, low, high string, limit int, fields bson.M, f func(bson.Raw) error,
) error {
	if limit <= 0 { // which the server would take for "no limit"
		return nil
	}
	field := workField(slot)
	how = how.SetSort(bson.D{{Key: field, Value: 1}}).SetLimit(int64(limit)).SetProjection(fields)
	return s.eachRaw(ctx, bson.M{field: bson.M{"$gte": low, "$lt": high}}, how, f)
}

// DueNow implements Deliveries.
func (s *Mongo) DueNow(ctx context.Context, t tenant.ID, slot tenant.Slot, now time.Time, limit int) (refs []Ref, err error) {
	for _, p := range priorities {
		low, high := dueRange(t, p, now)
		err := s.working(ctx, slot, low, high, limit-len(refs), bson.M{"_id": 1}, func(raw bson.Raw) error {
			_, ref := splitKey(textOf(raw, "_id"))
			refs = append(refs, ref)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return refs, nil
}

// NextDue implements Deliveries.
func (s *Mongo) NextDue(ctx context.Context, t tenant.ID, slot tenant.Slot) (time.Time, error) {
	return nextDue(slot, t, s.firstEntry(ctx))
}

// Delivery implements Deliveries.
func (s *Mongo) Delivery(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref) (*Item, error) {
	h, err := s.hold(ctx, slot, resourceKey(t, ref))
	if err != nil {
		return nil, err
	}
	return h.item(slot), nil
}

func (h held) item(slot tenant.Slot) *Item {
	item := itemOf(h.stored, h.record, slot)
	return &item
}

// Deliveries implements Deliveries.
func (s *Mongo) Deliveries(ctx context.Context, t tenant.ID, slot tenant.Slot, state State, limit int) ([]Item, error) {
	items, _, err := s.DeliveriesAfter(ctx, t, slot, state, "", limit)
	return items, err
}

// DeliveriesAfter implements Deliveries.
func (s *Mongo) DeliveriesAfter(
	ctx context.Context, t tenant.ID, slot tenant.Slot, state State, after string, limit int,
) ([]Item, string, error) {
	return listAfter(t, state, after, limit, func(low, high string, skip, limit int) (items []Item, err error) {
		how := options.Find().SetSkip(int64(skip))
		err = s.workingBy(ctx, how, slot, low, high, limit, bson.M{"entries": 0}, func(raw bson.Raw) error {
			h, err := heldOf(raw, slot)
			items = append(items, *h.item(slot))
			return err
		})
		return items, err
	})
}

// Leaver implements Deliveries.
func (s *Mongo) Leaver(ctx context.Context, t tenant.ID, slot tenant.Slot, r *scim.Resource) (*Item, error) {
	name := leaverKey(nameKey(t, r))
	if name == "" {
		return nil, nil
	}
	var items []Item
	newest := options.Find().SetSort(bson.D{{Key: "modified", Value: -1}, {Key: "_id", Value: -1}})
	err := s.eachRaw(ctx, bson.M{"leaver": name}, newest, func(raw bson.Raw) error {
		h, err := heldOf(raw, slot)
		items = append(items, *h.item(slot))
		return err
	})
	return firstLeaver(items), err
}
