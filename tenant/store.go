package tenant

import (
	"context"
	"errors"
	"time"
)

// What a Store answers beside success. Any other error is a fault of the store,
// its outcome unknown; to a client it is a 503.
var (
	ErrNotFound = errors.New("tenant: not found")
	ErrExists   = errors.New("tenant: exists already")
	// ErrConflict means that a change lost too many races in a row.
	ErrConflict = errors.New("tenant: changed by others meanwhile")
)

// Token is one bearer credential of a tenant, as it is stored: never the secret,
// only its keyed hash.
type Token struct {
	KeyID    string    `json:"keyId"` // names the token in public, unique over all tenants
	Tenant   ID        `json:"tenant"`
	Hash     []byte    `json:"-"` // HMAC of the secret
	Label    string    `json:"label,omitempty"`
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires"`
	LastUsed time.Time `json:"lastUsed,omitzero"` // to the minute; zero: never
}

// RulesVersion is one published set of rules.
type RulesVersion struct {
	Rev       uint64    `json:"rev"`
	Rules     []byte    `json:"rules"` // raw JSON
	Author    string    `json:"author,omitempty"`
	Published time.Time `json:"published"`
}

// Store keeps tenants, their tokens and their published rules. All methods may
// be called concurrently; each write is one atomic operation and durable when
// the method returns. What a method returns is the caller's own copy.
type Store interface {
	// CreateTenant stores a new tenant with Version 1, or ErrExists.
	CreateTenant(ctx context.Context, t *Tenant) error
	// Tenant returns one tenant, or ErrNotFound.
	Tenant(ctx context.Context, id ID) (*Tenant, error)
	// Tenants returns up to limit tenants with an id greater than after, by id.
	Tenants(ctx context.Context, after ID, limit int) ([]*Tenant, error)
	// UpdateTenant applies edit to the tenant as it is stored and stores the
	// result with Version+1 if nobody else changed it meanwhile; a lost race is
	// tried again with the newer tenant, so edit may be called several times.
	// ErrNotFound, ErrConflict, or edit's own error, which changes nothing.
	UpdateTenant(ctx context.Context, id ID, edit func(*Tenant) error) (*Tenant, error)
	// DeleteTenant removes the tenant, its data key, tokens, credentials, API keys,
	// changes, rules versions, ledger, tallies, notes, departures, lease and passes.
	// Deleting what is not there is ErrNotFound.
	DeleteTenant(ctx context.Context, id ID) error

	// CreateToken stores a token, or ErrExists if its key id is taken.
	CreateToken(ctx context.Context, t *Token) error
	// Token returns the token of a key id, of whichever tenant, or ErrNotFound.
	Token(ctx context.Context, keyID string) (*Token, error)
	// Tokens returns a tenant's tokens, newest first.
	Tokens(ctx context.Context, id ID) ([]*Token, error)
	// UpdateToken applies edit to a tenant's token as it is stored and stores label,
	// hash and end if nobody else changed them meanwhile; a lost race is tried again,
	// so edit may be called several times. ErrNotFound, ErrConflict, or edit's own
	// error, which changes nothing.
	UpdateToken(ctx context.Context, id ID, keyID string, edit func(*Token) error) (*Token, error)
	// RevokeToken removes a tenant's token, or ErrNotFound.
	RevokeToken(ctx context.Context, id ID, keyID string) error
	// TouchToken sets LastUsed if it is later than what is stored.
	TouchToken(ctx context.Context, id ID, keyID string, at time.Time) error

	// SaveRules keeps one published version; the same Rev again is ErrExists.
	SaveRules(ctx context.Context, id ID, v RulesVersion) error
	// RulesVersions returns a tenant's versions, newest first.
	RulesVersions(ctx context.Context, id ID) ([]RulesVersion, error)

	Credentials
	APIKeys
	Changes
	DataKeys

	// Ping reports whether the store answers.
	Ping(ctx context.Context) error
}
