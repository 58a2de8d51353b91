package tenant

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// noteDocument is one note.
type noteDocument struct {
	ID      string `bson:"_id"` // "<tenant>/<name>"
	Version int64  `bson:"v"`
	Mark    string `bson:"mark"`
	Doc     []byte `bson:"doc"`
}

func noteKey(id ID, name string) string { return string(id) + "/" + name }

// EditNote implements Notes. As with the ledger, the tenant is looked for once more
// afterwards: if it went meanwhile, so does the note.
func (s *Mongo) EditNote(ctx context.Context, id ID, name string, edit func(was []byte) ([]byte, bool, error)) error {
	key := noteKey(id, name)
	load := func() (version int64, doc []byte, err error) {
		if _, err := s.Tenant(ctx, id); err != nil {
			return 0, nil, err
		}
		stored, err := find[noteDocument](ctx, s.notes, byID(key))
		return stored.Version, stored.Doc, absent(err)
	}
	err := editDocument(ctx, edit, load, func(next int64, doc []byte) (bool, error) {
		return s.swapNote(ctx, noteDocument{ID: key, Version: next, Mark: uuid.NewString(), Doc: doc})
	})
	if err != nil {
		return err
	}
	_, err = s.Tenant(ctx, id)
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	return errors.Join(err, s.DropNotes(ctx, id, ""))
}

// swapNote stores the next version if nobody else did.
func (s *Mongo) swapNote(ctx context.Context, next noteDocument) (bool, error) {
	if next.Version == 1 {
		err := insert(ctx, s.notes, next.ID, next.Mark, next)
		if errors.Is(err, ErrExists) {
			return false, nil
		}
		return err == nil, err
	}
	before := bson.D{{Key: "_id", Value: next.ID}, {Key: "v", Value: next.Version - 1}}
	result, err := s.notes.ReplaceOne(ctx, before, next)
	if err != nil || result.MatchedCount == 1 {
		return err == nil, err
	}
	return marked(ctx, s.notes, next.ID, next.Mark)
}

// Note implements Notes.
func (s *Mongo) Note(ctx context.Context, id ID, name string) ([]byte, error) {
	stored, err := find[noteDocument](ctx, s.notes, byID(noteKey(id, name)))
	return stored.Doc, absent(err)
}

// DropNotes implements Notes.
func (s *Mongo) DropNotes(ctx context.Context, id ID, prefix string) error {
	low, high := beginning(noteKey(id, prefix))
	_, err := s.notes.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: low}, {Key: "$lt", Value: high}}}})
	return err
}
