package directory

import (
	"context"
	"errors"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

// settle makes edges of what is pending in a group that was just written. What
// fails here is settled by whoever changes the group next.
func (s *Mongo) settle(ctx context.Context, t tenant.ID, g *groupState) error {
	models := make([]mongo.WriteModel, 0, len(g.pend))
	for id, f := range g.fate() {
		key := edgeKey(g.key, id)
		edge := bson.M{"v": f.v, "epoch": g.epoch, "on": f.in, "of": string(t) + "/" + id}
		older := bson.M{"_id": key, "v": bson.M{"$lt": f.v}}
		models = append(models, mongo.NewUpdateOneModel().SetFilter(older).SetUpdate(bson.M{"$set": edge}).SetUpsert(true))
	}
	for chunk := range slices.Chunk(models, atOnce) {
		_, err := s.edges.BulkWrite(ctx, chunk, options.BulkWrite().SetOrdered(false))
		if err != nil && !onlyDuplicates(err) { // a newer edge is there already
			return err
		}
	}
	if err := s.oweMoved(ctx, t, g); err != nil {
		return err
	}
	same := bson.M{"_id": g.key, "v": g.version}
	_, err := s.resources.UpdateOne(ctx, same, bson.M{"$unset": bson.M{"pend": "", "unsettled": ""}})
	return err
}

// onlyDuplicates reports whether all that failed of a bulk are duplicate keys.
func onlyDuplicates(err error) bool {
	var bulk mongo.BulkWriteException
	if !errors.As(err, &bulk) || bulk.WriteConcernError != nil {
		return false
	}
	for _, e := range bulk.WriteErrors {
		if e.Code != 11000 {
			return false
		}
	}
	return len(bulk.WriteErrors) > 0
}

// purgeEdges removes what edges are left of a tombstone.
func (s *Mongo) purgeEdges(ctx context.Context, key string) error {
	t, ref := splitKey(key)
	if ref.Kind == "Group" {
		of := bson.M{"$gt": edgeKey(key, ""), "$lt": edgeKey(key, "\x7f")}
		if _, err := s.edges.DeleteMany(ctx, bson.M{"_id": of}); err != nil {
			return err
		}
	}
	if err := s.purgeShares(ctx, t, ref); err != nil {
		return err
	}
	_, err := s.edges.DeleteMany(ctx, bson.M{"of": string(t) + "/" + ref.ID})
	return err
}
