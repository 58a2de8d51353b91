package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
)

// The floor is what no gateway on these libraries can go below: a gin handler
// that runs the statements of the SQLite store over the same rows and bytes, in
// the same groups, and does nothing else. It knows no tenant and no token, reads
// no JSON, builds no index entry: bodies and entries are templates in which only
// a number changes.
type floor struct {
	readers chan *floorConn
	writer  chan *floorConn
	writes  chan floorWrite
	shape   floorShape
	next    atomic.Int64
}

// floorShape is one user as scimgate stored it; floorMark stands for its number.
type floorShape struct {
	Name, Body     string
	Entries        []string
	Request        string // id of the request that made it
	Created, Moved string // what the journal holds of its creation, and of a PATCH
}

const (
	floorMark = "999999"
	floorPart = "acme/User"
	floorUser = "01900000-0000-7000-8000-000000" // and the number: an id
)

type floorWrite struct {
	do   func(c *floorConn) error
	done chan error
}

// floorSchema is the part of the store's schema that requests touch.
const floorSchema = `
CREATE TABLE IF NOT EXISTS resources (rid INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, part TEXT NOT NULL, name TEXT UNIQUE,
	leaver TEXT, gone INTEGER, v INTEGER NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
	epoch INTEGER NOT NULL DEFAULT 0, request TEXT, body BLOB);
CREATE INDEX IF NOT EXISTS live ON resources (part) WHERE body IS NOT NULL;
CREATE INDEX IF NOT EXISTS leavers ON resources (leaver) WHERE leaver IS NOT NULL;
CREATE INDEX IF NOT EXISTS gone ON resources (gone) WHERE gone IS NOT NULL;
CREATE TABLE IF NOT EXISTS parts (part TEXT PRIMARY KEY, live INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (part TEXT NOT NULL, entry TEXT NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (part, entry, rid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (id TEXT PRIMARY KEY, tenant TEXT NOT NULL, at INTEGER NOT NULL, data BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS times ON journal (tenant, at);`

var floorSQL = map[string]string{
	"get": `SELECT r.rid, r.key, r.v, r.created, r.modified, r.body FROM resources r WHERE r.key = ?1 AND r.body IS NOT NULL`,
	"by":  `SELECT r.rid, r.key, r.v, r.created, r.modified, r.body FROM resources r WHERE r.name = ?1`,
	"insert": `INSERT INTO resources (key, part, name, v, created, modified, body, request)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
	"count": `INSERT INTO parts (part, live) VALUES (?1, ?2) ON CONFLICT (part) DO UPDATE SET live = live + excluded.live`,
	"update": `UPDATE resources SET name = ?3, v = ?4, modified = ?5, body = ?6, request = ?7
		WHERE key = ?1 AND v = ?2 AND body IS NOT NULL RETURNING rid`,
	"drop":     `DELETE FROM entries WHERE part = ?1 AND rid = ?2 AND entry IN (?3, ?4)`,
	"tell":     `INSERT OR IGNORE INTO journal (id, tenant, at, data) VALUES (?1, ?2, ?3, ?4)`,
	"begin":    `BEGIN IMMEDIATE`,
	"commit":   `COMMIT`,
	"rollback": `ROLLBACK`,
}

// floorConn is a connection with its prepared statements.
type floorConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func newFloorConn(db *sql.DB) (*floorConn, error) {
	conn, err := db.Conn(context.Background())
	if err != nil {
		return nil, err
	}
	for _, pragma := range []string{"busy_timeout = 5000", "journal_mode = WAL", "synchronous = FULL", "cache_size = -4000", "temp_store = MEMORY"} {
		if _, err := conn.ExecContext(context.Background(), "PRAGMA "+pragma); err != nil {
			return nil, err
		}
	}
	return &floorConn{conn: conn, stmts: map[string]*sql.Stmt{}}, nil
}

func (c *floorConn) stmt(name, text string) *sql.Stmt {
	if c.stmts[name] == nil {
		stmt, err := c.conn.PrepareContext(context.Background(), text)
		if err != nil {
			panic(err) // a statement of this file is wrong: no figure would mean anything
		}
		c.stmts[name] = stmt
	}
	return c.stmts[name]
}

func (c *floorConn) exec(name string, args ...any) (sql.Result, error) {
	return c.stmt(name, floorSQL[name]).ExecContext(context.Background(), args...)
}

// body runs a look-up and returns the row that it finds.
func (c *floorConn) body(name string, args ...any) (rid, v int64, body []byte, err error) {
	rows, err := c.stmt(name, floorSQL[name]).QueryContext(context.Background(), args...)
	if err != nil {
		return 0, 0, nil, err
	}
	defer func() { _ = rows.Close() }()
	var key string
	var created, modified int64
	for rows.Next() {
		if err := rows.Scan(&rid, &key, &v, &created, &modified, &body); err != nil {
			return 0, 0, nil, err
		}
	}
	return rid, v, body, rows.Err()
}

// insertEntries writes all entries of a user with one statement.
func (c *floorConn) insertEntries(rid int64, entries []string) error {
	name := "entries" + strconv.Itoa(len(entries))
	rows := make([]string, len(entries))
	args := []any{floorPart, rid}
	for i, e := range entries {
		rows[i] = "(?1, ?" + strconv.Itoa(i+3) + ", ?2)"
		args = append(args, e)
	}
	stmt := c.stmt(name, "INSERT OR IGNORE INTO entries (part, entry, rid) VALUES "+strings.Join(rows, ", "))
	_, err := stmt.ExecContext(context.Background(), args...)
	return err
}

// tell writes what the journal tells of a change, as the store does beside it.
func (c *floorConn) tell(key string, at, v int64, data string) error {
	id := fmt.Sprintf("%s#%013d-%010d-c", key, at, v)
	_, err := c.exec("tell", id, "acme", at, []byte(data))
	return err
}

// serveFloor is main of a floor process: environment in, one line out.
func serveFloor() error {
	f, err := openFloor(os.Getenv("SCIMGATE_TEST_FLOOR"))
	if err != nil {
		return err
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/t/acme/identity/scim/Users/:id", f.get)
	engine.GET("/t/acme/identity/scim/Users", f.lookUp)
	engine.POST("/t/acme/identity/scim/Users", f.create)
	engine.PATCH("/t/acme/identity/scim/Users/:id", f.patch)
	engine.POST("/shape", f.setShape)
	address := os.Getenv("SCIMGATE_TEST_LISTEN")
	_, _ = fmt.Fprintf(os.Stdout, "{\"publicURL\":\"http://%s\"}\n", address)
	return (&http.Server{Addr: address, Handler: engine, ReadHeaderTimeout: time.Second}).ListenAndServe()
}

func openFloor(path string) (*floor, error) {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return nil, err
	}
	f := &floor{readers: make(chan *floorConn, 4), writer: make(chan *floorConn, 1), writes: make(chan floorWrite)}
	w, err := newFloorConn(db)
	if err != nil {
		return nil, err
	}
	if _, err := w.conn.ExecContext(context.Background(), floorSchema); err != nil {
		return nil, err
	}
	f.writer <- w
	if path == ":memory:" {
		f.readers = f.writer
	} else {
		for range cap(f.readers) {
			r, err := newFloorConn(db)
			if err != nil {
				return nil, err
			}
			f.readers <- r
		}
	}
	go f.write()
	return f, nil
}

// write is the one writer: whatever waits shares a transaction.
func (f *floor) write() {
	for first := range f.writes {
		batch := []floorWrite{first}
		for more := true; more && len(batch) < 256; {
			select {
			case w := <-f.writes:
				batch = append(batch, w)
			default:
				more = false
			}
		}
		c := <-f.writer
		_, err := c.exec("begin")
		for _, w := range batch {
			if err == nil {
				err = w.do(c)
			}
		}
		if err == nil {
			_, err = c.exec("commit")
		}
		f.writer <- c
		for _, w := range batch {
			w.done <- err
		}
	}
}

func (f *floor) apply(do func(c *floorConn) error) error {
	w := floorWrite{do, make(chan error, 1)}
	f.writes <- w
	return <-w.done
}

func (f *floor) setShape(g *gin.Context) {
	if err := json.NewDecoder(g.Request.Body).Decode(&f.shape); err != nil {
		g.Status(http.StatusBadRequest)
		return
	}
	g.Status(http.StatusNoContent)
}

const scimJSON = "application/scim+json;charset=utf-8"

func (f *floor) get(g *gin.Context) {
	c := <-f.readers
	_, _, body, err := c.body("get", floorPart+"/"+g.Param("id"))
	f.readers <- c
	answer(g, http.StatusOK, body, err)
}

func (f *floor) lookUp(g *gin.Context) {
	name := strings.TrimSuffix(strings.TrimPrefix(g.Query("filter"), `userName eq "`), `"`)
	c := <-f.readers
	_, _, body, err := c.body("by", floorPart+"/"+name)
	f.readers <- c
	answer(g, http.StatusOK, body, err)
}

func (f *floor) create(g *gin.Context) {
	_, _ = io.Copy(io.Discard, g.Request.Body)
	number := fmt.Sprintf("%06d", f.next.Add(1)-1)
	fill := strings.NewReplacer(floorMark, number)
	body := []byte(fill.Replace(f.shape.Body))
	entries := make([]string, len(f.shape.Entries))
	for i, e := range f.shape.Entries {
		entries[i] = fill.Replace(e)
	}
	now, key := time.Now().UnixMilli(), floorPart+"/"+floorUser+number
	err := f.apply(func(c *floorConn) error {
		res, err := c.exec("insert", key, floorPart, fill.Replace(f.shape.Name), 1, now, now, body, f.shape.Request)
		if err != nil {
			return err
		}
		rid, err := res.LastInsertId()
		if err != nil {
			return err
		}
		if err := c.insertEntries(rid, entries); err != nil {
			return err
		}
		if _, err := c.exec("count", floorPart, 1); err != nil {
			return err
		}
		return c.tell(key, now, 1, f.shape.Created)
	})
	answer(g, http.StatusCreated, body, err)
}

// patch reads the user, and writes it back with the two entries that a change of
// displayName touches (its own and that of meta.lastModified) and the journal's row.
func (f *floor) patch(g *gin.Context) {
	_, _ = io.Copy(io.Discard, g.Request.Body)
	key := floorPart + "/" + g.Param("id")
	c := <-f.readers
	rid, v, body, err := c.body("get", key)
	f.readers <- c
	if err != nil || body == nil {
		answer(g, http.StatusNotFound, nil, err)
		return
	}
	number := g.Param("id")[len(floorUser):]
	display, modified := "displayname\x00floor "+number, "meta.lastmodified\x02"+number
	now := time.Now().UnixMilli()
	err = f.apply(func(c *floorConn) error {
		rows, err := c.stmt("update", floorSQL["update"]).QueryContext(context.Background(),
			key, v, strings.ReplaceAll(f.shape.Name, floorMark, number), v+1, now, body, f.shape.Request)
		if err != nil {
			return err
		}
		for rows.Next() {
			_ = rows.Scan(&rid)
		}
		if err := rows.Close(); err != nil {
			return err
		}
		if _, err := c.exec("drop", floorPart, rid, display+strconv.FormatInt(v, 10), modified+strconv.FormatInt(v, 10)); err != nil {
			return err
		}
		if err := c.insertEntries(rid, []string{display + strconv.FormatInt(v+1, 10), modified + strconv.FormatInt(v+1, 10)}); err != nil {
			return err
		}
		return c.tell(key, now, v+1, f.shape.Moved)
	})
	answer(g, http.StatusOK, body, err)
}

func answer(g *gin.Context, status int, body []byte, err error) {
	if err != nil {
		g.String(http.StatusServiceUnavailable, err.Error())
		return
	}
	g.Data(status, scimJSON, body)
}
