package tenant

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// openMongo returns a store in a database of its own on the server that
// SCIMGATE_TEST_MONGODB_URI names.
func openMongo(t *testing.T) *Mongo {
	t.Helper()
	uri := os.Getenv("SCIMGATE_TEST_MONGODB_URI")
	if uri == "" {
		t.Skip("SCIMGATE_TEST_MONGODB_URI is not set")
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetServerSelectionTimeout(5 * time.Second))
	must(t, err)
	db := client.Database("tenant_test_" + uuid.NewString()[:8])
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if err := db.Drop(ctx); err != nil {
			t.Error(err)
		}
		if err := client.Disconnect(ctx); err != nil {
			t.Error(err)
		}
	})
	s, err := OpenMongo(t.Context(), db)
	must(t, err)
	return s
}

// A write that the driver sends twice is known again by its mark.
func TestMongoKnowsItsOwnWriteAgain(t *testing.T) {
	s := openMongo(t)
	doc := tenantDocument{ID: "acme", Version: 1, Mark: "mine", Doc: []byte(`{}`)}
	for range 2 {
		must(t, insert(t.Context(), s.tenants, "acme", doc.Mark, doc))
	}
	doc.Mark = "another's"
	wantErr(t, "another's insert", insert(t.Context(), s.tenants, "acme", doc.Mark, doc), ErrExists)
}

// writeMongoDocument stores a tenant's document as a newer build does, which keeps
// something beside it, too.
func writeMongoDocument(t *testing.T, s *Mongo, id ID, doc string) {
	t.Helper()
	_, err := s.tenants.UpdateOne(t.Context(), byID(string(id)),
		bson.D{{Key: "$set", Value: bson.D{{Key: "doc", Value: []byte(doc)}, {Key: "v", Value: int64(4)}, {Key: "beside", Value: "too"}}}})
	must(t, err)
}

func mongoDocument(t *testing.T, s *Mongo, id ID) []byte {
	t.Helper()
	raw, err := s.tenants.FindOne(t.Context(), byID(string(id))).Raw()
	must(t, err)
	if beside, _ := raw.Lookup("beside").StringValueOK(); beside != "too" {
		t.Errorf("what stands beside the document is gone: %v", raw)
	}
	_, doc := raw.Lookup("doc").Binary()
	return doc
}
