package tenant

import "context"

// Notes are what one process found out of a tenant and all others shall know: where
// a breaker stands, what an audit came to. The body of a note is its maker's, opaque
// here, and at most a megabyte. All methods may be called concurrently, also by
// several processes.
type Notes interface {
	// EditNote applies edit to what is stored under a name, nil at first, and stores
	// the result if edit says so and nobody else did meanwhile; a lost race is tried
	// again with what is newer, so edit may be called several times. It is atomic, and
	// durable when it returns. ErrConflict after too many races; ErrNotFound if there
	// is no such tenant; or edit's own error, which changes nothing.
	EditNote(ctx context.Context, id ID, name string, edit func(was []byte) (next []byte, save bool, err error)) error
	// Note returns what is stored under a name, nil if nothing is.
	Note(ctx context.Context, id ID, name string) ([]byte, error)
	// DropNotes removes every note whose name begins with prefix. Store.DeleteTenant
	// removes all of its tenant.
	DropNotes(ctx context.Context, id ID, prefix string) error
}

var (
	_ Notes = (*SQLite)(nil)
	_ Notes = (*Mongo)(nil)
)

// beginning is the half-open range of the texts that begin with prefix.
func beginning(prefix string) (low, high string) { return prefix, prefix + "\U0010FFFF" }
