package directory

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"scimgate/scim"
	"scimgate/tenant"
)

// Mongo is a Store, Deliveries and Journal in four collections of a MongoDB database:
// resources, the edges between them, the shares that accounts have of these, and
// what is told of them. It is written for what MongoDB, Azure DocumentDB and Amazon
// DocumentDB share. Every
// write is one operation on one document and names the version that it expects,
// so that a write which is sent twice does nothing the second time; a random mark
// tells a writer that the first was its own.
//
// A document:
//
//	_id       "acme/User/<id>"
//	part      "acme/User"                absent on tombstones, as are
//	name      "acme/User/<folded name>"  unique
//	body      the attributes, opaque
//	entries   what it is found by, see index.go
//	v, created, modified, mark           version, milliseconds, who wrote last
//	leaver, gone                         on tombstones: hash of the name; milliseconds
//	epoch, pend, unsettled               of groups, see edges_state_mongo.go
//	w0 … w3   work-list entry of a slot, absent when clean (key.go)
//	d0 … d3   delivery record of a slot, JSON (delivery.go)
//	m0 … m3   mark of that record
//	req, evt, untold  see journal_mongo.go
type Mongo struct {
	resources *mongo.Collection
	edges     *mongo.Collection
	shares    *mongo.Collection
	journal   *mongo.Collection
	turns     turns
	now       func() time.Time
}

var (
	_ Store      = (*Mongo)(nil)
	_ Deliveries = (*Mongo)(nil)
	_ Journal    = (*Mongo)(nil)
)

// OpenMongo uses the collections "resources", "edges", "shares" and "journal" of db
// and makes the
// indexes that it needs. Reads go to the primary and writes to a majority, whatever db says. The
// client is the caller's to close.
func OpenMongo(ctx context.Context, db *mongo.Database) (*Mongo, error) {
	journaled := writeconcern.Majority()
	journaled.Journal = new(true)
	own := options.Collection().SetWriteConcern(journaled).SetReadPreference(readpref.Primary())
	s := &Mongo{
		resources: db.Collection("resources", own), edges: db.Collection("edges", own),
		shares: db.Collection("shares", own), journal: db.Collection("journal", own),
		turns: newTurns(), now: time.Now,
	}
	if _, err := s.resources.Indexes().CreateMany(ctx, mongoIndexes()); err != nil {
		return nil, fmt.Errorf("directory: open: %w", err)
	}
	if _, err := s.edges.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "of", Value: 1}}}); err != nil {
		return nil, fmt.Errorf("directory: open: %w", err)
	}
	if _, err := s.shares.Indexes().CreateMany(ctx, shareIndexes()); err != nil {
		return nil, fmt.Errorf("directory: open: %w", err)
	}
	return s, s.openJournal(ctx)
}

func mongoIndexes() []mongo.IndexModel {
	sparse := func(field string) mongo.IndexModel {
		return mongo.IndexModel{Keys: bson.D{{Key: field, Value: 1}}, Options: options.Index().SetSparse(true)}
	}
	name := sparse("name")
	name.Options.SetUnique(true)
	models := []mongo.IndexModel{
		name, sparse("leaver"), sparse("gone"), sparse("unsettled"), sparse("untold"),
		{Keys: bson.D{{Key: "part", Value: 1}, {Key: "_id", Value: 1}}},
		{Keys: bson.D{{Key: "part", Value: 1}, {Key: "entries", Value: 1}}},
	}
	for slot := range tenant.Slot(tenant.MaxConnections) {
		models = append(models, sparse(workField(slot)))
	}
	return models
}

func workField(s tenant.Slot) string   { return "w" + strconv.Itoa(int(s)) }
func recordField(s tenant.Slot) string { return "d" + strconv.Itoa(int(s)) }
func markField(s tenant.Slot) string   { return "m" + strconv.Itoa(int(s)) }

// withoutEntries leaves out of an answer what only the server needs.
var withoutEntries = bson.D{{Key: "entries", Value: 0}}

// Ping implements Store.
func (s *Mongo) Ping(ctx context.Context) error {
	err := s.resources.FindOne(ctx, bson.M{"_id": ""}).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	return err
}

// Create implements Store.
func (s *Mongo) Create(ctx context.Context, t tenant.ID, r *scim.Resource, owed []tenant.Slot) error {
	c, err := creation(t, r, owed, s.roll(ctx, t, nil), clock(s.now))
	if err == nil {
		err = s.insert(ctx, c)
	}
	if err != nil {
		r.Version, r.Created, r.LastModified = 0, time.Time{}, time.Time{}
		return err
	}
	if c.edges != nil {
		_ = s.settle(ctx, t, (*groupState)(nil).with(c))
	}
	return nil
}

func (s *Mongo) insert(ctx context.Context, c *change) error {
	mark := rand.Text()
	doc := bson.M{
		"_id": c.key, "part": c.part, "v": int64(1), "mark": mark, "body": c.row.body, "entries": c.add,
		"created": c.row.created, "modified": c.row.modified,
	}
	if c.name != "" {
		doc["name"] = c.name
	}
	if c.edges != nil {
		maps.Copy(doc, (*groupState)(nil).with(c).fields())
	}
	for _, slot := range c.owed {
		doc[workField(slot)] = c.work
	}
	c.event.into(doc)
	for lost := 0; ; lost++ {
		_, err := s.resources.InsertOne(ctx, doc)
		switch {
		case mongo.IsDuplicateKeyError(err):
			return s.whoseInsert(ctx, c.key, mark)
		case !conflicted(err):
			return err
		}
		if err := pause(ctx, lost); err != nil {
			return err
		}
	}
}

// whoseInsert tells why an insert met a duplicate: it was sent twice, the id was
// used before, or else the name is in use.
func (s *Mongo) whoseInsert(ctx context.Context, key, mark string) error {
	raw, err := s.resources.FindOne(ctx, bson.M{"_id": key}, options.FindOne().SetProjection(withoutEntries)).Raw()
	switch {
	case errors.Is(err, mongo.ErrNoDocuments):
		return errNameTaken()
	case err != nil:
		return err
	case textOf(raw, "mark") == mark:
		return nil
	default:
		return errIDUsed()
	}
}

// conflicted reports whether the server gave up a write for another one's sake.
func conflicted(err error) bool {
	var e mongo.ServerError
	return errors.As(err, &e) && e.HasErrorCode(112)
}

// Get implements Store.
func (s *Mongo) Get(ctx context.Context, t tenant.ID, ref Ref) (*scim.Resource, error) {
	raw, err := s.find(ctx, bson.M{"_id": resourceKey(t, ref), "part": part(t, ref.Kind)})
	if err != nil {
		return nil, err
	}
	return storedOf(raw).resource, nil
}

func (s *Mongo) find(ctx context.Context, filter bson.M) (bson.Raw, error) {
	raw, err := s.resources.FindOne(ctx, filter, options.FindOne().SetProjection(withoutEntries)).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil, ErrNotFound
	}
	return raw, err
}

// Update implements Store.
func (s *Mongo) Update(ctx context.Context, t tenant.ID, ref Ref, owed []tenant.Slot, edit Edit) (*scim.Resource, error) {
	leave, err := s.turns.wait(ctx, t, ref)
	if err != nil {
		return nil, err
	}
	defer leave()
	for lost := 0; ; lost++ {
		raw, err := s.find(ctx, bson.M{"_id": resourceKey(t, ref), "part": part(t, ref.Kind)})
		if err != nil {
			return nil, err
		}
		if err := room(raw); err != nil {
			return nil, err
		}
		r, group := storedOf(raw).resource, groupOf(raw)
		c, err := edition(t, r, owed, edit, s.roll(ctx, t, group), clock(s.now))
		if c == nil || err != nil {
			return r, err
		}
		if c.edges != nil {
			group = group.with(c)
		}
		if err = s.update(ctx, c, group, raw); err == nil && c.edges != nil {
			_ = s.settle(ctx, t, group)
		}
		if !errors.Is(err, errLost) {
			return r, err
		}
		if err := pause(ctx, lost); err != nil {
			return nil, err
		}
	}
}

func (s *Mongo) update(ctx context.Context, c *change, group *groupState, was bson.Raw) error {
	set, unset := bson.M{"body": c.row.body}, bson.M{}
	if c.edges != nil {
		set = group.fields()
		set["body"] = c.row.body
	}
	if len(c.add)+len(c.drop) > 0 {
		all, err := entries(c.after)
		if err != nil {
			return err
		}
		set["entries"] = all
	}
	if c.name != "" {
		set["name"] = c.name
	} else {
		unset["name"] = ""
	}
	for _, slot := range c.owed {
		set[workField(slot)] = c.workAfter(textOf(was, workField(slot)))
	}
	return s.write(ctx, c, set, unset)
}

// Delete implements Store.
func (s *Mongo) Delete(ctx context.Context, t tenant.ID, ref Ref, owed []tenant.Slot, check Check) error {
	for lost := 0; ; lost++ {
		raw, err := s.find(ctx, bson.M{"_id": resourceKey(t, ref), "part": part(t, ref.Kind)})
		if err == nil {
			err = room(raw)
		}
		if err != nil {
			return err
		}
		r := storedOf(raw).resource
		if check != nil {
			if err := check(r); err != nil {
				return err
			}
		}
		c, err := removal(t, r, owed, clock(s.now))
		if err != nil {
			return err
		}
		set := bson.M{"gone": c.row.modified}
		if c.name != "" {
			set["leaver"] = leaverKey(c.name)
		}
		unset := bson.M{"part": "", "name": "", "body": "", "entries": "", "pend": "", "unsettled": ""}
		for _, slot := range c.owed {
			set[workField(slot)] = c.work
		}
		if err = s.write(ctx, c, set, unset); !errors.Is(err, errLost) {
			return err
		}
		if err := pause(ctx, lost); err != nil {
			return err
		}
	}
}

// write changes a document if its version is the one that was read, else errLost.
func (s *Mongo) write(ctx context.Context, c *change, set, unset bson.M) error {
	mark := rand.Text()
	set["v"], set["modified"], set["mark"] = c.row.version, c.row.modified, mark
	if c.event == nil {
		unset["req"] = ""
	}
	err := s.swap(ctx, bson.M{"_id": c.key, "v": int64(c.was)}, c.event.with(updates(set, unset)), "mark", mark)
	if mongo.IsDuplicateKeyError(err) {
		return errNameTaken()
	}
	return err
}

func updates(set, unset bson.M) bson.M {
	if len(unset) == 0 {
		return bson.M{"$set": set}
	}
	return bson.M{"$set": set, "$unset": unset}
}

// swap updates the document that filter, with its key, describes. If there is
// none, errLost, unless the document bears the mark: then it was sent twice.
func (s *Mongo) swap(ctx context.Context, filter, update bson.M, markField, mark string) error {
	result, err := s.resources.UpdateOne(ctx, filter, update)
	switch {
	case conflicted(err):
		return errLost
	case err != nil || result.MatchedCount > 0:
		return err
	}
	raw, err := s.find(ctx, bson.M{"_id": filter["_id"]})
	switch {
	case errors.Is(err, ErrNotFound) || err == nil && textOf(raw, markField) != mark:
		return errLost
	default:
		return err
	}
}

// Erase implements Store.
func (s *Mongo) Erase(ctx context.Context, t tenant.ID) error {
	if _, err := s.resources.DeleteMany(ctx, bson.M{"_id": keysOf(t)}); err != nil {
		return err
	}
	for _, of := range []*mongo.Collection{s.shares, s.edges, s.journal} {
		if _, err := of.DeleteMany(ctx, bson.M{"_id": keysOf(t)}); err != nil {
			return err
		}
	}
	return nil
}

// keysOf is the range of a tenant's keys: "0" follows "/".
func keysOf(t tenant.ID) bson.M { return bson.M{"$gte": string(t) + "/", "$lt": string(t) + "0"} }

func textOf(raw bson.Raw, field string) string {
	s, _ := raw.Lookup(field).StringValueOK()
	return s
}

func numberOf(raw bson.Raw, field string) int64 {
	n, _ := raw.Lookup(field).AsInt64OK()
	return n
}

// storedOf reads a document.
func storedOf(raw bson.Raw) stored {
	_, ref := splitKey(textOf(raw, "_id"))
	_, body, live := raw.Lookup("body").BinaryOK()
	row := stored{deleted: !live}
	if v := uint64(numberOf(raw, "v")); live {
		row.resource = scim.StoredResource(ref.Kind, ref.ID, v, body)
	} else {
		row.resource = tombstone(ref, v)
	}
	row.originFrom(textOf(raw, "req"))
	row.resource.Created = time.UnixMilli(numberOf(raw, "created")).UTC()
	row.resource.LastModified = time.UnixMilli(numberOf(raw, "modified")).UTC()
	return row
}
