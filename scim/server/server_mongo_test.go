package server_test

import (
	"context"
	"os"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/scim/directory"
)

// openMongo opens the store on the server that SCIMGATE_TEST_MONGODB_URI names,
// in a database that goes with the test; nil if there is none.
func openMongo(tb testing.TB) directory.Store {
	tb.Helper()
	uri := os.Getenv("SCIMGATE_TEST_MONGODB_URI")
	if uri == "" {
		return nil
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		tb.Fatal(err)
	}
	db := client.Database("server_" + bson.NewObjectIDFromTimestamp(time.Now()).Hex())
	tb.Cleanup(func() {
		ctx := context.WithoutCancel(tb.Context()) // which ends before the clean-up
		_ = db.Drop(ctx)
		_ = client.Disconnect(ctx)
	})
	store, err := directory.OpenMongo(tb.Context(), db)
	if err != nil {
		tb.Fatal(err)
	}
	return store
}
