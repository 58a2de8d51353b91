package directory

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// An index changes how soon an answer comes, and never the answer. The server of the
// tests has indexes of our making (.ci/mongo); these twins would tell on them.
func TestMongoIndexesChangeNoAnswer(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	db := openMongo(t).resources.Database()
	w := twins{t, rand.New(rand.NewPCG(seed, 0)), db.Collection("indexed"), db.Collection("plain")}
	for _, field := range []string{"text", "number", "many"} {
		key := bson.D{{Key: field, Value: 1}, {Key: "other", Value: 1}}
		if _, err := w.indexed.Indexes().CreateOne(t.Context(), mongo.IndexModel{Keys: key}); err != nil {
			t.Fatal(err)
		}
	}
	found := 0
	for range 200 {
		w.write()
		found += w.ask()
	}
	if found == 0 {
		t.Error("no question found anything")
	}
}

// twins are two collections with the same documents; plain has an index of _id alone,
// and is never asked by it.
type twins struct {
	t              *testing.T
	rand           *rand.Rand
	indexed, plain *mongo.Collection
}

func (w twins) one(format string) string { return fmt.Sprintf(format, w.rand.IntN(9)) }

func (w twins) write() {
	id := w.one("k%d")
	fields := bson.M{"key": id}
	for field, value := range map[string]any{
		"text": w.one("t%d"), "number": w.rand.IntN(9), "many": bson.A{w.one("m%d"), w.one("m%d")}, "other": w.rand.IntN(2),
	} {
		if w.rand.IntN(4) > 0 {
			fields[field] = value
		}
	}
	ctx, byID, what := w.t.Context(), bson.M{"_id": id}, w.rand.IntN(3)
	for _, c := range []*mongo.Collection{w.indexed, w.plain} {
		var err error
		switch what {
		case 0:
			_, err = c.DeleteOne(ctx, byID)
		case 1:
			_, err = c.UpdateOne(ctx, byID, bson.M{"$set": fields}, options.UpdateOne().SetUpsert(true))
		default:
			_, err = c.ReplaceOne(ctx, byID, fields, options.Replace().SetUpsert(true))
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// ask asks both of them the same, and returns how much was found.
func (w twins) ask() (found int) {
	for _, question := range questions(w.rand.IntN(9), w.rand.IntN(9)) {
		want := w.keys(w.plain, question)
		if key, ok := question["key"]; ok {
			delete(question, "key")
			question["_id"] = key
		}
		if got := w.keys(w.indexed, question); !slices.Equal(got, want) {
			w.t.Fatalf("%v finds %v by an index, and %v without", question, got, want)
		}
		found += len(want)
	}
	return found
}

// questions are such as the stores ask, and some that an index must leave to a scan.
func questions(from, to int) []bson.M {
	text := func(i int) string { return fmt.Sprintf("t%d", i) }
	many := func(i int) string { return fmt.Sprintf("m%d", i) }
	key := func(i int) string { return fmt.Sprintf("k%d", i) }
	return []bson.M{
		{"text": text(from)},
		{"text": text(from), "other": 1},
		{"text": nil},
		{"text": bson.M{"$exists": false}},
		{"text": bson.M{"$in": bson.A{text(from), text(to), nil}}},
		{"text": bson.M{"$in": bson.A{text(from), text(to)}}},
		{"text": bson.M{"$gte": text(from), "$lt": text(to)}},
		{"text": bson.M{"$gt": text(from)}},
		{"text": bson.M{"$lte": text(to), "$exists": true}},
		{"$and": bson.A{bson.M{"number": from}, bson.M{"text": bson.M{"$ne": text(to)}}}},
		{"$or": bson.A{bson.M{"number": from}, bson.M{"text": text(to)}}},
		{"number": int64(from)},
		{"number": bson.M{"$gt": from, "$lte": to}},
		{"number": bson.M{"$lt": float64(to)}},
		{"number": text(from)},
		{"many": many(from)},
		{"many": bson.M{"$gt": many(from), "$lt": many(to)}},
		{"many": bson.A{many(from), many(to)}},
		{"many": bson.M{"$elemMatch": bson.M{"$gte": many(from), "$lt": many(to)}}},
		{"key": key(from)},
		{"key": key(from), "other": 1},
		{"key": bson.M{"$in": bson.A{key(from), key(to)}}, "other": 0},
		{"key": bson.M{"$gte": key(from), "$lt": key(to)}},
	}
}

func (w twins) keys(of *mongo.Collection, where bson.M) (keys []string) {
	cursor, err := of.Find(w.t.Context(), where)
	if err != nil {
		w.t.Fatal(err)
	}
	var found []struct {
		ID string `bson:"_id"`
	}
	if err := cursor.All(w.t.Context(), &found); err != nil {
		w.t.Fatal(err)
	}
	for _, d := range found {
		keys = append(keys, d.ID)
	}
	slices.Sort(keys)
	return keys
}
