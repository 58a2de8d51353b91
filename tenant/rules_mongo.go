package tenant

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// rulesDocument is one version of a tenant's rules.
type rulesDocument struct {
	ID        string `bson:"_id"` // "<tenant>/<rev, 20 digits>"
	Mark      string `bson:"mark"`
	Rev       int64  `bson:"rev"`
	Rules     []byte `bson:"rules"`
	Author    string `bson:"author"`
	Published int64  `bson:"published"`
}

// SaveRules implements Store.
func (s *Mongo) SaveRules(ctx context.Context, id ID, v RulesVersion) error {
	key, mark := fmt.Sprintf("%s/%020d", id, v.Rev), uuid.NewString()
	return insert(ctx, s.rules, key, mark, rulesDocument{
		ID: key, Mark: mark, Rev: int64(v.Rev), Rules: v.Rules,
		Author: v.Author, Published: toMillis(v.Published),
	})
}

// RulesVersions implements Store.
func (s *Mongo) RulesVersions(ctx context.Context, id ID) ([]RulesVersion, error) {
	newest := options.Find().SetSort(bson.D{{Key: "_id", Value: -1}})
	return list(ctx, s.rules, rulesOf(id), newest, func(d rulesDocument) (RulesVersion, error) {
		return RulesVersion{
			Rev: uint64(d.Rev), Rules: d.Rules, Author: d.Author, Published: fromMillis(d.Published),
		}, nil
	})
}

// rulesOf is the range of a tenant's rules: "0" is the character after "/".
func rulesOf(id ID) bson.D {
	return bson.D{{Key: "_id", Value: bson.D{{Key: "$gte", Value: id + "/"}, {Key: "$lt", Value: id + "0"}}}}
}
