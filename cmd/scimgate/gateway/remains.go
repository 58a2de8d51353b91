package gateway

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"

	"scimgate/cmd/scimgate/config"
	"scimgate/tenant"
)

// Remain is how much of a tenant is in one table or collection.
type Remain struct {
	In    string `json:"in"`
	Count int64  `json:"count"`
}

// Remains searches every table or collection of the store that c names for what
// belongs to a tenant: by all columns that hold text, whoever made the table, and
// whether or not the tenant is there. It reads all of them, and takes as long. If c
// names a Redis, that is searched too.
func Remains(ctx context.Context, c *config.Config, id tenant.ID) (found []Remain, err error) {
	if c.MongoDBURI != "" {
		found, err = remainsInMongo(ctx, c.MongoDBURI, id)
	} else {
		found, err = remainsInFile(ctx, filepath.Join(c.Data, "scimgate.db"), id)
	}
	if err != nil || c.RedisURL == "" {
		return found, err
	}
	shared, err := remainsInRedis(ctx, c, id)
	return append(found, shared...), err
}

func remainsInFile(ctx context.Context, path string, id tenant.ID) (found []Remain, err error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	db, err := openFile(path, "_pragma=query_only(1)&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tables, err := texts(ctx, db, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		n, err := countInTable(ctx, db, table, id)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
		found = append(found, Remain{table, n})
	}
	return found, nil
}

// countInTable counts rows with the tenant's id, or a key that begins with it, in
// any column; and deliveries, which have none, by the resource that they are of.
func countInTable(ctx context.Context, db *sql.DB, table string, id tenant.ID) (n int64, err error) {
	columns, err := texts(ctx, db, `SELECT name FROM pragma_table_info(?)`, table)
	if err != nil {
		return 0, err
	}
	var terms []string
	for _, column := range columns {
		terms = append(terms, fmt.Sprintf(`"%[1]s" = ?1 OR (typeof("%[1]s") = 'text' AND "%[1]s" >= ?1 || '/' AND "%[1]s" < ?1 || '0')`, column))
	}
	if table == "deliveries" {
		terms = append(terms, `rid NOT IN (SELECT rid FROM resources) OR rid IN (SELECT rid FROM resources WHERE key >= ?1 || '/' AND key < ?1 || '0')`)
	}
	query := fmt.Sprintf(`SELECT count(*) FROM "%s" WHERE %s`, table, strings.Join(terms, " OR ")) // names of the file's own schema
	return n, db.QueryRowContext(ctx, query, string(id)).Scan(&n)
}

func texts(ctx context.Context, db *sql.DB, query string, args ...any) (all []string, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}

func remainsInMongo(ctx context.Context, uri string, id tenant.ID) (found []Remain, err error) {
	parsed, err := connstring.ParseAndValidate(uri)
	if err != nil {
		return nil, errors.New("mongodb-uri: it cannot be read") // the driver's text would repeat the password
	}
	client, err := mongo.Connect(mongoOptions(uri))
	if err != nil {
		return nil, fmt.Errorf("mongodb-uri: %w", err)
	}
	defer func() { err = errors.Join(err, client.Disconnect(context.WithoutCancel(ctx))) }()
	name := parsed.Database
	if name == "" {
		name = "scimgate"
	}
	db := client.Database(name)
	collections, err := db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		return nil, err
	}
	for _, collection := range collections {
		n, err := db.Collection(collection).CountDocuments(ctx, belonging(id))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", collection, err)
		}
		found = append(found, Remain{collection, n})
	}
	return found, nil
}

// belonging finds documents by every field that names a tenant or begins with one.
func belonging(id tenant.ID) bson.D {
	keys := bson.D{{Key: "$gte", Value: string(id) + "/"}, {Key: "$lt", Value: string(id) + "0"}} // "0" follows "/"
	var either bson.A
	for _, field := range []string{"_id", "tenant", "part", "name", "of"} {
		either = append(either, bson.D{{Key: field, Value: string(id)}}, bson.D{{Key: field, Value: keys}})
	}
	return bson.D{{Key: "$or", Value: either}}
}
