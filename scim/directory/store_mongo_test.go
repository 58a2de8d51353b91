package directory

import (
	"context"
	"fmt"
	"os"
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
