package main

import (
	"context"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
)

// indexesOf counts the indexes of a database beside those of the keys.
func indexesOf(t *testing.T, uri string) (n int) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	named, err := connstring.ParseAndValidate(uri)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(ctx) }()
	db := client.Database(named.Database)
	collections, err := db.ListCollectionNames(ctx, map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range collections {
		all, err := db.Collection(name).Indexes().ListSpecifications(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n += len(all) - 1
	}
	return n
}

// A migration leaves nothing to be made for the processes that follow, beside some
// that are at work, and may be repeated.
func TestMigrateMakesWhatProcessesNeed(t *testing.T) {
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		uri := database(t)
		for range 2 {
			out, err := program(t, "migrate", "--mongodb-uri", uri).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "has what this build needs") {
				t.Fatalf("%v: %s", err, out)
			}
		}
		made := indexesOf(t, uri)
		p := start(t, append([]string{
			"serve", "--mongodb-uri", uri, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
		}, keys(t, t.TempDir())...)...)
		if now := indexesOf(t, uri); made < 10 || now != made {
			t.Errorf("%d indexes were made, %d are there when a process runs", made, now)
		}
		if out, err := program(t, "migrate", "--mongodb-uri", uri).CombinedOutput(); err != nil {
			t.Errorf("beside a process: %v: %s", err, out)
		}
		if code := p.stop(t); code != 0 {
			t.Errorf("exit status %d: %s", code, p.stderr)
		}
	})
}

// A migration that fails says why, without the password.
func TestMigrateFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, want string
		args       []string
	}{
		{"no database", "--mongodb-uri", nil},
		{"the embedded store", "the process that opens it", []string{"--data", t.TempDir()}},
		{"a URI that is none", "mongodb-uri", []string{"--mongodb-uri", "mongodb://joe:hunter2@"}},
		{"nobody listens", "server selection", []string{"--mongodb-uri", "mongodb://joe:hunter2@" + freeAddress(t) + "/x?serverSelectionTimeoutMS=200&connectTimeoutMS=200"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			out, err := program(t, append([]string{"migrate"}, c.args...)...).CombinedOutput()
			if err == nil || !strings.Contains(string(out), c.want) || strings.Contains(string(out), "hunter2") {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
