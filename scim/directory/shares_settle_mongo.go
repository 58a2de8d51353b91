package directory

import (
	"context"
	"crypto/rand"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

// AskShares implements Shares.
func (s *Mongo) AskShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group string, shares []Share) error {
	models := make([]mongo.WriteModel, len(shares))
	for i, share := range shares {
		key := shareKey(t, slot, group, share.Member)
		set := bson.M{"asked": key}
		if share.Wanted {
			set["held"] = share.RemoteID
		}
		models[i] = mongo.NewUpdateOneModel().SetFilter(bson.M{"_id": key}).SetUpdate(bson.M{"$set": set})
	}
	return s.writeShares(ctx, models)
}

// SettleShares implements Shares.
func (s *Mongo) SettleShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group string, shares []Share, sure bool) error {
	models := make([]mongo.WriteModel, 0, len(shares))
	for _, share := range shares {
		same := bson.M{"_id": shareKey(t, slot, group, share.Member), "mark": share.mark}
		if sure && share.held() == "" {
			models = append(models, mongo.NewDeleteOneModel().SetFilter(same))
			continue
		}
		set, unset := bson.M{"held": share.held()}, bson.M{"owed": ""}
		if share.held() == "" {
			set, unset = bson.M{"mark": share.mark}, bson.M{"owed": ""} // it may be added yet
		}
		if sure {
			unset["asked"] = ""
		}
		models = append(models, mongo.NewUpdateOneModel().SetFilter(same).SetUpdate(bson.M{"$set": set, "$unset": unset}))
	}
	return s.writeShares(ctx, models)
}

// RecheckShares implements Shares.
func (s *Mongo) RecheckShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group string) (bool, error) {
	var models []mongo.WriteModel
	err := s.eachShare(ctx, bson.M{"asked": sharesAfter(t, slot, group, "")}, options.Find(), func(_ string, raw bson.Raw) {
		key := textOf(raw, "_id")
		update := bson.M{"$set": bson.M{"owed": key, "mark": rand.Text()}, "$unset": bson.M{"asked": ""}}
		models = append(models, mongo.NewUpdateOneModel().SetFilter(bson.M{"_id": key}).SetUpdate(update))
	})
	if err == nil {
		err = s.writeShares(ctx, models)
	}
	if err != nil {
		return false, err
	}
	shares, err := s.OwedShares(ctx, t, slot, group, "", 1)
	return len(shares) > 0, err
}

// RenewShares implements Shares.
func (s *Mongo) RenewShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group string) error {
	return s.writeShares(ctx, comparing(t, slot, group, true))
}

// comparing writes the share of nobody.
func comparing(t tenant.ID, slot tenant.Slot, group string, every bool) []mongo.WriteModel {
	key := shareKey(t, slot, group, "")
	set := bson.M{"mark": rand.Text()}
	if every {
		set["every"] = true
	}
	return []mongo.WriteModel{mongo.NewUpdateOneModel().SetFilter(bson.M{"_id": key}).SetUpdate(bson.M{"$set": set}).SetUpsert(true)}
}
