package directory

import "fmt"

// added are the columns of schemaSQLite that files of earlier builds lack. Whatever
// changes in the schema is added: a table or an index that is made if it is not
// there, or a column, here, that is NULL or has a default. Nothing is removed or
// renamed, so that the build before works on the file too, and an upgrade can be
// rolled back.
var added = []struct{ table, column, definition string }{
	{"resources", "request", "TEXT"}, // since user_version 2
}

// upgrade gives a file of an earlier build the columns that it lacks. It may be
// interrupted and called again.
func (n *session) upgrade() error {
	for _, a := range added {
		var table, column int
		err := n.ask(`SELECT count(*), coalesce(sum(name = ?2), 0) FROM pragma_table_info(?1)`, []any{&table, &column}, a.table, a.column)
		if err != nil {
			return err
		}
		if table == 0 || column > 0 {
			continue // a new file, or one that has it
		}
		if err := n.run(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s", a.table, a.column, a.definition)); err != nil {
			return fmt.Errorf("upgrade of the file: %w", err)
		}
	}
	return nil
}
