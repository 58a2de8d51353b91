package console

import (
	"context"
	"os"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	mongoevent "go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// stores are what a console keeps everything in.
type stores struct {
	tenants interface {
		tenant.Store
		tenant.Ledger
		tenant.Passes
		tenant.Notes
	}
	resources admin.Directory
	asked     *atomic.Int64 // commands that the server of the store was sent; nil where there is no server
}

func openSQLite(tb testing.TB) stores {
	tb.Helper()
	tenants, err := tenant.OpenSQLite(tb.Context(), ":memory:")
	if err != nil {
		tb.Fatal(err)
	}
	resources, err := directory.OpenSQLite(tb.Context(), ":memory:")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if _, err := resources.Close(), tenants.Close(); err != nil {
			tb.Error(err)
		}
	})
	return stores{tenants, resources, nil}
}

// openMongo takes a database of its own on the server that
// SCIMGATE_TEST_MONGODB_URI names.
func openMongo(tb testing.TB) stores {
	tb.Helper()
	uri := os.Getenv("SCIMGATE_TEST_MONGODB_URI")
	if uri == "" {
		tb.Skip("SCIMGATE_TEST_MONGODB_URI is not set")
	}
	asked := new(atomic.Int64)
	monitor := &mongoevent.CommandMonitor{Started: func(context.Context, *mongoevent.CommandStartedEvent) { asked.Add(1) }}
	client, err := mongo.Connect(options.Client().ApplyURI(uri).SetMonitor(monitor))
	if err != nil {
		tb.Fatal(err)
	}
	db := client.Database("console_test_" + uuid.NewString()[:8])
	tb.Cleanup(func() {
		ctx := context.WithoutCancel(tb.Context())
		_, _ = db.Drop(ctx), client.Disconnect(ctx)
	})
	tenants, err := tenant.OpenMongo(tb.Context(), db)
	if err != nil {
		tb.Fatal(err)
	}
	resources, err := directory.OpenMongo(tb.Context(), db)
	if err != nil {
		tb.Fatal(err)
	}
	return stores{tenants, resources, asked}
}
