package directory

import (
	"context"
	"crypto/rand"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

// An event is born in the document of its resource, in the write that it tells
// of, and relayed to a collection of its own; whoever reads merges the two. In
// a resource:
//
//	req      what made the version; see originOf
//	evt      [{id, data}]: tail of the id, JSON; in order
//	untold   "acme 1791930268123 <random>": where evt holds anything. Every write of
//	         evt makes it anew, so that it tells whether evt is still what was read
//
// In the collection "journal":
//
//	_id      the event's
//	turn     "acme 1791930268123 <_id>": by tenant and time
//	data     JSON
//	until    when the server may remove it

// maxUntold is how many events may wait in one document.
const maxUntold = 500

// openJournal makes the indexes. Where a server knows no TTL, ExpireJournal alone
// removes what is old.
func (s *Mongo) openJournal(ctx context.Context) error {
	_, err := s.journal.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "turn", Value: 1}}})
	if err != nil {
		return err
	}
	ttl := mongo.IndexModel{Keys: bson.D{{Key: "until", Value: 1}}, Options: options.Index().SetExpireAfterSeconds(0)}
	_, _ = s.journal.Indexes().CreateOne(ctx, ttl)
	return nil
}

// into puts e into a new document.
func (e *event) into(doc bson.M) {
	if e == nil {
		return
	}
	doc["evt"], doc["untold"] = bson.A{e.stored()}, e.untold()
	if e.origin != "" {
		doc["req"] = e.origin
	}
}

// with adds e to an update that happens at most once.
func (e *event) with(update bson.M) bson.M {
	if e == nil {
		return update
	}
	set, _ := update["$set"].(bson.M)
	set["untold"] = e.untold()
	if e.origin != "" {
		set["req"] = e.origin
	}
	update["$push"] = bson.M{"evt": e.stored()}
	return update
}

func (e *event) stored() bson.M { return bson.M{"id": e.tail, "data": string(e.data)} }

func (e *event) untold() string {
	t, _ := splitKey(e.key)
	return string(t) + " " + e.tail[:13] + " " + rand.Text()
}

// room is ErrJournalFull if a document's events must be relayed before there are
// any more.
func room(raw bson.Raw) error {
	if len(eventsOf(raw)) >= maxUntold {
		return ErrJournalFull
	}
	return nil
}

// eventsOf reads the events that wait in a document.
func eventsOf(raw bson.Raw) (events []*event) {
	list, ok := raw.Lookup("evt").ArrayOK()
	if !ok {
		return nil
	}
	key := textOf(raw, "_id")
	values, _ := list.Values() // an array of ours
	for _, v := range values {
		if doc, ok := v.DocumentOK(); ok {
			events = append(events, &event{key: key, tail: textOf(doc, "id"), data: []byte(textOf(doc, "data"))})
		}
	}
	return events
}

// ReadJournal implements Journal.
func (s *Mongo) ReadJournal(ctx context.Context, t tenant.ID, q JournalQuery) (*JournalPage, error) {
	return answerJournal(ctx, t, q, s.readEvents)
}

// readEvents reads what waits first: what is relayed meanwhile is seen twice
// rather than never.
func (s *Mongo) readEvents(ctx context.Context, in span) ([]*event, error) {
	waiting, err := s.waiting(ctx, in)
	if err != nil {
		return nil, err
	}
	relayed, err := s.relayed(ctx, in)
	return mergeEvents(in, waiting, relayed), err
}

// waitingLimit is how many documents a reader of a tenant's journal looks into.
const waitingLimit = 2000

func (s *Mongo) waiting(ctx context.Context, in span) (events []*event, err error) {
	t := string(in.tenant)
	where := bson.M{"untold": bson.M{"$gt": t + " ", "$lt": t + "!"}}
	if in.key != "" {
		where = bson.M{"_id": in.key}
	}
	how := options.Find().SetLimit(waitingLimit).SetProjection(bson.M{"evt": 1})
	err = s.eachRaw(ctx, where, how, func(raw bson.Raw) error {
		for _, e := range eventsOf(raw) {
			if in.holds(e) {
				events = append(events, e)
			}
		}
		return nil
	})
	return events, err
}

func (s *Mongo) relayed(ctx context.Context, in span) (events []*event, err error) {
	field, low, high := "_id", "", ""
	if in.key != "" {
		low, high = in.ids()
	} else {
		field, low, high = "turn", turn(in.tenant, in.low), turn(in.tenant, in.high)
	}
	order := 1
	if in.newest {
		order = -1
	}
	how := options.Find().SetSort(bson.D{{Key: field, Value: order}}).SetLimit(int64(in.limit)).SetProjection(bson.M{"data": 1})
	err = eachOf(ctx, s.journal, bson.M{field: bson.M{"$gt": low, "$lt": high}}, how, func(raw bson.Raw) error {
		events = append(events, eventOf(textOf(raw, "_id"), []byte(textOf(raw, "data"))))
		return nil
	})
	return events, err
}

// turn orders the events of all tenants: by tenant, time and id.
func turn(t tenant.ID, p moment) string {
	return string(t) + " " + string(appendDigits(nil, uint64(max(p.at, 0)), 13)) + " " + p.id
}

// AddToJournal implements Journal.
func (s *Mongo) AddToJournal(ctx context.Context, t tenant.ID, entries []Entry) error {
	events, err := asides(t, entries)
	if err != nil || len(events) == 0 {
		return err
	}
	models := make([]mongo.WriteModel, len(events))
	for i, e := range events {
		fresh := bson.M{"_id": e.key, "evt.id": bson.M{"$ne": e.tail}}
		models[i] = mongo.NewUpdateOneModel().SetFilter(fresh).SetUpdate(e.with(updates(bson.M{}, nil)))
	}
	_, err = s.resources.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
	return err
}

// ExpireJournal implements Journal.
func (s *Mongo) ExpireJournal(ctx context.Context, before time.Time, limit int) (int, error) {
	return expireByTenant(limit, func(after tenant.ID) (tenant.ID, error) {
		return s.tenantInJournal(ctx, after)
	}, func(t tenant.ID, limit int) (int, error) {
		return s.expire(ctx, t, before, limit)
	})
}

// tenantInJournal returns the next tenant that has entries, or "".
func (s *Mongo) tenantInJournal(ctx context.Context, after tenant.ID) (tenant.ID, error) {
	first := options.Find().SetSort(bson.D{{Key: "turn", Value: 1}}).SetLimit(1).SetProjection(bson.M{"_id": 1})
	ids, err := s.journalIDs(ctx, bson.M{"turn": bson.M{"$gt": string(after) + "!"}}, first)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	t, _ := splitKey(ids[0])
	return t, nil
}

func (s *Mongo) expire(ctx context.Context, t tenant.ID, before time.Time, limit int) (int, error) {
	old := bson.M{"$gt": turn(t, moment{}), "$lt": turn(t, moment{at: before.UnixMilli()})}
	how := options.Find().SetSort(bson.D{{Key: "turn", Value: 1}}).SetLimit(int64(limit)).SetProjection(bson.M{"_id": 1})
	ids, err := s.journalIDs(ctx, bson.M{"turn": old}, how)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	result, err := s.journal.DeleteMany(ctx, bson.M{"_id": bson.M{"$in": ids}})
	if err != nil {
		return 0, err
	}
	return int(result.DeletedCount), nil
}

func (s *Mongo) journalIDs(ctx context.Context, where bson.M, how *options.FindOptionsBuilder) (ids []string, err error) {
	err = eachOf(ctx, s.journal, where, how, func(raw bson.Raw) error {
		ids = append(ids, textOf(raw, "_id"))
		return nil
	})
	return ids, err
}

// Named implements Journal.
func (s *Mongo) Named(ctx context.Context, t tenant.ID, kind, name string) (all []Bearer, err error) {
	key := namedKey(t, kind, name)
	for _, where := range []bson.M{{"name": key}, {"leaver": leaverKey(key)}} {
		err := s.eachRaw(ctx, where, options.Find().SetProjection(withoutEntries), func(raw bson.Raw) error {
			all = append(all, bearerOf(storedOf(raw)))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return sortBearers(all), nil
}
