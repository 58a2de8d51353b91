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
	"scimgate/tenant"
)

const mongoURI = "SCIMGATE_TEST_MONGODB_URI"

func openMongo(tb testing.TB) store {
	tb.Helper()
	s, err := directory.OpenMongo(tb.Context(), mongoDatabase(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func openMongoLeases(tb testing.TB) tenant.Leases {
	tb.Helper()
	s, err := tenant.OpenMongo(tb.Context(), mongoDatabase(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// mongoDatabase returns a database of the test's own.
func mongoDatabase(tb testing.TB) *mongo.Database {
	tb.Helper()
	uri := os.Getenv(mongoURI)
	if uri == "" {
		tb.Skip(mongoURI + " is not set")
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetServerSelectionTimeout(5 * time.Second))
	if err != nil {
		tb.Fatal(err)
	}
	db := client.Database("delivery_test_" + uuid.NewString()[:8])
	tb.Cleanup(func() {
		ctx := context.WithoutCancel(tb.Context())
		if err := db.Drop(ctx); err != nil {
			tb.Error(err)
		}
		if err := client.Disconnect(ctx); err != nil {
			tb.Error(err)
		}
	})
	return db
}
