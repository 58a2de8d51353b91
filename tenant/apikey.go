package tenant

import (
	"context"
	"crypto/hmac"
	"time"
)

// Role is what somebody is to the operator's API and the console.
type Role string

// The roles.
const (
	Operator      Role = "operator"      // everything, of every tenant or of one
	Administrator Role = "administrator" // everything of one tenant but what operators keep
	Support       Role = "support"       // looks, and changes nothing
)

// APIKey lets a program use the operator's API in a role, of one tenant or of all.
// It is stored as a Token is: never the secret, only its keyed hash.
type APIKey struct {
	ID       string    `json:"id"`               // names the key in public, unique over all tenants
	Tenant   ID        `json:"tenant,omitempty"` // "" is every tenant
	Role     Role      `json:"role"`
	Name     string    `json:"name,omitempty"`   // what it is for
	Author   string    `json:"author,omitempty"` // who made it, as Principal.String tells
	Hash     []byte    `json:"-"`                // HMAC of the secret
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires"`
	LastUsed time.Time `json:"lastUsed,omitzero"` // to the minute; zero: never
}

// apiKeyPrefix begins an API key, which else reads as a token.
const apiKeyPrefix = "sa_"

// NewAPIKey makes a key that ends at expires. The secret cannot be had again. Times
// are kept to the millisecond.
func NewAPIKey(k *Keys, t ID, role Role, name string, expires, now time.Time) (secret string, key *APIKey) {
	secret, id := newSecret(apiKeyPrefix)
	return secret, &APIKey{
		ID: id, Tenant: t, Role: role, Name: name, Hash: k.ring[0].hash(t, secret),
		Created: now.UTC().Truncate(time.Millisecond), Expires: expires.UTC().Truncate(time.Millisecond),
	}
}

// APIKeys keeps API keys. All methods may be called concurrently; each write is one
// atomic operation and durable when it returns. What a method returns is the
// caller's own copy. Store.DeleteTenant removes those of its tenant.
type APIKeys interface {
	// CreateAPIKey stores a key, or ErrExists if its id is taken.
	CreateAPIKey(ctx context.Context, key *APIKey) error
	// APIKey returns the key of an id, of whichever tenant, or ErrNotFound.
	APIKey(ctx context.Context, id string) (*APIKey, error)
	// APIKeys returns up to limit keys of a tenant, "" for those of all and of every
	// tenant, with an id greater than after, by id.
	APIKeys(ctx context.Context, t ID, after string, limit int) ([]*APIKey, error)
	// DeleteAPIKey ends a key, or ErrNotFound.
	DeleteAPIKey(ctx context.Context, id string) error
	// TouchAPIKey sets LastUsed if it is later than what is stored, and then the hash
	// too: that of the newest key of the key file.
	TouchAPIKey(ctx context.Context, id string, at time.Time, hash []byte) error
}

// noKey stands for a key that is not in the store.
var noKey = &APIKey{Hash: noRow.Hash}

// FindAPIKey returns the live key that a secret is of, or ErrUnauthorized, after the
// same work whatever is wrong. Any other error is a fault of the store. Nothing is
// cached: a key that was revoked ends at once, in every process.
func FindAPIKey(ctx context.Context, s APIKeys, k *Keys, secret string, now time.Time) (*APIKey, error) {
	id, malformed := parseSecret(apiKeyPrefix, secret)
	if malformed != nil {
		id = noKeyID
	}
	key, err := s.APIKey(ctx, id)
	if err := absent(err); err != nil {
		return nil, err
	}
	if err != nil {
		key = noKey
	}
	if !hmac.Equal(k.pepperOf(key.Hash).hash(key.Tenant, secret), key.Hash) || !now.Before(key.Expires) {
		return nil, ErrUnauthorized
	}
	return key, nil
}

// NoteAPIKey writes the minute of a key's use, once a minute, and has the newest
// key of the key file hash it from then on.
func NoteAPIKey(ctx context.Context, s APIKeys, k *Keys, key *APIKey, secret string, now time.Time) error {
	minute := now.UTC().Truncate(time.Minute)
	if !key.LastUsed.Before(minute) {
		return nil
	}
	return s.TouchAPIKey(ctx, key.ID, minute, k.ring[0].hash(key.Tenant, secret))
}
