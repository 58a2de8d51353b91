package tenant

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func noteKey(id ID, name string) string { return string(id) + "/" + name }

// EditNote implements Notes.
func (s *Mongo) EditNote(ctx context.Context, id ID, name string, edit func(was []byte) ([]byte, bool, error)) error {
	return s.editKept(ctx, s.notes, id, noteKey(id, name), edit)
}

// Note implements Notes.
func (s *Mongo) Note(ctx context.Context, id ID, name string) ([]byte, error) {
	_, doc, err := kept(ctx, s.notes, noteKey(id, name))
	return doc, err
}

// DropNotes implements Notes.
func (s *Mongo) DropNotes(ctx context.Context, id ID, prefix string) error {
	low, high := beginning(noteKey(id, prefix))
	_, err := s.notes.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: low}, {Key: "$lt", Value: high}}}})
	return err
}
