package directory

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/scim"
	"scimgate/tenant"
)

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

// Update implements Store.
func (s *Mongo) Update(ctx context.Context, t tenant.ID, ref Ref, owed []tenant.Slot, edit Edit) (*scim.Resource, error) {
	leave, err := s.turns.wait(ctx, t, ref)
	if err != nil {
		return nil, err
	}
	defer leave()
	var r *scim.Resource
	err = untilWon(ctx, func() error {
		raw, err := s.roomy(ctx, t, ref)
		if err != nil {
			r = nil
			return err
		}
		group := groupOf(raw)
		r = storedOf(raw).resource
		c, err := edition(t, r, owed, edit, s.roll(ctx, t, group), clock(s.now))
		if c == nil || err != nil {
			return err
		}
		if c.edges != nil {
			group = group.with(c)
		}
		if err = s.update(ctx, c, group, raw); err == nil && c.edges != nil {
			_ = s.settle(ctx, t, group)
		}
		return err
	})
	return r, err
}

// roomy returns a resource that is about to be changed, if the journal has room for
// what is told of that.
func (s *Mongo) roomy(ctx context.Context, t tenant.ID, ref Ref) (bson.Raw, error) {
	raw, err := s.find(ctx, bson.M{"_id": resourceKey(t, ref), "part": part(t, ref.Kind)})
	if err != nil {
		return nil, err
	}
	return raw, room(raw)
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
	return untilWon(ctx, func() error {
		raw, err := s.roomy(ctx, t, ref)
		if err != nil {
			return err
		}
		c, err := removal(t, storedOf(raw).resource, owed, check, clock(s.now))
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
		return s.write(ctx, c, set, unset)
	})
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
