package tenant

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// ErrUnauthorized is the answer to every credential that does not open the
// tenant of the path, whatever is wrong with it (design 6.11).
var ErrUnauthorized = errors.New("tenant: not authorized")

// remember is how long a success is reused: so late may a revocation in another
// process come into force.
const remember = 30 * time.Second

// Resolver turns the tenant segment of a path and an Authorization header into a
// Tenant. The header holds a Token, an access token of ours, or a token of the
// customer's own issuer (see prove). Successes are cached; failures never are, and each does the same work
// in the same order (look-up of what it names, HMAC or signature, comparison), so that a stranger
// learns neither from the answer nor from its time which tenants exist:
//
//	header ─► token or dummy ─► cached? ─► store: token or dummy ─► HMAC ─► all true?
//	                              └► tenant                                    ├► store: tenant
//	                                                                           └► ErrUnauthorized
//
// The token decides which tenant is loaded, the path must equal it. Methods may
// be called concurrently.
type Resolver struct {
	store Store
	keys  *Keys
	now   func() time.Time
	told  func(ID) // of each Forget; nil tells nobody

	issuers Issuers // nil trusts none

	mu      sync.RWMutex
	known   map[credential]*resolution
	swept   time.Time
	changes uint64               // calls of Forget
	touched map[string]time.Time // key id → minute noted as LastUsed
	uses    []use                // that wait to be noted; the first is being
	notes   sync.WaitGroup       // who notes them
}

// credential is what a cached success answers to. The token is hashed, so that
// memory holds no secret.
type credential struct {
	path  string
	token [sha256.Size]byte
}

type resolution struct {
	tenant *Tenant
	until  time.Time
}

// NewResolver returns a Resolver that reads store. Call Wait before the store is
// closed.
func NewResolver(store Store, keys *Keys, now func() time.Time) *Resolver {
	return &Resolver{
		store: store, keys: keys, now: now, swept: now(),
		known: map[credential]*resolution{}, touched: map[string]time.Time{},
	}
}

// Authenticate returns the tenant whose id is path (one segment, as it stands in
// the URL) if the Authorization header holds a live bearer token of it, else
// ErrUnauthorized. Any other error is a fault of the store: nobody was refused.
// The Tenant is shared by all callers, who must not change it.
func (r *Resolver) Authenticate(ctx context.Context, path, authorization string) (*Tenant, error) {
	now := r.now()
	text := bearer(authorization)
	who := credential{path, sha256.Sum256([]byte(text))}
	t, changes := r.cached(who, now)
	if t != nil {
		return t, nil
	}
	proof, err := r.prove(ctx, path, text, now)
	if err != nil {
		return nil, err
	}
	t, err = r.store.Tenant(ctx, proof.tenant)
	if errors.Is(err, ErrNotFound) { // deleted this instant
		return nil, ErrUnauthorized
	}
	if err != nil {
		return nil, fmt.Errorf("load the tenant: %w", err)
	}
	r.keep(who, &resolution{tenant: t, until: earlier(now.Add(remember), proof.end)}, changes)
	r.note(proof, now)
	return t, nil
}

// noToken stands for whatever is not a token at all: as long as one, and refused
// after the same work.
var noToken = tokenPrefix + strings.Repeat("-", tokenLength-len(tokenPrefix))

// noKeyID is the key id that is looked up for a malformed token; no token can
// have it.
var noKeyID = noID(keyIDLength)

func noID(length int) string { return strings.Repeat("-", length) }

// noRow stands for a token that is not in the store.
var noRow = &Token{Hash: make([]byte, keyIDSize+sha256.Size)}

// bearer returns the token of an Authorization header if it looks like one of any
// kind, else noToken. The scheme is case-insensitive (RFC 9110 §11.1).
func bearer(authorization string) string {
	scheme, text, _ := strings.Cut(authorization, " ")
	text = strings.TrimLeft(text, " ") // 1*SP (RFC 9110 §11.4)
	if !strings.EqualFold(scheme, "Bearer") || len(text) != tokenLength && !isAccess(text) && !isJWT(text) {
		return noToken
	}
	return text
}

// Forget drops what is cached of a tenant at once: after a token was revoked, or
// the tenant changed or deleted. It also keeps a look-up that is under way from
// being cached. Whoever caches the tenant elsewhere is told.
func (r *Resolver) Forget(id ID) {
	r.Drop(id)
	if r.told != nil {
		r.told(id)
	}
}

// Tell has each Forget tell f too, which must not block. Call it before the
// Resolver is used.
func (r *Resolver) Tell(f func(ID)) { r.told = f }

// Drop is Forget in this process alone.
func (r *Resolver) Drop(id ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes++
	for who := range r.known {
		if who.path == string(id) {
			delete(r.known, who)
		}
	}
}

// Wait returns when every note of a token's use has been written.
func (r *Resolver) Wait() { r.notes.Wait() }

// cached returns the tenant of a credential, or nil and the count of changes as
// of now.
func (r *Resolver) cached(who credential, now time.Time) (*Tenant, uint64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if known := r.known[who]; known != nil && now.Before(known.until) {
		return known.tenant, r.changes
	}
	return nil, r.changes
}

// keep caches a success, unless somebody forgot something since it was looked up.
func (r *Resolver) keep(who credential, known *resolution, changes uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.changes != changes {
		return
	}
	r.known[who] = known
	r.sweep()
}

// sweep drops what has run out, once in a while: what is kept is bounded by the
// tokens used lately.
func (r *Resolver) sweep() {
	now := r.now()
	if now.Sub(r.swept) < remember {
		return
	}
	r.swept = now
	for who, known := range r.known {
		if !now.Before(known.until) {
			delete(r.known, who)
		}
	}
	for keyID, minute := range r.touched {
		if now.Sub(minute) >= 2*time.Minute {
			delete(r.touched, keyID)
		}
	}
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
