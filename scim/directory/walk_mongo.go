package directory

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

// Resync implements Deliveries.
func (s *Mongo) Resync(ctx context.Context, t tenant.ID, slot tenant.Slot, kinds []string, now time.Time) (int, error) {
	return walkKinds(kinds, func(kind string) (int, error) {
		return s.walk(ctx, t, slot, kind, resyncing(now), false)
	})
}

// Replay implements Deliveries.
func (s *Mongo) Replay(ctx context.Context, t tenant.ID, slot tenant.Slot, kinds []string, which Pick, now time.Time) (int, error) {
	return walkKinds(kinds, func(kind string) (int, error) {
		return s.walk(ctx, t, slot, kind, replaying(slot, which, now), true)
	})
}

// Release implements Deliveries.
func (s *Mongo) Release(ctx context.Context, t tenant.ID, slot tenant.Slot, ids []string, now time.Time) (int, error) {
	return s.decide(ctx, t, slot, ids, releasing(now))
}

// Discard implements Deliveries.
func (s *Mongo) Discard(ctx context.Context, t tenant.ID, slot tenant.Slot, ids []string) (int, error) {
	return s.decide(ctx, t, slot, ids, discarding())
}

func (s *Mongo) decide(ctx context.Context, t tenant.ID, slot tenant.Slot, ids []string, next transition) (int, error) {
	return decide(ctx, s, t, slot, ids, func(keys []string) (int, error) {
		batch, _, err := s.walkBatch(ctx, t, slot, bson.M{"$in": keys}, next)
		if err != nil || len(batch) == 0 {
			return 0, err
		}
		return s.walkAll(ctx, t, slot, batch, next)
	})
}

// walk makes a transition of every resource of a kind, in batches. The shares of a
// group are marked before the group is due: who dies between the two has marked
// too many, which costs a comparison.
func (s *Mongo) walk(ctx context.Context, t tenant.ID, slot tenant.Slot, kind string, next transition, renew bool) (touched int, err error) {
	from, high := keysOfKind(t, kind)
	keys := bson.M{"$gte": from, "$lt": high}
	for {
		batch, last, err := s.walkBatch(ctx, t, slot, keys, next)
		if err != nil || last == "" {
			return touched, err
		}
		if len(batch) > 0 {
			if err := s.compareShares(ctx, t, slot, kind, batch, renew); err != nil {
				return touched, err
			}
			n, err := s.walkAll(ctx, t, slot, batch, next)
			touched += n
			if err != nil {
				return touched, err
			}
		}
		delete(keys, "$gte")
		keys["$gt"] = last
	}
}

func (s *Mongo) compareShares(ctx context.Context, t tenant.ID, slot tenant.Slot, kind string, batch []deliveryWrite, renew bool) error {
	if kind != "Group" {
		return nil
	}
	var models []mongo.WriteModel
	for _, w := range batch {
		key, _ := w.filter["_id"].(string)
		_, ref := splitKey(key)
		models = append(models, comparing(t, slot, ref.ID, renew)...)
	}
	return s.writeShares(ctx, models)
}

// walkBatch works out the next writes of a walk, and how far it read.
func (s *Mongo) walkBatch(ctx context.Context, t tenant.ID, slot tenant.Slot, keys bson.M, next transition) (batch []deliveryWrite, last string, err error) {
	how := options.Find().SetSort(byKey).SetLimit(walkAtOnce).SetProjection(withoutEntries)
	err = s.eachRaw(ctx, bson.M{"_id": keys}, how, func(raw bson.Raw) error {
		last = textOf(raw, "_id")
		h, err := heldOf(raw, slot)
		if err != nil {
			return err
		}
		after, changed, err := next(h.stored, h.record)
		if err != nil || !changed {
			return err
		}
		w, err := h.write(t, slot, last, after, s.now())
		batch = append(batch, w)
		return err
	})
	return batch, last, err
}

// walkAll sends a batch at once. What others changed meanwhile is done again, one
// by one.
func (s *Mongo) walkAll(ctx context.Context, t tenant.ID, slot tenant.Slot, batch []deliveryWrite, next transition) (touched int, err error) {
	models := make([]mongo.WriteModel, len(batch))
	for i, w := range batch {
		models[i] = mongo.NewUpdateOneModel().SetFilter(w.filter).SetUpdate(w.update())
	}
	result, err := s.resources.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
	if err != nil && !conflicted(err) {
		return 0, err
	}
	if result != nil && err == nil && int(result.MatchedCount) == len(batch) {
		return len(batch), nil
	}
	if result != nil {
		touched = int(result.MatchedCount)
	}
	for _, w := range batch {
		key, _ := w.filter["_id"].(string)
		changed, err := transit(ctx, s.step, t, slot, key, next)
		if err != nil {
			return touched, err
		}
		if changed {
			touched++
		}
	}
	return touched, nil
}
