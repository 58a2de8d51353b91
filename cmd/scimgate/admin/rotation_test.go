package admin

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/tenant"
)

// Rotating twice under load refuses nobody (promise 21): whoever still shows the
// old token, or the one before, is let in by each process until its overlap ends.
func TestRotationHasNoGap(t *testing.T) {
	d := newDesk(t)
	d.acme()
	first := d.mint(201, "/tenants/acme/tokens", `{"label":"Azure"}`)
	other := tenant.NewResolver(d.tenants, d.Keys, time.Now) // another process, told nothing
	var secret atomic.Value
	secret.Store(first.Secret)
	var wg sync.WaitGroup
	stop, refused := make(chan struct{}), atomic.Int64{}
	for i := range 4 {
		shown := [2]string{first.Secret, first.Secret}
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				shown[i%2] = secret.Load().(string) // half of them move over, half never do
				for _, r := range []*tenant.Resolver{d.Resolver, other} {
					if _, err := r.Authenticate(t.Context(), "acme", "Bearer "+shown[n%2]); err != nil {
						refused.Add(1)
					}
				}
			}
		})
	}
	second := d.mint(201, "/tenants/acme/tokens/"+first.KeyID+"/rotate", `{}`)
	secret.Store(second.Secret)
	third := d.mint(201, "/tenants/acme/tokens/"+second.KeyID+"/rotate", `{"overlapDays":7}`)
	secret.Store(third.Secret)
	for range 200 {
		_, err := d.Resolver.Authenticate(t.Context(), "acme", "Bearer "+third.Secret)
		d.must(err)
	}
	close(stop)
	wg.Wait()
	other.Wait()
	if n := refused.Load(); n > 0 {
		t.Errorf("%d requests were refused", n)
	}
	d.lives(first.KeyID, 30)
	d.lives(second.KeyID, 7)
	d.lives(third.KeyID, 365)
	if third.Label != "Azure" {
		t.Errorf("the label is %q", third.Label)
	}
}

// A token that replaced another has an overlap of its own when it is replaced, also
// while that of the one before runs out (outpost #951): whoever shows it is let in.
func TestSecondRotationHasItsOwnOverlap(t *testing.T) {
	d := newDesk(t)
	d.acme()
	first := d.mint(201, "/tenants/acme/tokens", `{}`)
	second := d.mint(201, "/tenants/acme/tokens/"+first.KeyID+"/rotate", `{}`)
	soon := time.Now().Add(time.Second) // thirty days later but for that
	_, err := d.Tenants.UpdateToken(t.Context(), "acme", first.KeyID, func(t *tenant.Token) error { t.Expires = soon; return nil })
	d.must(err)
	third := d.mint(201, "/tenants/acme/tokens/"+second.KeyID+"/rotate", `{}`)
	var asked, refused atomic.Int64
	var wg sync.WaitGroup
	for _, secret := range []string{second.Secret, third.Secret} {
		wg.Go(func() {
			for time.Now().Before(soon.Add(200 * time.Millisecond)) {
				d.Resolver.Drop("acme") // as a process that has cached nothing
				asked.Add(1)
				if _, err := d.Resolver.Authenticate(t.Context(), "acme", "Bearer "+secret); err != nil {
					refused.Add(1)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d of %d refused", refused.Load(), asked.Load())
	if refused.Load() > 0 || asked.Load() < 100 {
		t.Errorf("%d of %d were refused", refused.Load(), asked.Load())
	}
	if _, err := d.Resolver.Authenticate(t.Context(), "acme", "Bearer "+first.Secret); !errors.Is(err, tenant.ErrUnauthorized) {
		t.Errorf("the first, whose overlap has ended: %v", err)
	}
	d.lives(second.KeyID, 30)
}

// mint asks for a new token.
func (d *desk) mint(status int, path, body string) *Minted {
	d.Helper()
	got := d.api(status, "POST", path, body)
	return &Minted{Secret: got["token"].(string), Token: &tenant.Token{KeyID: got["keyId"].(string), Label: fmt.Sprint(got["label"])}}
}

// lives requires that a token ends in so many days.
func (d *desk) lives(keyID string, days int) {
	d.Helper()
	token, err := d.Tenants.Token(d.Context(), keyID)
	d.must(err)
	if left := time.Until(token.Expires); left > time.Duration(days)*24*time.Hour+2*time.Hour || left < time.Duration(days)*24*time.Hour-2*time.Hour {
		d.Errorf("token %s has %v left, want %d days", keyID, left, days)
	}
}

func TestRotateForALeak(t *testing.T) {
	d := newDesk(t)
	d.acme()
	first := d.mint(201, "/tenants/acme/tokens", `{}`)
	_, err := d.Resolver.Authenticate(t.Context(), "acme", "Bearer "+first.Secret)
	d.must(err)
	second := d.mint(201, "/tenants/acme/tokens/"+first.KeyID+"/rotate", `{"overlapDays":0}`)
	if _, err := d.Resolver.Authenticate(t.Context(), "acme", "Bearer "+first.Secret); !errors.Is(err, tenant.ErrUnauthorized) {
		t.Errorf("the leaked one: %v", err)
	}
	_, err = d.Resolver.Authenticate(t.Context(), "acme", "Bearer "+second.Secret)
	d.must(err)
	d.refused(404, "POST", "/tenants/acme/tokens/"+first.KeyID+"/rotate", `{}`, "no such thing")
	d.refused(422, "POST", "/tenants/acme/tokens/"+second.KeyID+"/rotate", `{"overlapDays":-1}`, "overlapDays")
}

// A short-lived token is not given more life by its rotation.
func TestOverlapNeverLengthens(t *testing.T) {
	d := newDesk(t)
	d.acme()
	first := d.mint(201, "/tenants/acme/tokens", `{"expiresInDays":3}`)
	d.mint(201, "/tenants/acme/tokens/"+first.KeyID+"/rotate", `{}`)
	d.lives(first.KeyID, 3)
}

func TestExtendAToken(t *testing.T) {
	d := newDesk(t)
	d.acme()
	d.api(201, "POST", "/tenants", `{"id":"globex"}`)
	secret, token := tenant.NewToken(d.Keys, "acme", "old", time.Now().Add(-time.Hour), time.Now())
	d.must(d.Tenants.CreateToken(t.Context(), token))
	path := "/tenants/acme/tokens/" + token.KeyID
	end := time.Now().AddDate(0, 0, 20).UTC().Truncate(time.Second)
	got := d.api(200, "PATCH", path, `{"expires":"`+end.Format(time.RFC3339)+`"}`)
	if got["expires"] != end.Format(time.RFC3339) || got["label"] != "old" || got["warning"] != nil {
		t.Errorf("got %v", got)
	}
	_, err := d.Resolver.Authenticate(t.Context(), "acme", "Bearer "+secret)
	d.must(err)
	d.Resolver.Wait()
	if got := d.ask("GET", Prefix+"/tenants/acme/tokens", "").text; !strings.Contains(got, `"warning":30`) {
		t.Errorf("in use and near its end, but: %s", got)
	}
	for _, expires := range []string{time.Now().Add(-time.Minute).Format(time.RFC3339), "2099-01-01T00:00:00Z"} {
		d.refused(422, "PATCH", path, `{"expires":"`+expires+`"}`, "expires")
	}
	d.refused(404, "PATCH", "/tenants/globex/tokens/"+token.KeyID, `{"label":"mine"}`, "no such thing")
}
