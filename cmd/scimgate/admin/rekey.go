package admin

import (
	"context"
	"errors"
	"time"

	"scimgate/tenant"
)

// RekeyInput is which tenants to look at: a page of them.
type RekeyInput struct {
	After tenant.ID `json:"after,omitempty" doc:"Id after which to begin" maxLength:"63"`
	Limit int       `json:"limit,omitempty" doc:"Tenants to look at; 100 where absent" minimum:"1" maximum:"500"`
}

// Rekeyed is how far it came.
type Rekeyed struct {
	After       tenant.ID `json:"after,omitempty" doc:"Where to go on; absent when all were looked at"`
	Tenants     int       `json:"tenants"`
	Connections int       `json:"connections"`
	DataKeys    int       `json:"dataKeys" doc:"Tenants that had no data key, or one that an older key sealed, and now have one that the newest sealed"`
	Resealed    int       `json:"resealed" doc:"Connections whose settings were not sealed by their tenant's data key, and now are"`
	Waiting     []OldHash `json:"waiting" doc:"Tokens and clients that an older key still stands for: each moves by itself when it is used next. Whatever is left when that key is removed ends"`
}

// OldHash is a token or a client that an older key's hash stands for.
type OldHash struct {
	Tenant   tenant.ID `json:"tenant"`
	ID       string    `json:"id" doc:"Key id of the token, or id of the client"`
	Label    string    `json:"label,omitempty"`
	LastUsed time.Time `json:"lastUsed,omitzero"`
}

// Rekey seals the data keys of a page of tenants under the newest key of the key
// file, where an older one sealed them; a tenant that an earlier build made is given
// one, and its settings are sealed by it. It may be repeated, and several may at
// once. Deliveries go on meanwhile: a setting opens under either key.
func (s *Service) Rekey(ctx context.Context, in RekeyInput) (Rekeyed, error) {
	if in.Limit == 0 {
		in.Limit = 100
	}
	done := Rekeyed{Waiting: []OldHash{}}
	tenants, err := s.Tenants.Tenants(ctx, in.After, in.Limit)
	if err != nil {
		return done, err
	}
	for _, t := range tenants {
		changed, err := s.rewrap(ctx, t.ID)
		if err != nil {
			return done, err
		}
		n, err := s.reseal(ctx, t)
		if err != nil {
			return done, err
		}
		if changed {
			done.DataKeys++
		}
		waiting, err := s.oldHashes(ctx, t.ID)
		if err != nil {
			return done, err
		}
		done.Tenants, done.Connections, done.Resealed = done.Tenants+1, done.Connections+len(t.Connections), done.Resealed+n
		done.Waiting = append(done.Waiting, waiting...)
		done.After = t.ID
	}
	if len(tenants) < in.Limit {
		done.After = ""
	}
	note(ctx, "%d of %d connections are sealed anew", done.Resealed, done.Connections)
	return done, nil
}

// rewrap has the newest key seal the tenant's data key, which it makes if need be.
func (s *Service) rewrap(ctx context.Context, id tenant.ID) (changed bool, err error) {
	_, err = s.Tenants.DataKey(ctx, id)
	if errors.Is(err, tenant.ErrNotFound) {
		return true, s.Vault().Provide(ctx, id)
	}
	if err != nil {
		return false, err
	}
	if changed, err = s.Vault().Rewrap(ctx, id); err != nil {
		return false, invalid(string(id) + ": " + err.Error())
	}
	return changed, nil
}

// reseal seals by the data key what that did not seal of a tenant, and returns how
// many connections that were.
func (s *Service) reseal(ctx context.Context, t *tenant.Tenant) (n int, err error) {
	if !sealedBefore(t) {
		return 0, nil
	}
	_, err = s.update(ctx, t.ID, func(t *tenant.Tenant) error {
		n = 0
		for i := range t.Connections {
			changed, err := s.resealOne(ctx, t.ID, &t.Connections[i])
			if err != nil {
				return err
			}
			if changed {
				n++
			}
		}
		return nil
	})
	return n, err
}

func sealedBefore(t *tenant.Tenant) bool {
	for i := range t.Connections {
		for _, sealed := range t.Connections[i].AllSealed() {
			if !tenant.ByDataKey(*sealed) {
				return true
			}
		}
	}
	return false
}

func (s *Service) resealOne(ctx context.Context, id tenant.ID, c *tenant.Connection) (changed bool, err error) {
	for _, sealed := range c.AllSealed() {
		if tenant.ByDataKey(*sealed) {
			continue
		}
		plain, err := s.Keys.Open(*sealed, id, c.Field())
		if err != nil {
			return false, invalid(string(id) + "/" + c.ID + ": " + err.Error())
		}
		if *sealed, err = s.Vault().Seal(ctx, plain, id, c.Field()); err != nil {
			return false, err
		}
		changed = true
	}
	return changed, nil
}

// oldHashes are a tenant's tokens and clients that would end with an older key.
func (s *Service) oldHashes(ctx context.Context, id tenant.ID) ([]OldHash, error) {
	var old []OldHash
	tokens, err := s.Tenants.Tokens(ctx, id)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	for _, t := range tokens {
		if !s.Keys.HashedByNewest(t.Hash) && now.Before(t.Expires) {
			old = append(old, OldHash{id, t.KeyID, t.Label, t.LastUsed})
		}
	}
	clients, err := s.Tenants.Credentials(ctx, id)
	for _, c := range clients {
		if !c.HashedByNewest(s.Keys) {
			old = append(old, OldHash{id, c.ID, c.Label, c.LastUsed})
		}
	}
	return old, err
}

func (s *Service) rekey(ctx context.Context, in *struct{ Body RekeyInput }) (Rekeyed, error) {
	return s.Rekey(ctx, in.Body)
}
