package tenant

import (
	"context"
	"time"
)

// editToken reads a tenant's token and edits a copy: its label, hash and end. What
// else it is stays as it was.
func editToken(ctx context.Context, s Store, id ID, keyID string, edit func(*Token) error) (old, next *Token, err error) {
	old, err = s.Token(ctx, keyID)
	if err != nil {
		return nil, nil, err
	}
	if old.Tenant != id {
		return nil, nil, ErrNotFound
	}
	changed := *old
	if err := edit(&changed); err != nil {
		return nil, nil, err
	}
	edited := *old
	edited.Label, edited.Hash, edited.Expires = changed.Label, changed.Hash, changed.Expires.UTC().Truncate(time.Millisecond)
	return old, &edited, nil
}
