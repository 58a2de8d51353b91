package directory

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// statement is a prepared statement of one session. It speaks to the driver with no
// database/sql between: the session has its connection to itself, and what the pool,
// the locks and the conversions there cost is as much as a look-up does.
type statement struct {
	stmt preparedStmt
	args []driver.NamedValue // of the call under way
	row  resultRow
}

// preparedStmt is what the driver makes.
type preparedStmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// prepare prepares text on a connection.
func prepare(conn driver.Conn, text string) (*statement, error) {
	stmt, err := conn.Prepare(text)
	if err != nil {
		return nil, err
	}
	return &statement{stmt: stmt.(preparedStmt)}, nil
}

// bind makes the values of a call. The driver copies them.
func (s *statement) bind(args []any) ([]driver.NamedValue, error) {
	s.args = s.args[:0]
	for i, arg := range args {
		v, err := bindable(arg)
		if err != nil {
			return nil, err
		}
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return s.args, nil
}

func bindable(arg any) (driver.Value, error) {
	switch arg := arg.(type) {
	case int:
		return int64(arg), nil
	case nil, int64, bool, string, []byte:
		return arg, nil
	default:
		return nil, fmt.Errorf("directory: %T is nothing that SQLite knows", arg)
	}
}

// exec runs a statement that returns no rows. Statements run without the caller's
// context: the driver would start a goroutine for each, and none runs for long
// (whoever loops over many looks at the context itself).
func (s *statement) exec(args []any) (driver.Result, error) {
	values, err := s.bind(args)
	if err != nil {
		return nil, err
	}
	defer clear(values)
	return s.stmt.ExecContext(context.Background(), values)
}

// each calls f for every row, until f fails; io.EOF ends the walk in peace.
func (s *statement) each(f func(r *resultRow) error, args []any) error {
	values, err := s.bind(args)
	if err != nil {
		return err
	}
	found, err := s.stmt.QueryContext(context.Background(), values)
	clear(values)
	if err != nil {
		return err
	}
	err = s.walk(found, f)
	if closed := found.Close(); err == nil {
		err = closed
	}
	return err
}

func (s *statement) walk(found driver.Rows, f func(r *resultRow) error) error {
	if s.row.values == nil {
		s.row.values = make([]driver.Value, len(found.Columns()))
	}
	defer clear(s.row.values)
	for {
		err := found.Next(s.row.values)
		if err == nil {
			err = f(&s.row)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// resultRow is the row at hand of a walk, until the next one. What is scanned is
// the caller's to keep.
type resultRow struct{ values []driver.Value }

// The columns by number, of columns that can be nothing else; NULL is zero.
func (r *resultRow) int64(i int) int64 { n, _ := r.values[i].(int64); return n }

func (r *resultRow) text(i int) string { s, _ := r.values[i].(string); return s }

func (r *resultRow) blob(i int) (b []byte) { _ = assign(&b, r.values[i]); return b }

// Scan copies the columns into dest, pointers to int64, int, bool, string and
// []byte. NULL is their zero value, and an integer also a text of its digits.
func (r *resultRow) Scan(dest ...any) error { return r.scanFrom(0, dest) }

// scanFrom is Scan of the columns from a number on.
func (r *resultRow) scanFrom(first int, dest []any) error {
	if len(dest) != len(r.values)-first {
		return fmt.Errorf("directory: %d columns for %d places", len(r.values)-first, len(dest))
	}
	for i, d := range dest {
		if v := r.values[first+i]; !assign(d, v) && v != nil {
			return fmt.Errorf("directory: column %d is %T and not for %T", first+i, v, d)
		}
	}
	return nil
}

// assign sets dest to v, or to zero, and reports whether it is for what v is.
func assign(dest any, v driver.Value) (ok bool) {
	n, isInteger := v.(int64)
	switch d := dest.(type) {
	case *string:
		if *d, ok = v.(string); isInteger {
			*d, ok = strconv.FormatInt(n, 10), true
		}
	case *[]byte:
		*d, ok = bytesOf(v)
	case *int64:
		*d, ok = n, isInteger
	case *int:
		*d, ok = int(n), isInteger
	case *bool:
		*d, ok = n != 0, isInteger
	}
	return ok
}

// bytesOf takes a text, too: somebody may have written one by hand.
func bytesOf(v driver.Value) ([]byte, bool) {
	if text, ok := v.(string); ok {
		return []byte(text), true
	}
	b, ok := v.([]byte)
	return b, ok
}
