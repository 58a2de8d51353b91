package tenant

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// keptDocument is a document of a tenant beside it. Its body is opaque, as others are.
type keptDocument struct {
	ID      string `bson:"_id"` // "<tenant>", or "<tenant>/<which>"
	Version int64  `bson:"v"`
	Mark    string `bson:"mark"`
	Doc     []byte `bson:"doc"`
}

// editKept edits what a collection keeps of a tenant under a key. The tenant is looked
// for once more afterwards: if it went meanwhile, so does the document, and DeleteTenant
// removes the documents after the tenant. Whichever comes last, nothing is left to
// whoever takes the name.
func (s *Mongo) editKept(ctx context.Context, c *mongo.Collection, id ID, key string, edit documentEdit) error {
	load := func() (version int64, doc []byte, err error) {
		if _, err := s.Tenant(ctx, id); err != nil {
			return 0, nil, err
		}
		return kept(ctx, c, key)
	}
	err := editDocument(ctx, edit, load, func(next int64, doc []byte) (bool, error) {
		return swapKept(ctx, c, keptDocument{ID: key, Version: next, Mark: uuid.NewString(), Doc: doc})
	})
	if err != nil {
		return err
	}
	_, err = s.Tenant(ctx, id)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	_, fault := c.DeleteOne(ctx, byID(key))
	return errors.Join(err, fault)
}

// kept reads a document; one that is not there is nothing, of version 0.
func kept(ctx context.Context, c *mongo.Collection, key string) (version int64, doc []byte, err error) {
	stored, err := find[keptDocument](ctx, c, byID(key))
	return stored.Version, stored.Doc, absent(err)
}

// swapKept stores the next version if nobody else did.
func swapKept(ctx context.Context, c *mongo.Collection, next keptDocument) (bool, error) {
	if next.Version == 1 {
		err := insert(ctx, c, next.ID, next.Mark, next)
		if errors.Is(err, ErrExists) {
			return false, nil
		}
		return err == nil, err
	}
	before := bson.D{{Key: "_id", Value: next.ID}, {Key: "v", Value: next.Version - 1}}
	result, err := c.ReplaceOne(ctx, before, next)
	if err != nil || result.MatchedCount == 1 {
		return err == nil, err
	}
	return marked(ctx, c, next.ID, next.Mark)
}

func byID(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }

// insert stores a new document; an id that is taken is ErrExists, unless the
// document there is this very one, stored by the first of two sendings.
func insert(ctx context.Context, c *mongo.Collection, id, mark string, doc any) error {
	_, err := c.InsertOne(ctx, doc)
	if !mongo.IsDuplicateKeyError(err) {
		return err
	}
	mine, err := marked(ctx, c, id, mark)
	if err == nil && !mine {
		return ErrExists
	}
	return err
}

// marked reports whether the document of an id bears the mark.
func marked(ctx context.Context, c *mongo.Collection, id, mark string) (bool, error) {
	err := c.FindOne(ctx, append(byID(id), bson.E{Key: "mark", Value: mark})).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, nil
	}
	return err == nil, err
}

func find[D any](ctx context.Context, c *mongo.Collection, filter bson.D) (doc D, err error) {
	err = c.FindOne(ctx, filter).Decode(&doc)
	if errors.Is(err, mongo.ErrNoDocuments) {
		return doc, ErrNotFound
	}
	return doc, err
}

func list[D, T any](
	ctx context.Context, c *mongo.Collection, filter bson.D,
	order *options.FindOptionsBuilder, convert func(D) (T, error),
) ([]T, error) {
	cursor, err := c.Find(ctx, filter, order)
	if err != nil {
		return nil, err
	}
	var docs []D
	if err := cursor.All(ctx, &docs); err != nil {
		return nil, err
	}
	all := make([]T, 0, len(docs))
	for _, doc := range docs {
		item, err := convert(doc)
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}
