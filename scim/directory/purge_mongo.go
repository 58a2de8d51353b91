package directory

import (
	"context"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

// Forget implements Deliveries.
func (s *Mongo) Forget(ctx context.Context, t tenant.ID, slot tenant.Slot) error {
	nothing := bson.M{workField(slot): "", recordField(slot): "", markField(slot): ""}
	shares := bson.M{"$gte": shareTenant(t, slot), "$lt": strings.TrimSuffix(shareTenant(t, slot), "/") + "0"}
	if _, err := s.shares.DeleteMany(ctx, bson.M{"_id": shares}); err != nil {
		return err
	}
	_, err := s.resources.UpdateMany(ctx, bson.M{"_id": keysOf(t)}, bson.M{"$unset": nothing})
	return err
}

// Purge implements Deliveries.
func (s *Mongo) Purge(ctx context.Context, before time.Time, limit int) (purged int, err error) {
	if limit <= 0 {
		return 0, nil
	}
	clean := bson.M{"gone": bson.M{"$lt": before.UnixMilli()}, "untold": bson.M{"$exists": false}}
	for slot := range tenant.Slot(tenant.MaxConnections) {
		clean[workField(slot)] = bson.M{"$exists": false}
	}
	var keys []string
	oldest := options.Find().SetSort(bson.D{{Key: "gone", Value: 1}}).SetLimit(int64(limit)).SetProjection(bson.M{"_id": 1})
	err = s.eachRaw(ctx, clean, oldest, func(raw bson.Raw) error {
		keys = append(keys, textOf(raw, "_id"))
		return nil
	})
	for _, key := range keys {
		if err != nil {
			return purged, err
		}
		clean["_id"] = key
		var result *mongo.DeleteResult
		if result, err = s.resources.DeleteOne(ctx, clean); err == nil {
			purged += int(result.DeletedCount)
			err = s.purgeEdges(ctx, key)
		}
	}
	return purged, err
}

// purgeShares removes what is left of a tombstone's shares.
func (s *Mongo) purgeShares(ctx context.Context, t tenant.ID, ref Ref) error {
	for slot := range tenant.Slot(tenant.MaxConnections) {
		if _, err := s.shares.DeleteMany(ctx, bson.M{"of": shareTenant(t, slot) + ref.ID}); err != nil {
			return err
		}
		if ref.Kind != "Group" {
			continue
		}
		of := bson.M{"$gte": shareKeys(t, slot, ref.ID), "$lt": shareTenant(t, slot) + ref.ID + "0"}
		if _, err := s.shares.DeleteMany(ctx, bson.M{"_id": of}); err != nil {
			return err
		}
	}
	return nil
}
