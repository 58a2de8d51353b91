package directory

import (
	"errors"
	"io"
	"testing"
)

// What a statement is given comes back as it was, NULL as nothing.
func TestStatement(t *testing.T) {
	s := openSQLite(t, inMemory)
	n := <-s.writer
	defer func() { s.writer <- n }()
	stmt, err := prepare(n.conn, `SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stmt.stmt.Close() }()
	for range 2 {
		var (
			number     int64
			small      int
			yes        bool
			text, none string
			blob       []byte
			mark       string
		)
		err = stmt.each(func(r *resultRow) error {
			return last(r.Scan(&number, &small, &yes, &text, &none, &blob, &mark))
		}, []any{int64(1) << 40, 7, true, "tëxt\x00", nil, []byte("{}"), -5})
		if err != nil || number != 1<<40 || small != 7 || !yes || text != "tëxt\x00" || none != "" || string(blob) != "{}" || mark != "-5" {
			t.Error(number, small, yes, text, none, blob, mark, err)
		}
	}
}

func TestStatementFaults(t *testing.T) {
	s := openSQLite(t, inMemory)
	n := <-s.writer
	defer func() { s.writer <- n }()
	scan := func(text string, dest ...any) error {
		stmt, err := prepare(n.conn, text)
		if err != nil {
			return err
		}
		defer func() { _ = stmt.stmt.Close() }()
		return stmt.each(func(r *resultRow) error { return r.Scan(dest...) }, nil)
	}
	for text, dest := range map[string][]any{
		`SELECT 'x'`: {new(int64)}, `SELECT x'00'`: {new(string)}, `SELECT 1.5`: {new(bool)}, `SELECT 1, 2`: {new(int)},
		`SELECT 1`: {new(float64)}, `SELECT`: nil,
	} {
		if err := scan(text, dest...); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s into %T: %v", text, dest, err)
		}
	}
	if err := n.run(`SELECT ?1`, 1.5); err == nil {
		t.Error("what nobody stores was bound")
	}
}
