package directory

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"sync"
	"time"

	"modernc.org/sqlite"

	"scimgate/scim"
	"scimgate/tenant"
)

// SQLite is a Store, Deliveries and Journal in one SQLite file, for one process: there is
// one writer at a time, which writes for all who wait and shares one sync to disk
// among them; readers see the last commit and wait for nobody.
type SQLite struct {
	// Wrote is told of each commit how many writes shared it, and how long the first
	// of them had waited; it must not block. Set before the first write; nil tells
	// nobody.
	Wrote func(writes int, waited time.Duration)

	db       driver.Connector
	sessions []*session
	readers  chan *session
	writer   chan *session // holds the writer's session; in memory, the same channel as readers
	queue    queue
	anchors  anchors
	turns    turns
	grouped  sync.Map // tenant.ID → true: those that have or had edges
	now      func() time.Time

	close   sync.Once
	closing chan struct{}
}

var (
	_ Store      = (*SQLite)(nil)
	_ Deliveries = (*SQLite)(nil)
	_ Journal    = (*SQLite)(nil)
)

var errClosed = errors.New("directory: the store is closed")

// OpenSQLite opens the file at path, and creates it (readable by its owner only)
// if it is not there. The path ":memory:" gives an empty store of its own that
// ends with Close, for tests and demonstrations.
func OpenSQLite(ctx context.Context, path string) (*SQLite, error) {
	db, err := sqlite.NewConnector(dsn(path))
	if err != nil {
		return nil, fmt.Errorf("directory: open: %w", err)
	}
	s := &SQLite{db: db, turns: newTurns(), now: time.Now, closing: make(chan struct{})}
	if err := s.open(ctx, path); err != nil {
		return nil, errors.Join(fmt.Errorf("directory: open: %w", err), s.closeSessions())
	}
	return s, nil
}

const inMemory = ":memory:"

func dsn(path string) string {
	if path == inMemory {
		return path
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath()
}

func (s *SQLite) open(ctx context.Context, path string) error {
	s.writer = make(chan *session, 1)
	readers := 0
	if path != inMemory {
		if err := createPrivate(path); err != nil {
			return err
		}
		readers = max(2, runtime.GOMAXPROCS(0))
	}
	w, err := s.session(ctx)
	if err != nil {
		return err
	}
	if err := w.upgrade(); err != nil {
		return err
	}
	if err := w.run(schemaSQLite); err != nil {
		return err
	}
	if err := s.findGrouped(w); err != nil {
		return err
	}
	s.writer <- w
	if readers == 0 {
		s.readers = s.writer // one database in memory is one connection, and takes turns
		return nil
	}
	s.readers = make(chan *session, readers)
	for range readers {
		r, err := s.session(ctx)
		if err != nil {
			return err
		}
		s.readers <- r
	}
	return nil
}

// createPrivate makes the file before SQLite does, which would let others read
// it; the files that SQLite puts beside it take its permissions over.
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator says where the store is
	if err != nil {
		return err
	}
	return f.Close()
}

func (s *SQLite) session(ctx context.Context) (*session, error) {
	n, err := newSession(ctx, s.db)
	if err == nil {
		n.grouped = &s.grouped
		s.sessions = append(s.sessions, n)
	}
	return n, err
}

// Close ends the store. What was acknowledged is on disk; calls under way and
// later ones fail.
func (s *SQLite) Close() (err error) {
	s.close.Do(func() {
		close(s.closing)
		<-s.writer
		if s.readers != s.writer {
			for range cap(s.readers) {
				<-s.readers
			}
		}
		err = s.closeSessions()
	})
	return err
}

func (s *SQLite) closeSessions() error {
	var errs []error
	for _, n := range s.sessions {
		errs = append(errs, n.close())
	}
	return errors.Join(errs...)
}

// read lends a session to f.
func (s *SQLite) read(ctx context.Context, f func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	case n := <-s.readers:
		defer func() { s.readers <- n }()
		return f(n)
	}
}

// Ping implements Store.
func (s *SQLite) Ping(ctx context.Context) error {
	return s.read(ctx, func(n *session) error {
		_, err := n.exec(countPart, "")
		return err
	})
}

// Get implements Store.
func (s *SQLite) Get(ctx context.Context, t tenant.ID, ref Ref) (r *scim.Resource, err error) {
	err = s.read(ctx, func(n *session) error {
		return n.each(getResource, func(rows *resultRow) error {
			row, err := scanResource(rows)
			r = row.resource
			return last(err)
		}, resourceKey(t, ref))
	})
	if r == nil && err == nil {
		return nil, ErrNotFound
	}
	return r, err
}

// scanResource reads the resourceColumns of a row, and more.
func scanResource(rows *resultRow, more ...any) (stored, error) {
	row := stored{rid: rows.int64(0)}
	_, ref := splitKey(rows.text(1))
	v, body := uint64(rows.int64(2)), rows.blob(5)
	if row.deleted = body == nil; row.deleted {
		row.resource = tombstone(ref, v)
	} else {
		row.resource = scim.StoredResource(ref.Kind, ref.ID, v, body)
	}
	row.resource.Created = time.UnixMilli(rows.int64(3)).UTC()
	row.resource.LastModified = time.UnixMilli(rows.int64(4)).UTC()
	return row, rows.scanFrom(6, more)
}
