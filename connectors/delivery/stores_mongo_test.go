package delivery

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/scim/directory"
)

const mongoURI = "SCIMGATE_TEST_MONGODB_URI"

func openMongo(t testing.TB) store {
	t.Helper()
	uri := os.Getenv(mongoURI)
	if uri == "" {
		t.Skip(mongoURI + " is not set")
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetServerSelectionTimeout(5 * time.Second))
	if err != nil {
		t.Fatal(err)
	}
	db := client.Database("delivery_test_" + uuid.NewString()[:8])
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := db.Drop(ctx); err != nil {
			t.Error(err)
		}
		if err := client.Disconnect(ctx); err != nil {
			t.Error(err)
		}
	})
	s, err := directory.OpenMongo(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
