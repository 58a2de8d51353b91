package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkWholePath measures whole requests over loopback against the real
// program, and in the same run, in turns, against its floor:
//
//	go test ./cmd/scimgate -run '^$' -bench WholePath -benchtime 5000x
//
// CPU per request of the server process, beside the floor's, is the figure to
// compare; rates and latencies depend on what else the machine does.
func BenchmarkWholePath(b *testing.B) {
	for _, store := range []struct {
		name string
		data func(tb testing.TB) string
	}{
		{"memory", func(testing.TB) string { return ":memory:" }},
		{"disk", func(tb testing.TB) string { return tb.TempDir() }},
	} {
		b.Run(store.name, func(b *testing.B) {
			pair := startPair(b, store.data(b), store.data(b))
			for _, op := range pair.operations() {
				for _, connections := range []int{1, 16, 64} {
					b.Run(fmt.Sprintf("%s/%d", op.name, connections), func(b *testing.B) { pair.measure(b, op, connections) })
				}
			}
		})
	}
}

// seeded is how many users both servers hold before the first measurement.
const seeded = 1000

// contender is one of the two servers measured.
type contender struct {
	base, usage, token string
	ids                []string // of the seeded users
	created            int      // users created so far
}

// pair is scimgate and its floor.
type pair struct{ ours, floor *contender }

type operation struct {
	name  string
	want  int
	build func(c *contender, i int) request
}

func (p *pair) operations() []operation {
	return []operation{
		{"lookup", 200, func(c *contender, i int) request {
			name := fmt.Sprintf("bench%06d@example.com", i%seeded)
			return request{"GET", c.base + "/Users?filter=" + url.QueryEscape(`userName eq "`+name+`"`), ""}
		}},
		{"get", 200, func(c *contender, i int) request { return request{"GET", c.base + "/Users/" + c.ids[i%seeded], ""} }},
		{"create", 201, func(c *contender, i int) request { return request{"POST", c.base + "/Users", entraUser(c.created + i)} }},
		{"patch", 200, func(c *contender, i int) request {
			return request{"PATCH", c.base + "/Users/" + c.ids[i%seeded], fmt.Sprintf(
				`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"displayName","value":"Bench %d"}]}`, time.Now().UnixNano())}
		}},
	}
}

// measure runs b.N requests against each of the two, in turns of a tenth.
func (p *pair) measure(b *testing.B, op operation, connections int) {
	turns := min(10, b.N)
	var ours, floor measured
	for turn := range turns {
		n := b.N/turns + btoi(turn < b.N%turns)
		ours.add(b, p.ours, op, connections, n)
		floor.add(b, p.floor, op, connections, n)
	}
	b.ReportMetric(ours.cpu(), "cpu-µs/req")
	b.ReportMetric(floor.cpu(), "floor-cpu-µs/req")
	b.ReportMetric(ours.cpu()/floor.cpu(), "x-floor")
	b.ReportMetric(ours.allocs(), "allocs/req")
	b.ReportMetric(floor.allocs(), "floor-allocs/req")
	b.ReportMetric(float64(ours.requests)/ours.took.Seconds(), "req/s")
	b.ReportMetric(float64(floor.requests)/floor.took.Seconds(), "floor-req/s")
	b.ReportMetric(micros(ours.p50)/float64(turns), "p50-µs")
	b.ReportMetric(micros(ours.p99)/float64(turns), "p99-µs")
	b.ReportMetric(0, "ns/op")
}

// measured adds up turns; p50 and p99 are sums over the turns.
type measured struct {
	requests       int
	took, p50, p99 time.Duration
	used           time.Duration
	mallocs        uint64
}

func (m *measured) add(b *testing.B, c *contender, op operation, connections, n int) {
	before := usageOf(b, c.usage)
	l := drive(b, connections, n, op.want, c.token, func(i int) request { return op.build(c, i) })
	after := usageOf(b, c.usage)
	if l.failed > 0 {
		b.Fatalf("%d of %d requests to %s failed", l.failed, n, c.base)
	}
	if op.name == "create" {
		c.created += n
	}
	m.requests += n
	m.took += l.took
	m.p50 += l.percentile(0.50)
	m.p99 += l.percentile(0.99)
	m.used += after.CPU - before.CPU
	m.mallocs += after.Mallocs - before.Mallocs
}

func (m *measured) cpu() float64    { return micros(m.used) / float64(m.requests) }
func (m *measured) allocs() float64 { return float64(m.mallocs) / float64(m.requests) }

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// startPair starts both servers and seeds them with the same users.
func startPair(b *testing.B, data, floorData string) *pair {
	b.Helper()
	p := &pair{ours: startScimgate(b, data)}
	seed(b, p.ours)
	p.floor = startFloor(b, floorData)
	return p
}

func startScimgate(tb testing.TB, data string, more ...string) *contender {
	tb.Helper()
	usage := freeAddress(tb)
	server := startWith(tb, []string{"SCIMGATE_TEST_USAGE=" + usage}, append(append([]string{
		"serve", "--data", data, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-level", "error",
	}, keys(tb, tb.TempDir())...), more...)...)
	return &contender{base: server.text(tb, "publicURL") + "/t/acme/identity/scim", usage: usage, token: enrollAlone(tb, server)}
}

func seed(tb testing.TB, c *contender) {
	tb.Helper()
	for i := range seeded {
		var user map[string]any
		_ = json.Unmarshal([]byte(entraUser(i)), &user)
		c.ids = append(c.ids, must(tb, 201, "POST", c.base+"/Users", c.token, user)["id"].(string))
	}
	c.created = seeded
}

// startFloor starts the floor, with users of the shape in which scimgate stores
// one.
func startFloor(tb testing.TB, data string) *contender {
	tb.Helper()
	usage, listen := freeAddress(tb), freeAddress(tb)
	path := data
	if data != ":memory:" {
		path = filepath.Join(data, "floor.db")
	}
	floor := startWith(tb, []string{"SCIMGATE_TEST_USAGE=" + usage, "SCIMGATE_TEST_FLOOR=" + path, "SCIMGATE_TEST_LISTEN=" + listen})
	base := floor.text(tb, "publicURL")
	text, err := json.Marshal(storedShape(tb))
	if err != nil {
		tb.Fatal(err)
	}
	eventually(tb, 10*time.Second, "the floor takes its shape", func() bool {
		res, err := http.Post(base+"/shape", "application/json", bytes.NewReader(text))
		if err != nil {
			return false
		}
		return res.Body.Close() == nil && res.StatusCode == http.StatusNoContent
	})
	c := &contender{base: base + "/t/acme/identity/scim", usage: usage}
	for i := range seeded {
		must(tb, 201, "POST", c.base+"/Users", "", map[string]any{})
		c.ids = append(c.ids, fmt.Sprintf("%s%06d", floorUser, i))
	}
	c.created = seeded
	return c
}

// storedShape lets scimgate store and change one user on disk and reads its rows.
func storedShape(tb testing.TB) floorShape {
	tb.Helper()
	dir := tb.TempDir()
	c := startScimgate(tb, dir)
	var user map[string]any
	_ = json.Unmarshal([]byte(entraUser(999999)), &user)
	made := must(tb, 201, "POST", c.base+"/Users", c.token, user)
	shape := readShape(tb, dir)
	patch := map[string]any{
		"schemas":    []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []any{map[string]any{"op": "Replace", "path": "displayName", "value": "Bench"}},
	}
	must(tb, 200, "PATCH", c.base+"/Users/"+made["id"].(string), c.token, patch)
	shape.Moved = readShape(tb, dir).Created
	return shape
}

// readShape reads the rows of the only user; Created is the newest of its journal.
func readShape(tb testing.TB, dir string) (shape floorShape) {
	tb.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "scimgate.db"))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	row := db.QueryRowContext(context.Background(), "SELECT name, body, r.request, data FROM resources r, journal ORDER BY journal.id DESC LIMIT 1")
	if err := row.Scan(&shape.Name, &shape.Body, &shape.Request, &shape.Created); err != nil {
		tb.Fatal(err)
	}
	rows, err := db.QueryContext(context.Background(), "SELECT entry FROM entries ORDER BY entry")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var e string
		if err := rows.Scan(&e); err != nil {
			tb.Fatal(err)
		}
		shape.Entries = append(shape.Entries, e)
	}
	if len(shape.Entries) < 20 {
		tb.Fatalf("only %d index entries", len(shape.Entries))
	}
	return shape
}
