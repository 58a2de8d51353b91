package tenant

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func departuresKey(id ID, slot Slot) string { return fmt.Sprintf("%s/%d", id, slot) }

// EditDepartures implements Counter.
func (s *Mongo) EditDepartures(ctx context.Context, id ID, slot Slot, edit func(*Departures) bool) error {
	return s.editKept(ctx, s.departures, id, departuresKey(id, slot), editingDepartures(edit))
}

func (s *Mongo) deleteDepartures(ctx context.Context, id ID) error {
	var keys []string
	for slot := range Slot(MaxConnections) {
		keys = append(keys, departuresKey(id, slot))
	}
	_, err := s.departures.DeleteMany(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: keys}}}})
	return err
}
