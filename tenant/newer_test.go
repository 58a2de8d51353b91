package tenant

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"scimgate/ratelimit"
)

// fromTomorrow is a tenant as a build may write it that is newer than this one.
const fromTomorrow = `{"id":"acme","displayName":"Acme","version":4,"created":"2026-01-01T00:00:00Z","region":"eu","published":{"rev":3,"at":"2026-01-01T00:00:00Z","review":"two"},
 "settings":{"paused":true,"strict":false,"limit":{"rate":100,"burst":7,"per":"hour"},"guard":{"least":3,"quiet":true},"tone":{"of":["voice"]}},
 "connections":[{"id":"a","slot":0,"kind":"appspace","sealed":"AQ==","paused":false,"groups":true,"mirror":1},
  {"id":"b","slot":1,"kind":"webhook","sealed":"Ag==","paused":true,"groups":false,"mirror":2}],
 "attributes":[{"property":"floor","type":"String","required":false,"colour":"red"}],"rulesRev":3}`

// What a newer build wrote survives a change by this one, wherever it stands; what
// this build takes away stays away, also with what the newer one had put into it.
func TestNewerMembersSurvive(t *testing.T) {
	was, err := decode([]byte(fromTomorrow))
	if err != nil {
		t.Fatal(err)
	}
	was.Settings.Paused, was.Settings.Limit = false, ratelimit.Limit{}
	was.Connections = []Connection{was.Connections[1], {ID: "c", Slot: 2}}
	was.Published = &Publication{Rev: 4, At: time.Unix(1, 0)}
	doc, err := encode(was)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Region    string
		Published map[string]any
		Settings  struct {
			Paused bool
			Limit  map[string]any
			Guard  map[string]any
			Tone   json.RawMessage
		}
		Connections, Attributes []map[string]any
	}
	if err := json.Unmarshal(doc, &got); err != nil {
		t.Fatal(err)
	}
	s := got.Settings
	if got.Region != "eu" || s.Paused || s.Limit["rate"] != 0.0 || s.Limit["per"] != "hour" || s.Guard["quiet"] != true || string(s.Tone) != `{"of":["voice"]}` {
		t.Errorf("got %s", doc)
	}
	if len(got.Connections) != 2 || got.Connections[0]["mirror"] != 2.0 || got.Connections[1]["mirror"] != nil || got.Attributes[0]["colour"] != "red" {
		t.Errorf("got %s", doc)
	}
	if got.Published["rev"] != 4.0 || got.Published["review"] != nil {
		t.Errorf("of another publication: %s", doc)
	}
	again, err := decode(doc)
	if err != nil {
		t.Fatal(err)
	}
	same, err := encode(again)
	if err != nil {
		t.Fatal(err)
	}
	var one, other any
	if json.Unmarshal(same, &one) != nil || json.Unmarshal(doc, &other) != nil || !reflect.DeepEqual(one, other) {
		t.Errorf("got %s, want %s", same, doc)
	}
}

// A document without anything newer is kept in memory once, decoded.
func TestNothingNewer(t *testing.T) {
	doc, err := encode(&Tenant{ID: "acme", Connections: []Connection{{ID: "a", Resync: []time.Time{time.Unix(1, 0)}}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(doc)
	if err != nil || got.newer != nil {
		t.Errorf("%s is kept: %v", got.newer, err)
	}
	if _, err := decode([]byte(`{"id":`)); err == nil {
		t.Error("half a document is decoded")
	}
}

// Two builds change the tenants of one store side by side, and the newer one is then
// rolled back: neither loses what the other wrote.
func TestTwoBuildsOneStore(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		mustCreate(t, s, "acme")
		writeDocument(t, s, "acme", fromTomorrow)
		for i := range 3 { // this build, between changes of the newer one
			_, err := s.UpdateTenant(t.Context(), "acme", func(t *Tenant) error { t.RulesRev++; return nil })
			must(t, err)
			var doc map[string]any
			must(t, json.Unmarshal(documentOf(t, s, "acme"), &doc))
			tone, _ := doc["settings"].(map[string]any)
			first, _ := doc["connections"].([]any)[0].(map[string]any)
			if doc["region"] != "eu" || tone["tone"] == nil || first["mirror"] != 1.0 || doc["rulesRev"] != float64(4+i) {
				t.Fatalf("after change %d: %v", i+1, doc)
			}
		}
	})
}

// writeDocument stores a tenant's document as another build does.
func writeDocument(t *testing.T, s Store, id ID, doc string) {
	t.Helper()
	switch s := s.(type) {
	case *SQLite:
		_, err := s.db.ExecContext(t.Context(), `UPDATE tenant_tenants SET doc = ?, version = 4 WHERE id = ?`, []byte(doc), id)
		must(t, err)
	case *Mongo:
		writeMongoDocument(t, s, id, doc)
	}
}

func documentOf(t *testing.T, s Store, id ID) (doc []byte) {
	t.Helper()
	switch s := s.(type) {
	case *SQLite:
		must(t, s.db.QueryRowContext(t.Context(), `SELECT doc FROM tenant_tenants WHERE id = ?`, id).Scan(&doc))
	case *Mongo:
		doc = mongoDocument(t, s, id)
	}
	return doc
}
