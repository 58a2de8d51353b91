package tenant

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// proof is what a credential that holds comes to.
type proof struct {
	tenant   ID
	end      time.Time // from then on it proves nothing
	id       string    // of the credential
	lastUsed time.Time
	noted    func(ctx context.Context, minute time.Time) // writes its use
}

// Issuers verifies what others sign.
type Issuers interface {
	// Verify returns which of the candidates the token (a JWT, RS256) fits, and its
	// end, or ErrUnauthorized. Its time tells nobody which are pinned, nor whether
	// there are any. Any other error is a fault: an issuer whose keys are not known
	// could not be asked for them.
	Verify(ctx context.Context, candidates []*Issued, token string, now time.Time) (which int, end time.Time, err error)
}

// Trust has tokens of the customers' issuers verified by i, where a tenant has an
// EntraCredential. Call it before the Resolver is used.
func (r *Resolver) Trust(i Issuers) { r.issuers = i }

// prove checks a token of any kind. Within a kind nothing returns early but a fault.
func (r *Resolver) prove(ctx context.Context, path, text string, now time.Time) (*proof, error) {
	switch {
	case isAccess(text):
		return r.proveAccess(ctx, path, text, now)
	case isJWT(text):
		return r.proveIssued(ctx, path, text, now)
	default:
		return r.proveToken(ctx, path, text, now)
	}
}

func isAccess(text string) bool {
	return len(text) == accessLength && strings.HasPrefix(text, accessPrefix)
}

// maxJWT is the longest token of an issuer that is read: Entra's have 2 KiB.
const maxJWT = 8 << 10

func isJWT(text string) bool {
	return strings.HasPrefix(text, "eyJ") && len(text) <= maxJWT && strings.Count(text, ".") == 2
}

// proveToken checks a Token, whose hash is moved to the newest key when it is used,
// so that the older key can be retired.
func (r *Resolver) proveToken(ctx context.Context, path, text string, now time.Time) (*proof, error) {
	keyID, malformed := parseToken(text)
	if malformed != nil {
		keyID = noKeyID
	}
	token, err := r.store.Token(ctx, keyID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("look up the token: %w", err)
	}
	found := err == nil
	if !found {
		token = noRow
	}
	same := token.matches(r.keys, text)
	live := now.Before(token.Expires)
	ours := path == string(token.Tenant)
	if malformed != nil || !found || !same || !live || !ours {
		return nil, ErrUnauthorized
	}
	return &proof{token.Tenant, token.Expires, token.KeyID, token.LastUsed, func(ctx context.Context, minute time.Time) {
		_ = r.store.TouchToken(ctx, token.Tenant, token.KeyID, minute)
		if !r.keys.HashedByNewest(token.Hash) {
			_, _ = r.store.UpdateToken(ctx, token.Tenant, token.KeyID, func(t *Token) error { return t.rehash(r.keys, text) })
		}
	}}, nil
}

// proveAccess checks an access token of ours.
func (r *Resolver) proveAccess(ctx context.Context, path, text string, now time.Time) (*proof, error) {
	a, malformed := parseAccess(text)
	c, err := r.credential(ctx, a.credential)
	if err != nil {
		return nil, err
	}
	same := r.keys.made(c.Tenant, a)
	holds := c.honours(a, now)
	ours := path == string(c.Tenant)
	if malformed != nil || !same || !holds || !ours || c == noCredential {
		return nil, ErrUnauthorized
	}
	return r.proofOf(c, a.expires), nil
}

// evenTime is when a refusal is told whose work depends on what was shown: longer
// than the work takes, so that the time tells nobody what was wrong.
const evenTime = 5 * time.Millisecond

// Evenly waits until evenTime after begin.
func Evenly(ctx context.Context, begin time.Time) {
	timer := time.NewTimer(evenTime - time.Since(begin))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// proveIssued checks a token of the customer's issuer. The tenant is the path's,
// never the token's: all custom applications of all of Entra's tenants get tokens
// for one audience.
func (r *Resolver) proveIssued(ctx context.Context, path, text string, now time.Time) (*proof, error) {
	begin := time.Now()
	p, err := r.judgeIssued(ctx, path, text, now)
	if errors.Is(err, ErrUnauthorized) {
		Evenly(ctx, begin)
	}
	return p, err
}

func (r *Resolver) judgeIssued(ctx context.Context, path, text string, now time.Time) (*proof, error) {
	id, err := ParseID(path)
	if err != nil {
		id = "-" // no tenant's
	}
	all, err := r.store.Credentials(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("look up the credentials: %w", err)
	}
	var from []*Credential
	var candidates []*Issued
	for _, c := range all {
		if c.Kind == EntraCredential && !c.Disabled {
			from, candidates = append(from, c), append(candidates, c.Issued)
		}
	}
	if r.issuers == nil {
		return nil, ErrUnauthorized
	}
	which, end, err := r.issuers.Verify(ctx, candidates, text, now)
	if err != nil {
		return nil, err
	}
	return r.proofOf(from[which], end), nil
}

func (r *Resolver) proofOf(c *Credential, end time.Time) *proof {
	return &proof{c.Tenant, end, c.ID, c.LastUsed, func(ctx context.Context, minute time.Time) {
		_ = r.store.TouchCredential(ctx, c.Tenant, c.ID, minute)
	}}
}

// credential looks a credential up; what is not there is noCredential.
func (r *Resolver) credential(ctx context.Context, id string) (*Credential, error) {
	c, err := r.store.Credential(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return noCredential, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up the credential: %w", err)
	}
	return c, nil
}
