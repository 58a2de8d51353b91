package tenant

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// CredentialKind says how an identity provider proves itself, beside by a Token.
type CredentialKind string

// The kinds of credentials.
const (
	// ClientCredential is an OAuth client: its id and secret are shown to the token
	// endpoint for an access token (RFC 6749 §4.4).
	ClientCredential CredentialKind = "client"
	// FederatedCredential shows the token endpoint what an issuer signed, instead of
	// a secret (RFC 7523 §2.2).
	FederatedCredential CredentialKind = "federated"
	// EntraCredential is Entra's own token, sent where the Secret Token is left
	// blank. Any custom application of the customer gets such a token: for testing.
	EntraCredential CredentialKind = "entra"
)

// MaxSecrets is how many secrets a client may have: one in use, one to move to.
const MaxSecrets = 2

// DefaultTokenLife is how long an access token lives: Entra asks for 60 minutes to
// 6 hours.
const (
	DefaultTokenLife = time.Hour
	MaxTokenLife     = 6 * time.Hour
)

// Credential is what proves a caller to be the tenant's identity provider, beside
// a Token. It is stored as one document.
type Credential struct {
	ID       string         `json:"id"` // the OAuth client id; unique over all tenants
	Tenant   ID             `json:"tenant"`
	Kind     CredentialKind `json:"kind"`
	Label    string         `json:"label,omitempty"`
	Created  time.Time      `json:"created"`
	Disabled bool           `json:"disabled,omitempty"` // proves nothing until enabled again
	Life     time.Duration  `json:"life,omitempty"`     // of its access tokens; 0: DefaultTokenLife
	Secrets  []Secret       `json:"secrets,omitempty"`  // of a client: up to MaxSecrets
	Issued   *Issued        `json:"issued,omitempty"`   // of the other kinds: whose signature, on what
	LastUsed time.Time      `json:"-"`                  // to the minute; zero: never. Kept beside the document

	newer []byte // as Tenant has it
}

// Secret is one secret of a client: never the text, only its keyed hash.
type Secret struct {
	ID      string    `json:"id"` // names the secret in public, unique within its client
	Hash    []byte    `json:"hash"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
}

// Issued pins what an issuer must have signed. What is given must be equal, to the
// letter; Issuer, Keys and Audiences always are.
type Issued struct {
	Issuer    string   `json:"issuer"`             // claim iss
	Keys      string   `json:"keys"`               // URL of the issuer's keys (RFC 7517)
	Audiences []string `json:"audiences"`          // claim aud holds one of them
	TenantID  string   `json:"tenantId,omitempty"` // claim tid: the customer's directory
	Subject   string   `json:"subject,omitempty"`  // claim sub
	ObjectID  string   `json:"objectId,omitempty"` // claim oid
	AppID     string   `json:"appId,omitempty"`    // claim appid or azp
}

// Credentials keeps credentials. All methods may be called concurrently; each
// write is one atomic operation and durable when it returns. What a method returns
// is the caller's own copy. Store.DeleteTenant removes those of its tenant.
type Credentials interface {
	// CreateCredential stores a credential, or ErrExists if its id is taken.
	CreateCredential(ctx context.Context, c *Credential) error
	// Credential returns the credential of an id, of whichever tenant, or ErrNotFound.
	Credential(ctx context.Context, id string) (*Credential, error)
	// Credentials returns a tenant's credentials, newest first.
	Credentials(ctx context.Context, t ID) ([]*Credential, error)
	// UpdateCredential applies edit to a tenant's credential as it is stored and
	// stores the result if nobody else changed it meanwhile; a lost race is tried
	// again, so edit may be called several times. Its id, tenant, kind and last use
	// stay. ErrNotFound, ErrConflict, or edit's own error, which changes nothing.
	UpdateCredential(ctx context.Context, t ID, id string, edit func(*Credential) error) (*Credential, error)
	// DeleteCredential removes a tenant's credential, or ErrNotFound.
	DeleteCredential(ctx context.Context, t ID, id string) error
	// TouchCredential sets LastUsed if it is later than what is stored.
	TouchCredential(ctx context.Context, t ID, id string, at time.Time) error
}

// NewCredential makes a credential of a tenant, without secrets.
func NewCredential(t ID, kind CredentialKind, label string, now time.Time) *Credential {
	return &Credential{
		ID: randomText(9, credentialIDLength), Tenant: t, Kind: kind, Label: label,
		Created: now.UTC().Truncate(time.Millisecond),
	}
}

// AddSecret gives a client another secret, which ends at expires, and returns its
// text: that cannot be had again.
func (c *Credential) AddSecret(k *Keys, expires, now time.Time) (secret string) {
	secret, id := newSecret(clientPrefix)
	c.Secrets = append(c.Secrets, Secret{
		ID: id, Hash: k.ring[0].hash(c.Tenant, secret),
		Created: now.UTC().Truncate(time.Millisecond), Expires: expires.UTC().Truncate(time.Millisecond),
	})
	return secret
}

// Lives is how long the credential's access tokens live.
func (c *Credential) Lives() time.Duration {
	if c.Life == 0 {
		return DefaultTokenLife
	}
	return c.Life
}

// Warning is Token.Warning of a client's last secret to end.
func (c *Credential) Warning(now time.Time) int {
	if len(c.Secrets) == 0 || c.Disabled {
		return 0
	}
	last := slices.MaxFunc(c.Secrets, func(a, b Secret) int { return a.Expires.Compare(b.Expires) })
	return warning(last.Expires, c.LastUsed, now)
}

// secret returns a client's secret of an id, or noSecret.
func (c *Credential) secret(id string) *Secret {
	for i := range c.Secrets {
		if c.Secrets[i].ID == id {
			return &c.Secrets[i]
		}
	}
	return noSecret
}

func (s *Secret) matches(k *Keys, t ID, text string) bool {
	return hmac.Equal(k.pepperOf(s.Hash).hash(t, text), s.Hash)
}

// What stands for what is not there.
var (
	noCredentialID = noID(credentialIDLength)
	noSecretID     = noID(keyIDLength)
	noCredential   = &Credential{}
	noSecret       = &Secret{Hash: noRow.Hash}
)

// HashedByNewest reports whether the primary key made all of its hashes.
func (c *Credential) HashedByNewest(k *Keys) bool {
	return !slices.ContainsFunc(c.Secrets, func(s Secret) bool { return !k.HashedByNewest(s.Hash) })
}

// editCredential reads a tenant's credential and edits a copy.
func editCredential(c *Credential, t ID, edit func(*Credential) error) (*Credential, error) {
	if c.Tenant != t {
		return nil, ErrNotFound
	}
	id, kind, used := c.ID, c.Kind, c.LastUsed
	if err := edit(c); err != nil {
		return nil, err
	}
	c.ID, c.Tenant, c.Kind, c.LastUsed = id, t, kind, used
	return c, nil
}

func decodeCredential(doc []byte, used int64) (*Credential, error) {
	c := &Credential{}
	newer, err := Decode(doc, c)
	if err != nil {
		return nil, fmt.Errorf("decode a stored credential: %w", err)
	}
	c.newer, c.LastUsed = newer, fromMillis(used)
	return c, nil
}

func encodeCredential(c *Credential) ([]byte, error) {
	doc, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return KeepNewer(c.newer, doc, c)
}

// noCredentialRow is a client with one secret, as it is stored.
var noCredentialRow, _ = json.Marshal(&Credential{
	ID: noCredentialID, Tenant: "none", Kind: ClientCredential, Label: "stands for what is not there",
	Secrets: []Secret{{ID: noSecretID, Hash: noRow.Hash}},
})
