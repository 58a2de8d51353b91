package directory

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

const mongoURI = "SCIMGATE_TEST_MONGODB_URI"

func openMongo(tb testing.TB) *Mongo {
	tb.Helper()
	uri := os.Getenv(mongoURI)
	if uri == "" {
		tb.Skip(mongoURI + " is not set")
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetServerSelectionTimeout(5 * time.Second))
	if err != nil {
		tb.Fatal(err)
	}
	db := client.Database("directory_test_" + uuid.NewString()[:8])
	tb.Cleanup(func() {
		ctx := context.WithoutCancel(tb.Context())
		if err := db.Drop(ctx); err != nil {
			tb.Error(err)
		}
		if err := client.Disconnect(ctx); err != nil {
			tb.Error(err)
		}
	})
	s, err := OpenMongo(tb.Context(), db)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func parkManyInMongo(t *testing.T, s *Mongo, count int, work string) {
	t.Helper()
	docs := make([]any, count)
	for i := range docs {
		docs[i] = bson.M{"_id": fmt.Sprintf("acme/User/p%d", i), "part": "acme/User", "v": int64(1), "body": []byte("{}"), "w0": work}
	}
	if _, err := s.resources.InsertMany(t.Context(), docs); err != nil {
		t.Fatal(err)
	}
}

// Every question is answered by an index, says the server, if it can say.
func TestMongoExplains(t *testing.T) {
	s := openMongo(t)
	for i := range 50 {
		create(t, s, acme, user(t, newID(), fmt.Sprintf("u%d", i), `,"title":"x"`), 0)
	}
	low, high := workRange(dueMark, acme)
	for _, where := range []bson.M{
		{"_id": resourceKey(acme, Ref{"User", "a"})},
		{"part": "acme/User", "entries": "title\x00x"},
		{"part": "acme/User", "entries": bson.M{"$elemMatch": bson.M{"$gte": "title\x00", "$lt": "title\x01"}}},
		{"name": "acme/User/u1"},
		{"w0": bson.M{"$gte": low, "$lt": high}},
		{"leaver": "x"},
		{"gone": bson.M{"$lt": int64(1)}},
		{"_id": keysOf(acme)},
	} {
		var plan bson.M
		find := bson.D{{Key: "find", Value: s.resources.Name()}, {Key: "filter", Value: where}}
		err := s.resources.Database().RunCommand(t.Context(), bson.D{{Key: "explain", Value: find}}).Decode(&plan)
		if err != nil {
			t.Logf("this server does not explain: %v", err)
			return
		}
		if text := fmt.Sprint(plan["queryPlanner"]); strings.Contains(text, "COLLSCAN") {
			t.Errorf("%v walks the collection: %s", where, text)
		}
	}
}

// A write that was sent twice is known again by its mark, and another's is not.
func TestMongoKnowsItsOwnWriteAgain(t *testing.T) {
	s := openMongo(t)
	ctx := t.Context()
	r := user(t, newID(), "ana", "")
	create(t, s, acme, r, 0)
	key := resourceKey(acme, Ref{"User", r.ID})
	raw, err := s.find(ctx, bson.M{"_id": key})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.whoseInsert(ctx, key, textOf(raw, "mark")); err != nil {
		t.Errorf("its own: %v", err)
	}
	if err := s.whoseInsert(ctx, key, "another"); !isUniqueness(err) {
		t.Errorf("another's: %v", err)
	}
	before, set := bson.M{"_id": key, "v": int64(1)}, bson.M{"v": int64(2), "mark": "mine"}
	for range 2 {
		if err := s.swap(ctx, before, bson.M{"$set": set}, "mark", "mine"); err != nil {
			t.Errorf("its own update: %v", err)
		}
	}
	set["mark"] = "yours"
	if err := s.swap(ctx, before, bson.M{"$set": set}, "mark", "yours"); !errors.Is(err, errLost) {
		t.Errorf("another's update: %v", err)
	}
}
