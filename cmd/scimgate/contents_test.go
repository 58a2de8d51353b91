package main

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// filesIn is every byte of the store's files in a folder: what is deleted, and what
// is only logged, too.
func filesIn(t *testing.T, dir string) []byte {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		all = append(all, text...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// dumpOf is every document of every collection of a database, as it is stored.
func dumpOf(t *testing.T, uri string) []byte {
	t.Helper()
	u, err := url.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(t.Context()) }()
	db := client.Database(strings.Trim(u.Path, "/"))
	names, err := db.ListCollectionNames(t.Context(), bson.D{})
	if err != nil || len(names) < 8 {
		t.Fatalf("collections %v: %v", names, err)
	}
	var all []byte
	for _, name := range names {
		cursor, err := db.Collection(name).Find(t.Context(), bson.D{})
		if err != nil {
			t.Fatal(err)
		}
		for cursor.Next(t.Context()) {
			all = append(all, cursor.Current...)
		}
		if err := cursor.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// keptInRedis is every key and value of a Redis.
func keptInRedis(t *testing.T, server string) []byte {
	t.Helper()
	o, err := redis.ParseURL(server)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	defer func() { _ = client.Close() }()
	var all []byte
	for keys := client.Scan(t.Context(), 0, "*", 1000).Iterator(); keys.Next(t.Context()); {
		value, _ := client.Dump(t.Context(), keys.Val()).Result() // it may be gone by now
		all = append(append(append(all, keys.Val()...), '\n'), value...)
		if text, err := client.Get(t.Context(), keys.Val()).Bytes(); err == nil { // as it is where it was compressed
			inflated, _ := io.ReadAll(flate.NewReader(bytes.NewReader(text)))
			all = append(all, inflated...)
		}
	}
	return all
}

// finds reports whether something is in what is kept: as it is, in hex, or in base64
// wherever it may begin.
func finds(kept []byte, what string) bool {
	forms := []string{what, hex.EncodeToString([]byte(what))}
	const least = 4 // characters: fewer, as base64 leaves of a short name, are found in anything that is compressed
	for before := range 3 {
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", before) + what))
		first, last := []int{0, 2, 3}[before], len(text)/4*4
		if (before+len(what))%3 != 0 {
			last -= 4
		}
		if form := text[first:last]; len(form) >= least {
			forms = append(forms, form)
		}
	}
	for _, form := range forms {
		if bytes.Contains(kept, []byte(form)) {
			return true
		}
	}
	return false
}
