package directory

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/scim"
	"scimgate/tenant"
)

// held is one delivery as it was read: what a write of it must find unchanged.
type held struct {
	stored
	record record
	mark   string // of the record; "" if there is none yet
	full   error  // ErrJournalFull, or nil
}

func heldOf(raw bson.Raw, slot tenant.Slot) (h held, err error) {
	h.stored, h.mark, h.full = storedOf(raw), textOf(raw, markField(slot)), room(raw)
	h.record, err = loadRecord(textOf(raw, workField(slot)), []byte(textOf(raw, recordField(slot))),
		h.resource.Version, h.deleted)
	return h, err
}

func (s *Mongo) hold(ctx context.Context, slot tenant.Slot, key string) (held, error) {
	raw, err := s.find(ctx, bson.M{"_id": key})
	if err != nil {
		return held{}, err
	}
	return heldOf(raw, slot)
}

// step is a stepper: a delivery is read, and written only if neither the
// resource's version nor the record's mark, which is never the same twice, has
// changed since. That makes the two one atomic step.
func (s *Mongo) step(ctx context.Context, t tenant.ID, slot tenant.Slot, key string,
	f func(stored, record) (next record, save bool, err error),
) error {
	for lost := 0; ; lost++ {
		h, err := s.hold(ctx, slot, key)
		if err != nil {
			return err
		}
		next, save, failed := f(h.stored, h.record)
		if !save {
			return failed
		}
		if h.full != nil && claims(h.record, next) {
			return h.full
		}
		w, err := h.write(t, slot, key, next, s.now())
		if err != nil {
			return err
		}
		err = s.swap(ctx, w.filter, w.update(), markField(slot), w.mark)
		if !errors.Is(err, errLost) {
			return errors.Join(err, failed)
		}
		if err := pause(ctx, lost); err != nil {
			return err
		}
	}
}

// claims reports whether a transition is a claim: what is claimed already may
// still be told when there is no room for more.
func claims(was, next record) bool {
	return next.Intent != nil && (was.Intent == nil || was.Intent.ID != next.Intent.ID)
}

// deliveryWrite is the conditional update from one record to the next.
type deliveryWrite struct {
	filter, set, unset bson.M
	mark               string
	event              *event
}

func (w deliveryWrite) update() bson.M { return w.event.with(updates(w.set, w.unset)) }

func (h held) write(t tenant.ID, slot tenant.Slot, key string, next record, at time.Time) (w deliveryWrite, err error) {
	data, err := next.encode()
	if err != nil {
		return w, err
	}
	w.mark, w.event = rand.Text(), next.event
	w.filter = bson.M{"_id": key, "v": int64(h.resource.Version), markField(slot): h.mark}
	if h.mark == "" {
		w.filter[markField(slot)] = bson.M{"$exists": false}
	}
	w.set = bson.M{recordField(slot): string(data), markField(slot): w.mark}
	if work := workKey(t, next.Delivery); work != "" {
		w.set[workField(slot)] = work
	} else {
		w.unset = bson.M{workField(slot): ""}
	}
	if next.confirmed() && !h.record.confirmed() {
		w.set["gone"] = at.UnixMilli()
	}
	return w, nil
}

// Claim implements Deliveries.
func (s *Mongo) Claim(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, intent Intent, now time.Time) (*Claim, error) {
	return newClaim(ctx, s.step, t, slot, ref, intent, now)
}

// Commit implements Deliveries.
func (s *Mongo) Commit(ctx context.Context, c *Claim, o Outcome) error {
	return settleClaim(ctx, s.step, c, o, s.now)
}

// Verified implements Deliveries.
func (s *Mongo) Verified(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, nonce string, ok bool, now time.Time) error {
	return endVerification(ctx, s.step, t, slot, ref, nonce, ok, now)
}

// TakeOver implements Deliveries.
func (s *Mongo) TakeOver(ctx context.Context, t tenant.ID, slot tenant.Slot, ref Ref, remoteID string) (bool, error) {
	return takeOver(ctx, s.step, t, slot, ref, remoteID)
}

// Owing implements Deliveries.
func (s *Mongo) Owing(ctx context.Context, after tenant.ID, now time.Time, limit int) ([]tenant.ID, error) {
	return owing(after, now, limit, func(slot tenant.Slot, low, high string) (string, error) {
		return s.firstWork(ctx, slot, low, high)
	})
}

// firstWork returns the first work-list entry of a slot in a range, or "".
func (s *Mongo) firstWork(ctx context.Context, slot tenant.Slot, low, high string) (work string, err error) {
	field := workField(slot)
	err = s.working(ctx, slot, low, high, 1, bson.M{field: 1, "_id": 0}, func(raw bson.Raw) error {
		work = textOf(raw, field)
		return nil
	})
	return work, err
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
	return nextDue(t, func(low, high string) (string, error) { return s.firstWork(ctx, slot, low, high) })
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

// Resync implements Deliveries.
func (s *Mongo) Resync(ctx context.Context, t tenant.ID, slot tenant.Slot, kinds []string, now time.Time) (int, error) {
	return s.walkKinds(ctx, t, slot, kinds, resyncing(now), false)
}

// Replay implements Deliveries.
func (s *Mongo) Replay(ctx context.Context, t tenant.ID, slot tenant.Slot, kinds []string, which Pick, now time.Time) (int, error) {
	return s.walkKinds(ctx, t, slot, kinds, replaying(slot, which, now), true)
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

func (s *Mongo) walkKinds(ctx context.Context, t tenant.ID, slot tenant.Slot, kinds []string, next transition, renew bool) (touched int, err error) {
	for _, kind := range kinds {
		n, err := s.walk(ctx, t, slot, kind, next, renew)
		touched += n
		if err != nil {
			return touched, err
		}
	}
	return touched, nil
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
		err := s.step(ctx, t, slot, key, func(row stored, was record) (record, bool, error) {
			after, changed, err := next(row, was)
			if changed {
				touched++
			}
			return after, changed, err
		})
		if err != nil && !errors.Is(err, ErrNotFound) {
			return touched, err
		}
	}
	return touched, nil
}

// Forget implements Deliveries.
func (s *Mongo) Forget(ctx context.Context, t tenant.ID, slot tenant.Slot) error {
	nothing := bson.M{workField(slot): "", recordField(slot): "", markField(slot): ""}
	shares := bson.M{"$gte": shareTenant(t, slot), "$lt": strings.TrimSuffix(shareTenant(t, slot), "/") + "0"}
	if _, err := s.shares.DeleteMany(ctx, bson.M{"_id": shares}); err != nil {
		return err
	}
	_, err := s.resources.UpdateMany(ctx, bson.M{"_id": keysOf(t)}, bson.M{"$unset": nothing})
	return err
}

// Purge implements Deliveries.
func (s *Mongo) Purge(ctx context.Context, before time.Time, limit int) (purged int, err error) {
	if limit <= 0 {
		return 0, nil
	}
	clean := bson.M{"gone": bson.M{"$lt": before.UnixMilli()}, "untold": bson.M{"$exists": false}}
	for slot := range tenant.Slot(tenant.MaxConnections) {
		clean[workField(slot)] = bson.M{"$exists": false}
	}
	var keys []string
	oldest := options.Find().SetSort(bson.D{{Key: "gone", Value: 1}}).SetLimit(int64(limit)).SetProjection(bson.M{"_id": 1})
	err = s.eachRaw(ctx, clean, oldest, func(raw bson.Raw) error {
		keys = append(keys, textOf(raw, "_id"))
		return nil
	})
	for _, key := range keys {
		if err != nil {
			return purged, err
		}
		clean["_id"] = key
		var result *mongo.DeleteResult
		if result, err = s.resources.DeleteOne(ctx, clean); err == nil {
			purged += int(result.DeletedCount)
			err = s.purgeEdges(ctx, key)
		}
	}
	return purged, err
}
