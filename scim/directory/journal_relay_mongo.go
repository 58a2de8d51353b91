package directory

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// teller is a document whose events wait, as it was read.
type teller struct {
	key    string
	untold string
	events []*event
}

// relayAtOnce is how many documents are relayed with one set of writes.
const relayAtOnce = 200

// RelayJournal implements Journal: one walk over all that waits. Several may walk
// at a time, and each may end anywhere: an event has one id wherever it is, it is
// copied before it is taken out, and taking it out twice is taking it out.
func (s *Mongo) RelayJournal(ctx context.Context, keep time.Duration) (relayed int, err error) {
	for after := ""; ; {
		batch, err := s.tellers(ctx, after)
		if err != nil || len(batch) == 0 {
			return relayed, err
		}
		n, err := s.relay(ctx, batch, keep)
		relayed += n
		if err != nil {
			return relayed, err
		}
		after = batch[len(batch)-1].untold
	}
}

// tellers reads the next documents of a walk.
func (s *Mongo) tellers(ctx context.Context, after string) (batch []teller, err error) {
	how := options.Find().SetSort(bson.D{{Key: "untold", Value: 1}}).SetLimit(relayAtOnce).SetProjection(bson.M{"evt": 1, "untold": 1})
	err = s.eachRaw(ctx, bson.M{"untold": bson.M{"$gt": after}}, how, func(raw bson.Raw) error {
		batch = append(batch, teller{textOf(raw, "_id"), textOf(raw, "untold"), eventsOf(raw)})
		return nil
	})
	return batch, err
}

func (s *Mongo) relay(ctx context.Context, batch []teller, keep time.Duration) (int, error) {
	n, err := s.copyEvents(ctx, batch, keep)
	if err != nil {
		return 0, err
	}
	return n, s.takeOut(ctx, batch)
}

// copyEvents puts the events into the journal, unless they are there already.
func (s *Mongo) copyEvents(ctx context.Context, batch []teller, keep time.Duration) (int, error) {
	var docs []any
	for _, from := range batch {
		for _, e := range from.events {
			t, _ := splitKey(e.key)
			at := e.moment()
			docs = append(docs, bson.M{
				"_id": at.id, "turn": turn(t, at), "data": string(e.data), "until": time.UnixMilli(at.at).Add(keep),
			})
		}
	}
	if len(docs) == 0 {
		return 0, nil
	}
	_, err := s.journal.InsertMany(ctx, docs, options.InsertMany().SetOrdered(false))
	if err != nil && !onlyDuplicates(err) {
		return 0, err
	}
	return len(docs), nil
}

// takeOut removes from each document what was copied: all at once, or, where more
// has come meanwhile, one by one.
func (s *Mongo) takeOut(ctx context.Context, batch []teller) error {
	all := make([]mongo.WriteModel, len(batch))
	for i, from := range batch {
		same := bson.M{"_id": from.key, "untold": from.untold}
		nothing := bson.M{"$unset": bson.M{"evt": "", "untold": ""}}
		all[i] = mongo.NewUpdateOneModel().SetFilter(same).SetUpdate(nothing)
	}
	done, err := s.resources.BulkWrite(ctx, all, options.BulkWrite().SetOrdered(false))
	if err != nil || int(done.MatchedCount) == len(batch) {
		return err
	}
	some := make([]mongo.WriteModel, len(batch))
	for i, from := range batch {
		copied := bson.M{"$pull": bson.M{"evt": bson.M{"id": bson.M{"$in": from.tails()}}}}
		some[i] = mongo.NewUpdateOneModel().SetFilter(bson.M{"_id": from.key}).SetUpdate(copied)
	}
	done, err = s.resources.BulkWrite(ctx, some, options.BulkWrite().SetOrdered(false))
	if err != nil || int(done.MatchedCount) == len(batch) {
		return err
	}
	return s.forgetErased(ctx, batch)
}

func (from teller) tails() []string {
	tails := make([]string, len(from.events))
	for i, e := range from.events {
		tails[i] = e.tail
	}
	return tails
}

// forgetErased removes what was copied of documents that are gone: their tenant
// was erased meanwhile, and its journal too.
func (s *Mongo) forgetErased(ctx context.Context, batch []teller) error {
	keys := make([]string, len(batch))
	for i, from := range batch {
		keys[i] = from.key
	}
	there := map[string]bool{}
	err := s.eachRaw(ctx, bson.M{"_id": bson.M{"$in": keys}}, options.Find().SetProjection(bson.M{"_id": 1}), func(raw bson.Raw) error {
		there[textOf(raw, "_id")] = true
		return nil
	})
	if err != nil {
		return err
	}
	var gone []string
	for _, from := range batch {
		for _, e := range from.events {
			if !there[from.key] {
				gone = append(gone, e.id())
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	_, err = s.journal.DeleteMany(ctx, bson.M{"_id": bson.M{"$in": gone}})
	return err
}
