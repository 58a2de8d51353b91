package tenant

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"
)

// PassKind says what a Pass lets its holder do.
type PassKind string

// The kinds of passes.
const (
	SessionPass PassKind = "session" // be whom the console knows
	InvitePass  PassKind = "invite"  // become a tenant's administrator, once
	SignInPass  PassKind = "signIn"  // come back from the identity provider, once

	// AssertionPass marks an assertion that was shown: nobody shows it again.
	AssertionPass PassKind = "assertion"
)

// Pass lets whoever holds its secret in, until it expires. The secret is 256
// random bits and is not kept; a Pass is found by the secret's hash.
type Pass struct {
	Kind    PassKind
	ID      string    // PassID of the secret
	Tenant  ID        // whose it is; "" where it is no tenant's
	Body    []byte    // what its maker wants to know of it, sealed by the maker
	Created time.Time // times are kept to the millisecond
	Expires time.Time
	Seen    time.Time // when it was last used
}

// Field names a pass's body to Keys.Seal and Keys.Open.
func (p *Pass) Field() string { return "passes/" + string(p.Kind) + "/" + p.ID }

// NewPass makes a pass and the secret that it is shown by, 43 characters of
// base62. Its body is the caller's to fill in.
func NewPass(kind PassKind, t ID, now, expires time.Time) (secret string, p *Pass) {
	secret = randomText(32, secretLength)
	now, expires = now.UTC().Truncate(time.Millisecond), expires.UTC().Truncate(time.Millisecond)
	return secret, &Pass{Kind: kind, ID: PassID(secret), Tenant: t, Created: now, Expires: expires, Seen: now}
}

// PassID is what a secret is kept under. A keyed or a slow hash would add nothing
// to 256 random bits.
func PassID(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Passes keeps passes. All methods may be called concurrently, also by several
// processes; each write is one atomic operation and durable when it returns. A
// pass that has expired or was taken is ErrNotFound to all of them.
type Passes interface {
	// SavePass stores a new pass, or ErrExists.
	SavePass(ctx context.Context, p *Pass) error
	// Pass returns a pass, or ErrNotFound.
	Pass(ctx context.Context, kind PassKind, id string, now time.Time) (*Pass, error)
	// Passes returns a tenant's passes of a kind, newest first.
	Passes(ctx context.Context, kind PassKind, t ID, now time.Time) ([]*Pass, error)
	// SeePass sets Seen if it is later than what is stored.
	SeePass(ctx context.Context, kind PassKind, id string, at time.Time) error
	// TakePass returns a pass and uses it up: of several callers exactly one gets
	// it, the others ErrNotFound.
	TakePass(ctx context.Context, kind PassKind, id string, now time.Time) (*Pass, error)
	// DropPass ends a pass. To end what is not there is no error.
	DropPass(ctx context.Context, kind PassKind, id string) error
	// PurgePasses removes what has expired before a time. Store.DeleteTenant
	// removes those of its tenant.
	PurgePasses(ctx context.Context, before time.Time) error
}
