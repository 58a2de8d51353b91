package tenant

import "context"

// keptRow says how a document is kept in a table: the query for its version and body,
// and the statement that stores the next. Both are given the key, which begins with the
// tenant; the statement also version and body. It looks for the tenant itself, so that a
// late document cannot outlive its tenant, and changes nothing if the version that is
// there is not the one before.
type keptRow struct{ query, swap string }

// editKept edits a document of a tenant.
func (s *SQLite) editKept(ctx context.Context, k keptRow, id ID, edit documentEdit, key ...any) error {
	load := func() (version int64, doc []byte, err error) {
		if _, err := s.Tenant(ctx, id); err != nil {
			return 0, nil, err
		}
		return s.kept(ctx, k, key...)
	}
	return editDocument(ctx, edit, load, func(next int64, doc []byte) (bool, error) {
		n, err := s.change(ctx, k.swap, append(key[:len(key):len(key)], next, doc)...)
		return n == 1, err
	})
}

// kept reads a document; one that is not there is nothing, of version 0.
func (s *SQLite) kept(ctx context.Context, k keptRow, key ...any) (version int64, doc []byte, err error) {
	err = s.db.QueryRowContext(ctx, k.query, key...).Scan(&version, &doc)
	return version, doc, absent(notFound(err))
}
