package tenant

import (
	"context"
	"time"

	"scimgate/ratelimit"
)

// Client returns the OAuth client of the tenant in the path that a secret belongs
// to, and the secret's record, or ErrUnauthorized, whatever is wrong, after the
// same work. Any other error is a fault of the store.
func (r *Resolver) Client(ctx context.Context, path, clientID, secret string) (*Credential, *Secret, error) {
	now := r.now()
	secretID, malformed := parseSecret(clientPrefix, secret)
	c, err := r.Named(ctx, path, clientID)
	if err != nil {
		return nil, nil, err
	}
	s := c.secret(secretID)
	same := s.matches(r.keys, c.Tenant, secret)
	live := now.Before(s.Expires)
	if malformed != nil || !same || !live || c.Kind != ClientCredential {
		return nil, nil, ErrUnauthorized
	}
	r.noteClient(c, s, secret, now)
	return c, s, nil
}

// Named returns the credential of an id if it is the path's tenant's and enabled,
// else one that proves nothing.
func (r *Resolver) Named(ctx context.Context, path, id string) (*Credential, error) {
	if len(id) != credentialIDLength || !isBase62(id) {
		id = noCredentialID
	}
	c, err := r.credential(ctx, id)
	if err != nil || c.Disabled || path != string(c.Tenant) {
		return noCredential, err
	}
	return c, nil
}

// Access makes an access token of a credential that was just proven, and its end:
// never later than a secret's.
func (r *Resolver) Access(c *Credential, s *Secret) (text string, end time.Time) {
	end, id := r.now().Add(c.Lives()), ""
	if s != nil {
		end, id = earlier(end, s.Expires), s.ID
	}
	return r.keys.Access(c, id, end), end
}

// Limit is how often a proven credential's tenant may ask for access tokens.
func (r *Resolver) Limit(ctx context.Context, c *Credential) (ratelimit.Limit, error) {
	t, err := r.store.Tenant(ctx, c.Tenant)
	if err != nil {
		return ratelimit.Limit{}, err
	}
	return t.Settings.LimitOf(Tokens), nil
}

// Now is the Resolver's clock.
func (r *Resolver) Now() time.Time { return r.now() }

// Used notes the use of a credential.
func (r *Resolver) Used(c *Credential) { r.note(r.proofOf(c, time.Time{}), r.now()) }

// noteClient notes a client's use, and moves its secret to the newest key.
func (r *Resolver) noteClient(c *Credential, s *Secret, text string, now time.Time) {
	p := r.proofOf(c, s.Expires)
	if touch := p.noted; !r.keys.HashedByNewest(s.Hash) {
		p.noted = func(ctx context.Context, minute time.Time) {
			touch(ctx, minute)
			_, _ = r.store.UpdateCredential(ctx, c.Tenant, c.ID, func(c *Credential) error {
				if old := c.secret(s.ID); old.matches(r.keys, c.Tenant, text) {
					old.Hash = r.keys.ring[0].hash(c.Tenant, text)
				}
				return nil
			})
		}
	}
	r.note(p, now)
}
