package directory

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
)

// session is one connection to the database with its prepared statements. One
// goroutine uses it at a time.
type session struct {
	conn     *sql.Conn
	prepared [queries]*sql.Stmt
	inserts  map[int]*sql.Stmt // entries, by number of rows
	deletes  map[int]*sql.Stmt
	left     []leaver  // buried since the anchors were told
	grouped  *sync.Map // the store's
}

// entriesAtOnce is how many index entries one statement writes at most.
const entriesAtOnce = 32

// pragmas of every connection. FULL makes each commit durable (the writer groups
// them); a small cache keeps memory small whatever the size of the file, since
// the system caches its pages anyway.
var pragmas = []string{
	`PRAGMA busy_timeout = 5000`,
	`PRAGMA journal_mode = WAL`,
	`PRAGMA synchronous = FULL`,
	`PRAGMA cache_size = -4000`,
	`PRAGMA temp_store = MEMORY`,
}

func newSession(ctx context.Context, db *sql.DB) (*session, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range pragmas {
		if _, err := conn.ExecContext(ctx, p); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return &session{conn: conn, inserts: map[int]*sql.Stmt{}, deletes: map[int]*sql.Stmt{}}, nil
}

func (s *session) close() error { return s.conn.Close() }

// stmt prepares a statement the first time that it is asked for. Statements run
// without the caller's context: the driver would start a goroutine for each, and
// none runs for long (whoever loops over many looks at the context itself).
func (s *session) stmt(q query) (*sql.Stmt, error) {
	if s.prepared[q] == nil {
		stmt, err := s.conn.PrepareContext(context.Background(), sqlOf[q])
		if err != nil {
			return nil, fmt.Errorf("directory: statement %d: %w", q, err)
		}
		s.prepared[q] = stmt
	}
	return s.prepared[q], nil
}

// exec runs a statement that returns no rows.
func (s *session) exec(q query, args ...any) (sql.Result, error) {
	stmt, err := s.stmt(q)
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(context.Background(), args...)
}

// each calls f for every row, until f fails; io.EOF ends the walk in peace.
func (s *session) each(q query, f func(rows *sql.Rows) error, args ...any) error {
	stmt, err := s.stmt(q)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := f(rows); err != nil {
			_ = rows.Close()
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// one scans the first row into dest and reports whether there was one.
func (s *session) one(q query, dest []any, args ...any) (found bool, err error) {
	err = s.each(q, func(rows *sql.Rows) error {
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

func (s *session) writeEntries(stmts map[int]*sql.Stmt, text func(int) string, part string, rid int64, entries []string) error {
	args := make([]any, 0, 2+min(len(entries), entriesAtOnce))
	for len(entries) > 0 {
		n := min(len(entries), entriesAtOnce)
		args = append(args[:0], part, rid)
		for _, e := range entries[:n] {
			args = append(args, e)
		}
		entries = entries[n:]
		if stmts[n] == nil {
			stmt, err := s.conn.PrepareContext(context.Background(), text(n))
			if err != nil {
				return err
			}
			stmts[n] = stmt
		}
		if _, err := stmts[n].ExecContext(context.Background(), args...); err != nil {
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
