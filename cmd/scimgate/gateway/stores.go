package gateway

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"scimgate/cmd/scimgate/config"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Directory is what one store of resources does: keep them, and keep what is
// owed of them.
type Directory interface {
	directory.Store
	directory.Deliveries
	directory.Journal
}

// Stores are the open stores of one process.
type Stores struct {
	Tenants   tenant.Store
	Ledger    tenant.Ledger
	Tallies   tenant.Tallies
	Counter   tenant.Counter
	Passes    tenant.Passes
	Notes     tenant.Notes
	Directory Directory
	Leases    tenant.Leases  // nil where the store serves one process only
	close     []func() error // last opened first
	commands  *event.CommandMonitor
}

// OpenStores opens MongoDB where c names one, else the embedded store in the
// folder c.Data, which it makes; the name ":memory:" keeps everything in memory.
func OpenStores(ctx context.Context, c *config.Config) (*Stores, error) {
	return openStores(ctx, c, nil)
}

// openStores lets commands be watched that go to MongoDB; nil does not.
func openStores(ctx context.Context, c *config.Config, commands *event.CommandMonitor) (*Stores, error) {
	s := &Stores{commands: commands}
	open := s.openSQLite
	if c.MongoDBURI != "" {
		open = s.openMongo
	}
	if err := open(ctx, c); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes the stores.
func (s *Stores) Close() error {
	var faults []error
	for _, closeOne := range s.close {
		faults = append(faults, closeOne())
	}
	return errors.Join(faults...)
}

// Ping reports whether both stores answer.
func (s *Stores) Ping(ctx context.Context) error {
	return errors.Join(s.Tenants.Ping(ctx), s.Directory.Ping(ctx))
}

func (s *Stores) closeLater(f func() error) {
	s.close = append([]func() error{f}, s.close...)
}

func (s *Stores) openSQLite(ctx context.Context, c *config.Config) error {
	path := config.InMemory
	if c.Data != config.InMemory {
		if err := os.MkdirAll(c.Data, 0o700); err != nil {
			return fmt.Errorf("data: %w", err)
		}
		path = filepath.Join(c.Data, "scimgate.db")
	}
	tenants, err := tenant.OpenSQLite(ctx, path)
	if err != nil {
		return err
	}
	s.closeLater(tenants.Close)
	resources, err := directory.OpenSQLite(ctx, path)
	if err != nil {
		return err
	}
	s.closeLater(resources.Close)
	s.Tenants, s.Ledger, s.Tallies, s.Counter, s.Passes, s.Notes = tenants, tenants, tenants, tenants, tenants, tenants
	s.Directory = resources
	return nil
}

func (s *Stores) openMongo(ctx context.Context, c *config.Config) error {
	parsed, err := connstring.ParseAndValidate(c.MongoDBURI)
	if err != nil {
		return errors.New("mongodb-uri: it cannot be read") // the driver's text would repeat the password
	}
	name := parsed.Database
	if name == "" {
		name = "scimgate"
	}
	client, err := mongo.Connect(mongoOptions(c.MongoDBURI).SetMonitor(s.commands))
	if err != nil {
		return fmt.Errorf("mongodb-uri: %w", err)
	}
	s.closeLater(func() error { return client.Disconnect(context.WithoutCancel(ctx)) })
	db := client.Database(name)
	tenants, err := tenant.OpenMongo(ctx, db)
	if err != nil {
		return err
	}
	s.Tenants, s.Ledger, s.Tallies, s.Counter, s.Passes, s.Notes = tenants, tenants, tenants, tenants, tenants, tenants
	s.Leases = tenants
	s.Directory, err = directory.OpenMongo(ctx, db)
	return err
}

// mongoOptions ask for what an acknowledged change rests on: majority writes in
// the journal, reads from the primary.
func mongoOptions(uri string) *options.ClientOptions {
	journal := true
	majority := writeconcern.Majority()
	majority.Journal = &journal
	return options.Client().ApplyURI(uri).
		SetWriteConcern(majority).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetServerSelectionTimeout(5 * time.Second)
}
