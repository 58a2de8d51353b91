package directory

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// session is one connection to the database with its prepared statements. One
// goroutine uses it at a time.
type session struct {
	conn     driver.Conn
	prepared [queries]*statement
	inserts  map[int]*statement // entries, by number of rows
	deletes  map[int]*statement
	left     []leaver  // buried since the anchors were told
	grouped  *sync.Map // the store's
}

// entriesAtOnce is how many index entries one statement writes at most.
const entriesAtOnce = 32

// pragmas of every connection. FULL makes each commit durable (the writer groups
// them); a small cache keeps memory small whatever the size of the file, since
// the system caches its pages anyway. What is deleted is overwritten with zeros, so
// that nothing of it is left in the file.
var pragmas = []string{
	`PRAGMA busy_timeout = 5000`,
	`PRAGMA journal_mode = WAL`,
	`PRAGMA synchronous = FULL`,
	`PRAGMA cache_size = -4000`,
	`PRAGMA temp_store = MEMORY`,
	`PRAGMA secure_delete = ON`,
}

func newSession(ctx context.Context, db driver.Connector) (*session, error) {
	conn, err := db.Connect(ctx)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, inserts: map[int]*statement{}, deletes: map[int]*statement{}}
	for _, p := range pragmas {
		if err := s.run(p); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return s, nil
}

// close ends the connection, which must have no statement left then.
func (s *session) close() error {
	all := s.prepared[:]
	all = slices.AppendSeq(all, maps.Values(s.inserts))
	all = slices.AppendSeq(all, maps.Values(s.deletes))
	for _, stmt := range all {
		if stmt != nil {
			_ = stmt.stmt.Close()
		}
	}
	return s.conn.Close()
}

// run runs one or more statements that nobody prepared.
func (s *session) run(text string, args ...any) error {
	stmt, err := prepare(s.conn, text)
	if err != nil {
		return err
	}
	_, err = stmt.exec(args)
	return errors.Join(err, stmt.stmt.Close())
}

// ask is run for a statement that returns rows, of which it scans the first.
func (s *session) ask(text string, dest []any, args ...any) error {
	stmt, err := prepare(s.conn, text)
	if err != nil {
		return err
	}
	err = stmt.each(func(r *resultRow) error { return last(r.Scan(dest...)) }, args)
	return errors.Join(err, stmt.stmt.Close())
}

// stmt prepares a statement the first time that it is asked for.
func (s *session) stmt(q query) (*statement, error) {
	if s.prepared[q] == nil {
		stmt, err := prepare(s.conn, sqlOf[q])
		if err != nil {
			return nil, fmt.Errorf("directory: statement %d: %w", q, err)
		}
		s.prepared[q] = stmt
	}
	return s.prepared[q], nil
}

// exec runs a statement that returns no rows.
func (s *session) exec(q query, args ...any) (driver.Result, error) {
	stmt, err := s.stmt(q)
	if err != nil {
		return nil, err
	}
	return stmt.exec(args)
}

// each calls f for every row, until f fails; io.EOF ends the walk in peace.
func (s *session) each(q query, f func(r *resultRow) error, args ...any) error {
	stmt, err := s.stmt(q)
	if err != nil {
		return err
	}
	return stmt.each(f, args)
}

// one scans the first row into dest and reports whether there was one.
func (s *session) one(q query, dest []any, args ...any) (found bool, err error) {
	err = s.each(q, func(rows *resultRow) error {
		found = true
		return last(rows.Scan(dest...))
	}, args...)
	return found, err
}

// last ends a walk after this row.
func last(err error) error {
	if err != nil {
		return err
	}
	return io.EOF
}

// addEntries and dropEntries write index entries, many with one statement.
func (s *session) addEntries(part string, rid int64, entries []string) error {
	return s.writeEntries(s.inserts, insertEntries, part, rid, entries)
}

func (s *session) dropEntries(part string, rid int64, entries []string) error {
	return s.writeEntries(s.deletes, deleteEntries, part, rid, entries)
}

func (s *session) writeEntries(stmts map[int]*statement, text func(int) string, part string, rid int64, entries []string) error {
	args := make([]any, 0, 2+min(len(entries), entriesAtOnce))
	for len(entries) > 0 {
		n := min(len(entries), entriesAtOnce)
		args = append(args[:0], part, rid)
		for _, e := range entries[:n] {
			args = append(args, e)
		}
		entries = entries[n:]
		if stmts[n] == nil {
			stmt, err := prepare(s.conn, text(n))
			if err != nil {
				return err
			}
			stmts[n] = stmt
		}
		if _, err := stmts[n].exec(args); err != nil {
			return err
		}
	}
	return nil
}

// insertEntries ignores what is there already: a statement that can stop half way
// would have SQLite keep a journal of its own for it, a tenth of the whole cost.
func insertEntries(n int) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = "(?1, ?" + strconv.Itoa(i+3) + ", ?2)"
	}
	return "INSERT OR IGNORE INTO entries (part, entry, rid) VALUES " + strings.Join(rows, ", ")
}

func deleteEntries(n int) string {
	marks := make([]string, n)
	for i := range marks {
		marks[i] = "?" + strconv.Itoa(i+3)
	}
	return "DELETE FROM entries WHERE part = ?1 AND rid = ?2 AND entry IN (" + strings.Join(marks, ", ") + ")"
}
