package server

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	josejson "github.com/go-jose/go-jose/v4/json"

	"scimgate/tenant"
)

const (
	skew = time.Minute // by which an issuer's clock may be wrong
	// longest is how far away the end of a signed token may be. Entra's are an hour,
	// a managed identity's a day.
	longest = 25 * time.Hour
)

// The algorithms of signatures. "none" and those with a shared secret are in
// neither list, so that a header cannot choose them.
var (
	ofEntra      = []jose.SignatureAlgorithm{jose.RS256}
	ofAssertions = []jose.SignatureAlgorithm{jose.RS256, jose.ES256}
)

// Verifier verifies JWTs of the customers' issuers (tenant.Issuers).
type Verifier struct {
	Keys *Keysets

	strangers map[jose.SignatureAlgorithm]any // keys that have signed nothing
	nothing   *jose.JSONWebSignature          // what is verified instead of what is no JWT
}

// NewVerifier returns a Verifier that has its keys from k.
func NewVerifier(k *Keysets) (*Verifier, error) {
	long, err1 := rsa.GenerateKey(rand.Reader, 2048)
	short, err2 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	other, err3 := rsa.GenerateKey(rand.Reader, 2048)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: other}, nil)
	if err != nil {
		return nil, err
	}
	nothing, err := signer.Sign([]byte("{}"))
	if err != nil {
		return nil, err
	}
	strangers := map[jose.SignatureAlgorithm]any{jose.RS256: &long.PublicKey, jose.ES256: &short.PublicKey}
	return &Verifier{Keys: k, strangers: strangers, nothing: nothing}, nil
}

// claims are what is read of a JWT. Their names are compared to the letter, and a
// name that comes twice is refused (go-jose's JSON).
type claims struct {
	Issuer     string   `json:"iss"`
	Subject    string   `json:"sub"`
	Audience   audience `json:"aud"`
	Expires    *float64 `json:"exp"`
	NotBefore  *float64 `json:"nbf"`
	IssuedAt   *float64 `json:"iat"`
	ID         string   `json:"jti"`
	TenantID   string   `json:"tid"`
	ObjectID   string   `json:"oid"`
	AppID      string   `json:"appid"`
	Authorized string   `json:"azp"`
	Type       string   `json:"idtyp"`
	Scope      string   `json:"scp"`
}

// audience is one text or a list of them (RFC 7519 §4.1.3).
type audience []string

func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if err := josejson.Unmarshal(text, &one); err == nil {
		*a = audience{one}
		return nil
	}
	return josejson.Unmarshal(text, (*[]string)(a))
}

// Verify implements tenant.Issuers, for Entra's own tokens: RS256, and a person's
// are refused.
func (v *Verifier) Verify(ctx context.Context, candidates []*tenant.Issued, token string, now time.Time) (int, time.Time, error) {
	which, c, err := v.verify(ctx, candidates, ofEntra, token, now)
	if err != nil {
		return 0, time.Time{}, err
	}
	if c.Scope != "" || c.Type != "" && c.Type != "app" {
		return 0, time.Time{}, tenant.ErrUnauthorized
	}
	return which, c.end(), nil
}

// verify returns which candidate a JWT fits, and its claims. A JWT that fits none
// costs the check of a signature too.
func (v *Verifier) verify(ctx context.Context, candidates []*tenant.Issued, algorithms []jose.SignatureAlgorithm, token string, now time.Time) (int, *claims, error) {
	jws, c := v.parse(token, algorithms)
	header := jws.Signatures[0].Protected
	key, which := v.strangers[jose.SignatureAlgorithm(header.Algorithm)], slices.IndexFunc(candidates, c.fit)
	if which >= 0 && header.KeyID != "" {
		found, err := v.Keys.Key(ctx, candidates[which].Keys, header.KeyID)
		switch {
		case err == nil:
			key = found
		case !errors.Is(err, errUnknownKey):
			return 0, nil, err
		}
	}
	_, err := jws.Verify(key)
	if err != nil || which < 0 || !c.timely(now) {
		return 0, nil, tenant.ErrUnauthorized
	}
	return which, c, nil
}

// parse takes a JWT apart; what is none is nothing, with claims that fit nowhere.
func (v *Verifier) parse(token string, algorithms []jose.SignatureAlgorithm) (*jose.JSONWebSignature, *claims) {
	jws, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil {
		return v.nothing, &claims{}
	}
	c := &claims{}
	if err := josejson.Unmarshal(jws.UnsafePayloadWithoutVerification(), c); err != nil {
		return jws, &claims{}
	}
	return jws, c
}

// fit reports whether the claims are what is pinned. A pin that is empty, of what
// always has to be there, fits nothing.
func (c *claims) fit(pinned *tenant.Issued) bool {
	return c.Issuer == pinned.Issuer && c.Issuer != "" &&
		slices.ContainsFunc(c.Audience, func(a string) bool { return slices.Contains(pinned.Audiences, a) }) &&
		given(pinned.TenantID, c.TenantID) && given(pinned.Subject, c.Subject) && given(pinned.ObjectID, c.ObjectID) &&
		given(pinned.AppID, c.AppID, c.Authorized)
}

// given reports whether what is pinned is among the claims; without a pin it is.
func given(pinned string, claimed ...string) bool {
	return pinned == "" || slices.Contains(claimed, pinned)
}

func (c *claims) timely(now time.Time) bool {
	return c.Expires != nil && now.Before(c.end()) && c.end().Sub(now) <= longest &&
		(c.NotBefore == nil || !now.Add(skew).Before(at(*c.NotBefore))) &&
		(c.IssuedAt == nil || !now.Add(skew).Before(at(*c.IssuedAt)))
}

// end is when a token is too old, whatever our clock and the issuer's show.
func (c *claims) end() time.Time { return at(*c.Expires).Add(skew) }

// at is an instant of RFC 7519 §2. Far beyond what is sane it is held there.
func at(seconds float64) time.Time {
	return time.Unix(int64(min(max(seconds, 0), 1<<40)), 0)
}
