package directory

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

// compareAll does what a share of nobody stands for: it makes owed what is wanted
// and not held, and what is held and not wanted, some at a time.
func (s *Mongo) compareAll(ctx context.Context, t tenant.ID, slot tenant.Slot, group string, g *groupState) error {
	nobody, err := s.shares.FindOne(ctx, bson.M{"_id": shareKey(t, slot, group, "")}).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return nil
	}
	if err != nil {
		return err
	}
	every, _ := nobody.Lookup("every").BooleanOK()
	if err := s.compareEdges(ctx, t, slot, group, g, every); err != nil {
		return err
	}
	if err := s.compareHeld(ctx, t, slot, group, g); err != nil {
		return err
	}
	_, err = s.shares.DeleteOne(ctx, bson.M{"_id": shareKey(t, slot, group, ""), "mark": textOf(nobody, "mark")})
	return err
}

func (s *Mongo) compareEdges(ctx context.Context, t tenant.ID, slot tenant.Slot, group string, g *groupState, every bool) error {
	for after, more := "", true; more; {
		ids, err := s.idsAfter(ctx, g, after, sharesAtOnce)
		if err != nil || len(ids) == 0 {
			return err
		}
		more, after = len(ids) == sharesAtOnce, ids[len(ids)-1]
		if !every {
			held, err := s.heldAmong(ctx, t, slot, group, ids)
			if err != nil {
				return err
			}
			ids = keep(ids, func(id string) bool { return !held[id] })
		}
		if err := s.writeShares(ctx, sharesOwing(t, slot, group, ids)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Mongo) heldAmong(ctx context.Context, t tenant.ID, slot tenant.Slot, group string, ids []string) (map[string]bool, error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = shareKey(t, slot, group, id)
	}
	held := map[string]bool{}
	err := s.eachShare(ctx, bson.M{"_id": bson.M{"$in": keys}, "held": bson.M{"$exists": true}}, options.Find(), func(member string, _ bson.Raw) {
		held[member] = true
	})
	return held, err
}

func (s *Mongo) compareHeld(ctx context.Context, t tenant.ID, slot tenant.Slot, group string, g *groupState) error {
	for after, more := "", true; more; {
		var ids []string
		how := options.Find().SetSort(byKey).SetLimit(sharesAtOnce)
		where := bson.M{"_id": sharesAfter(t, slot, group, after), "held": bson.M{"$exists": true}}
		if err := s.eachShare(ctx, where, how, func(member string, _ bson.Raw) { ids = append(ids, member) }); err != nil || len(ids) == 0 {
			return err
		}
		more, after = len(ids) == sharesAtOnce, ids[len(ids)-1]
		wanted, err := s.roll(ctx, t, g).among(ids)
		if err != nil {
			return err
		}
		has := setOf(wanted)
		stray := keep(ids, func(id string) bool { return !has[id] })
		if err := s.writeShares(ctx, sharesOwing(t, slot, group, stray)); err != nil {
			return err
		}
	}
	return nil
}
