package directory

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/tenant"
)

// A share is one document, written when a change of edges is settled and before
// that change leaves the group's document:
//
//	_id    "acme/0/<group>/<member>"  no member while all of the group are to be compared
//	of     "acme/0/<member>"
//	owed   as _id, while it is owed
//	mark   of the change that made it owed
//	asked  as _id, while an attempt of unknown outcome may have touched it
//	held   the account's id under which it is, or may be, a member there
//	every  of one without a member: all are to be sent
func shareKey(t tenant.ID, s tenant.Slot, group, member string) string {
	return shareKeys(t, s, group) + member
}

func shareKeys(t tenant.ID, s tenant.Slot, group string) string {
	return shareTenant(t, s) + group + "/"
}

func shareTenant(t tenant.ID, s tenant.Slot) string {
	return string(t) + "/" + strconv.Itoa(int(s)) + "/"
}

// sharesAfter is the range of a group's shares whose member is greater than after.
func sharesAfter(t tenant.ID, s tenant.Slot, group, after string) bson.M {
	return bson.M{"$gt": shareKey(t, s, group, after), "$lt": shareTenant(t, s) + group + "0"} // "0" follows "/"
}

func shareIndexes() []mongo.IndexModel {
	models := []mongo.IndexModel{{Keys: bson.D{{Key: "of", Value: 1}}}}
	for _, field := range []string{"owed", "asked", "held"} {
		models = append(models, mongo.IndexModel{Keys: bson.D{{Key: field, Value: 1}}, Options: options.Index().SetSparse(true)})
	}
	return models
}

// sharesOwing makes the shares of members owed.
func sharesOwing(t tenant.ID, s tenant.Slot, group string, members []string) []mongo.WriteModel {
	models := make([]mongo.WriteModel, len(members))
	for i, member := range members {
		key := shareKey(t, s, group, member)
		set := bson.M{"owed": key, "mark": rand.Text(), "of": shareTenant(t, s) + member}
		models[i] = mongo.NewUpdateOneModel().SetFilter(bson.M{"_id": key}).SetUpdate(bson.M{"$set": set}).SetUpsert(true)
	}
	return models
}

// oweMoved makes what is pending in a group owed to the slots of each change.
func (s *Mongo) oweMoved(ctx context.Context, t tenant.ID, g *groupState) error {
	_, ref := splitKey(g.key)
	var models []mongo.WriteModel
	for _, p := range g.pend {
		members := slices.Concat(p.Add, p.Remove)
		if p.Reset {
			members = append(members, "")
		}
		for _, slot := range p.Slots {
			models = append(models, sharesOwing(t, tenant.Slot(slot), ref.ID, members)...)
		}
	}
	return s.writeShares(ctx, models)
}

// writeShares writes many, each of which may be sent twice.
func (s *Mongo) writeShares(ctx context.Context, models []mongo.WriteModel) error {
	for chunk := range slices.Chunk(models, atOnce) {
		for lost := 0; ; lost++ {
			_, err := s.shares.BulkWrite(ctx, chunk, options.BulkWrite().SetOrdered(false))
			if err == nil {
				break
			}
			if !conflicted(err) && !onlyDuplicates(err) { // two upserts met
				return err
			}
			if err := pause(ctx, lost); err != nil {
				return err
			}
		}
	}
	return nil
}

// OwedShares implements Shares.
func (s *Mongo) OwedShares(ctx context.Context, t tenant.ID, slot tenant.Slot, group, after string, limit int) ([]Share, error) {
	g, err := s.settled(ctx, t, group)
	if err != nil || g == nil {
		return nil, err
	}
	if err := s.compareAll(ctx, t, slot, group, g); err != nil {
		return nil, err
	}
	var shares []Share
	how := options.Find().SetSort(bson.D{{Key: "owed", Value: 1}}).SetLimit(int64(limit))
	err = s.eachShare(ctx, bson.M{"owed": sharesAfter(t, slot, group, after)}, how, func(member string, raw bson.Raw) {
		shares = append(shares, Share{Member: member, Held: textOf(raw, "held"), mark: textOf(raw, "mark")})
	})
	if err != nil || len(shares) == 0 {
		return nil, err
	}
	// What is wanted is looked up after the marks were read: a change that comes in
	// between is marked anew, so that nobody can settle it without having seen it.
	if g, err = s.group(ctx, g.key); err != nil || g == nil {
		return nil, err
	}
	return shares, s.fillIn(ctx, t, slot, g, shares)
}

// settled returns a living group after all that is pending in it was settled; nil
// if there is none.
func (s *Mongo) settled(ctx context.Context, t tenant.ID, group string) (*groupState, error) {
	g, err := s.group(ctx, resourceKey(t, Ref{Kind: "Group", ID: group}))
	if err == nil && g != nil && len(g.pend) > 0 {
		err = s.settle(ctx, t, g)
	}
	return g, err
}

func (s *Mongo) eachShare(ctx context.Context, where bson.M, how *options.FindOptionsBuilder, f func(member string, raw bson.Raw)) error {
	return eachOf(ctx, s.shares, where, how, func(raw bson.Raw) error {
		f(strings.SplitN(textOf(raw, "_id"), "/", 4)[3], raw)
		return nil
	})
}

// fillIn tells of each share whether it is wanted, and under which id of the
// account.
func (s *Mongo) fillIn(ctx context.Context, t tenant.ID, slot tenant.Slot, g *groupState, shares []Share) error {
	ids := make([]string, len(shares))
	for i, share := range shares {
		ids[i] = share.Member
	}
	wanted, err := s.roll(ctx, t, g).among(ids)
	if err != nil {
		return err
	}
	remote, err := s.remoteIDs(ctx, t, slot, wanted)
	for i := range shares {
		shares[i].RemoteID, shares[i].Wanted = remote[shares[i].Member], false
		_, shares[i].Wanted = remote[shares[i].Member]
	}
	return err
}

// remoteIDs returns the account's ids of those of ids that live, by id.
func (s *Mongo) remoteIDs(ctx context.Context, t tenant.ID, slot tenant.Slot, ids []string) (map[string]string, error) {
	remote := make(map[string]string, len(ids))
	how := options.Find().SetProjection(bson.M{recordField(slot): 1, workField(slot): 1, "v": 1})
	for chunk := range slices.Chunk(ids, atOnce) {
		keys := make([]string, 0, 2*len(chunk))
		for _, id := range chunk {
			user, group := endKeys(string(t), id)
			keys = append(keys, user, group)
		}
		where := bson.M{"_id": bson.M{"$in": keys}, "body": bson.M{"$exists": true}}
		err := s.eachRaw(ctx, where, how, func(raw bson.Raw) error {
			d, err := loadRecord(textOf(raw, workField(slot)), []byte(textOf(raw, recordField(slot))), uint64(numberOf(raw, "v")), false)
			_, ref := splitKey(textOf(raw, "_id"))
			remote[ref.ID] = d.RemoteID
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return remote, nil
}
