package admin

import (
	"context"
	"time"

	"scimgate/tenant"
)

// DefaultOverlapDays is how long a token lives on beside the one that replaces it,
// where nobody says otherwise.
const DefaultOverlapDays = 30

// mostLife is the longest that a credential may have left to live.
const mostLife = 3650 * 24 * time.Hour

// RotateInput replaces a token.
type RotateInput struct {
	OverlapDays *int `json:"overlapDays,omitempty" doc:"Days that the token lives on beside the new one, 30 where absent, never longer than it had; 0 for a leak revokes it at once" minimum:"0" maximum:"365"`
}

// TokenChange changes a token; what is absent stays. The secret stays in any case.
type TokenChange struct {
	Label   *string    `json:"label,omitempty" doc:"What the token is for" maxLength:"200"`
	Expires *time.Time `json:"expires,omitempty" doc:"New end, in the future and at most 3,650 days away; one that has run out lives again"`
}

// RotateToken mints a token to replace another, with its label, and ends the old
// one after the overlap. The new one is there before the old one is touched: a
// crash between leaves both good.
func (s *Service) RotateToken(ctx context.Context, id tenant.ID, keyID string, in RotateInput) (*Minted, error) {
	old, err := s.token(ctx, id, keyID)
	if err != nil {
		return nil, err
	}
	minted, err := s.CreateToken(ctx, id, TokenInput{Label: old.Label})
	if err != nil {
		return nil, err
	}
	days := DefaultOverlapDays
	if in.OverlapDays != nil {
		days = *in.OverlapDays
	}
	if days == 0 {
		return minted, s.RevokeToken(ctx, id, keyID)
	}
	end := time.Now().AddDate(0, 0, days)
	_, err = s.Tenants.UpdateToken(ctx, id, keyID, func(t *tenant.Token) error {
		if end.Before(t.Expires) { // its own end, not the new one's
			t.Expires = end
		}
		return nil
	})
	s.Resolver.Forget(id)
	return minted, err
}

// ChangeToken changes a token's label and end.
func (s *Service) ChangeToken(ctx context.Context, id tenant.ID, keyID string, in TokenChange) (*tenant.Token, error) {
	if err := checkEnd(in.Expires, time.Now()); err != nil {
		return nil, err
	}
	t, err := s.Tenants.UpdateToken(ctx, id, keyID, func(t *tenant.Token) error {
		if in.Label != nil {
			t.Label = *in.Label
		}
		if in.Expires != nil {
			t.Expires = *in.Expires
		}
		return nil
	})
	s.Resolver.Forget(id)
	return t, err
}

func checkEnd(end *time.Time, now time.Time) error {
	if end != nil && (!end.After(now) || end.Sub(now) > mostLife) {
		return invalid("expires: must be in the future, and at most 3,650 days away")
	}
	return nil
}

func (s *Service) token(ctx context.Context, id tenant.ID, keyID string) (*tenant.Token, error) {
	t, err := s.Tenants.Token(ctx, keyID)
	if err == nil && t.Tenant != id {
		return nil, tenant.ErrNotFound
	}
	return t, err
}

// TokenView is a token as the API shows it.
type TokenView struct {
	tenant.Token
	Warning int `json:"warning,omitempty" doc:"It is in use, and at most so many days are left: 60, 30, 14, 7 or 1"`
}

func viewToken(t *tenant.Token) TokenView { return TokenView{*t, t.Warning(time.Now())} }

// InToken is the path of a token.
type InToken struct {
	InTenant
	KeyID string `path:"keyId" maxLength:"64"`
}

func (s *Service) rotateToken(ctx context.Context, in *struct {
	InToken
	Body RotateInput
},
) (*Minted, error) {
	return s.RotateToken(ctx, in.Tenant, in.KeyID, in.Body)
}

func (s *Service) changeToken(ctx context.Context, in *struct {
	InToken
	Body TokenChange
},
) (TokenView, error) {
	t, err := s.ChangeToken(ctx, in.Tenant, in.KeyID, in.Body)
	if err != nil {
		return TokenView{}, err
	}
	return viewToken(t), nil
}
