package directory

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

// MoveShares implements Shares.
func (s *Mongo) MoveShares(ctx context.Context, t tenant.ID, slot tenant.Slot, member, remoteID string, due time.Time) error {
	of := shareTenant(t, slot) + member
	var models []mongo.WriteModel
	groups := map[string]bool{}
	err := s.eachShare(ctx, bson.M{"of": of}, options.Find(), func(_ string, raw bson.Raw) {
		key, held := textOf(raw, "_id"), textOf(raw, "held")
		moved := held != "" && held != remoteID
		if moved {
			set := bson.M{"owed": key, "mark": rand.Text()}
			models = append(models, mongo.NewUpdateOneModel().SetFilter(bson.M{"_id": key, "held": held}).SetUpdate(bson.M{"$set": set}))
		}
		if moved || textOf(raw, "owed") != "" {
			groups[resourceKey(t, Ref{Kind: "Group", ID: strings.SplitN(key, "/", 4)[2]})] = true
		}
	})
	if err != nil || len(groups) == 0 {
		return err
	}
	if err := s.writeShares(ctx, models); err != nil {
		return err
	}
	return nudge(ctx, s.step, t, slot, slices.Collect(maps.Keys(groups)), leavingIf(remoteID == ""), due)
}

// HoldShares implements Shares.
func (s *Mongo) HoldShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group string, shares []Share, due time.Time) error {
	key := resourceKey(t, Ref{Kind: "Group", ID: group})
	if g, err := s.group(ctx, key); err != nil || g == nil {
		return err
	}
	models := make([]mongo.WriteModel, len(shares))
	for i, share := range shares {
		models[i] = holding(t, slot, group, share.Member, share.RemoteID)
	}
	if err := s.writeShares(ctx, models); err != nil {
		return err
	}
	return nudge(ctx, s.step, t, slot, []string{key}, Grouping, due)
}

// InheritShares implements Shares. The heir's are written first: who is interrupted
// begins again.
func (s *Mongo) InheritShares(ctx context.Context, t tenant.ID, slot tenant.Slot, member, remoteID string, due time.Time) error {
	var gain, leave []mongo.WriteModel
	groups := map[string]bool{}
	all := shareTenant(t, slot)
	where := bson.M{"held": remoteID, "_id": bson.M{"$gte": all, "$lt": all[:len(all)-1] + "0"}} // "0" follows "/"
	err := s.eachShare(ctx, where, options.Find(), func(holder string, raw bson.Raw) {
		if holder == member {
			return
		}
		key := textOf(raw, "_id")
		group := strings.SplitN(key, "/", 4)[2]
		gain = append(gain, holding(t, slot, group, member, remoteID))
		leave = append(leave, mongo.NewDeleteOneModel().SetFilter(bson.M{"_id": key, "held": remoteID}))
		groups[resourceKey(t, Ref{Kind: "Group", ID: group})] = true
	})
	if err != nil || len(groups) == 0 {
		return err
	}
	if err := s.writeShares(ctx, gain); err != nil {
		return err
	}
	if err := s.writeShares(ctx, leave); err != nil {
		return err
	}
	return nudge(ctx, s.step, t, slot, slices.Collect(maps.Keys(groups)), Grouping, due)
}

// holding writes a share that the account holds, owed anew.
func holding(t tenant.ID, slot tenant.Slot, group, member, remoteID string) mongo.WriteModel {
	key := shareKey(t, slot, group, member)
	set := bson.M{"owed": key, "asked": key, "mark": rand.Text(), "of": shareTenant(t, slot) + member, "held": remoteID}
	return mongo.NewUpdateOneModel().SetFilter(bson.M{"_id": key}).SetUpdate(bson.M{"$set": set}).SetUpsert(true)
}
