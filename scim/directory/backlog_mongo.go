package directory

import (
	"context"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

// Having implements Backlog.
func (s *Mongo) Having(ctx context.Context, state State, after tenant.ID, limit int) ([]tenant.ID, error) {
	return having(state, after, limit, s.firstEntry(ctx))
}

// Count implements Backlog.
func (s *Mongo) Count(ctx context.Context, t tenant.ID, slot tenant.Slot, state State, limit int) (int, error) {
	if limit <= 0 { // which the server would take for "no limit"
		return 0, nil
	}
	low, high := workRange(marks[state], t)
	filter := bson.M{workField(slot): bson.M{"$gte": low, "$lt": high}}
	n, err := s.resources.CountDocuments(ctx, filter, options.Count().SetLimit(int64(limit)))
	return int(n), err
}
