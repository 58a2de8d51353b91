package directory

import (
	"strings"
	"testing"
)

// Every statement finds its rows by an index: none walks a table, and none sorts
// beyond what one name had as leavers.
func TestStatementsAreIndexed(t *testing.T) {
	s := openSQLite(t, inMemory)
	err := s.read(t.Context(), func(n *session) error {
		for q := insertResource; q < queries; q++ {
			for _, step := range explain(t, n, sqlOf[q]) {
				sorts := strings.Contains(step, "TEMP B-TREE") && q != leaversOf
				scans := strings.HasPrefix(step, "SCAN") && !strings.HasPrefix(step, "SCAN (subquery") && !strings.HasPrefix(step, "SCAN j VIRTUAL TABLE") &&
					!strings.HasPrefix(step, "SCAN json_each VIRTUAL TABLE") // the ids that were asked for
				if scans || sorts {
					t.Errorf("%s\n%s", sqlOf[q], step)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func explain(t *testing.T, n *session, text string) (steps []string) {
	t.Helper()
	stmt, err := prepare(n.conn, "EXPLAIN QUERY PLAN "+text)
	if err == nil {
		err = stmt.each(func(r *resultRow) error {
			var id, parent, unused int
			var step string
			err := r.Scan(&id, &parent, &unused, &step)
			steps = append(steps, step)
			return err
		}, []any{1, 2, 3, 4, 5, 6, 7, 8})
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return steps
}
