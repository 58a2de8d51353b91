package server

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"scimgate/tenant"
)

// Vector 74: a valid assertion gives a token, signed by either algorithm, for
// either form of the audience.
func TestFederation(t *testing.T) {
	d := newDesk(t)
	ec := func(j *jwt) { j.alg, j.key, j.kid = jose.ES256, d.ec, "e1" }
	for name, change := range map[string]func(*jwt){
		"RS256": nil, "ES256": ec, "the other audience": claim("aud", "api://app/.default"),
		"a list of audiences": claim("aud", []string{"x", "api://app"}), "with a jti": claim("jti", "1"),
		"a minute too old": claim("exp", noon.Add(-59*time.Second).Unix()), "a minute too new": claim("nbf", noon.Add(59*time.Second).Unix()),
	} {
		token := d.token(d.ask(d.asserting(d.federated, d.good(d.federated, change))))
		if err := d.opens("acme", token); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := d.opens("globex", token); !errors.Is(err, tenant.ErrUnauthorized) {
			t.Errorf("%s at another tenant: %v", name, err)
		}
	}
	if n := d.asked.Load(); n != 1 {
		t.Errorf("the keys were asked for %d times", n)
	}
}

// forged is every JWT that c must not take.
func (d *desk) forged(c *tenant.Credential) map[string]string {
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	d.must(err)
	good := d.good(c, nil)
	parts := strings.Split(good, ".")
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"r1"}`))
	flipped := "A"
	if strings.HasPrefix(parts[2], flipped) {
		flipped = "B"
	}
	return map[string]string{
		"another issuer":             d.good(c, claim("iss", "https://sts.windows.net/other/")),
		"the issuer without a slash": d.good(c, claim("iss", strings.TrimRight(c.Issued.Issuer, "/0")+"x")),
		"no issuer":                  d.good(c, claim("iss", nil)),
		"another audience":           d.good(c, claim("aud", "api://other")),
		"no audience":                d.good(c, claim("aud", nil)),
		"another directory":          d.good(c, claim("tid", "99999999-2222-3333-4444-555555555555")),
		"no directory":               d.good(c, claim("tid", nil)),
		"expired":                    d.good(c, claim("exp", noon.Add(-time.Minute).Unix())),
		"no end":                     d.good(c, claim("exp", nil)),
		"an end far away":            d.good(c, claim("exp", noon.AddDate(1, 0, 0).Unix())),
		"not valid yet":              d.good(c, claim("nbf", noon.Add(2*time.Minute).Unix())),
		"of the future":              d.good(c, claim("iat", noon.Add(2*time.Minute).Unix())),
		"an end that is a text":      d.good(c, claim("exp", "tomorrow")),
		"an unknown kid":             d.good(c, func(j *jwt) { j.kid = "r9" }),
		"no kid":                     d.good(c, func(j *jwt) { j.kid = "" }),
		"another key":                d.good(c, func(j *jwt) { j.key = stranger }),
		"a weak key":                 d.good(c, func(j *jwt) { j.key, j.kid = d.weak, "weak" }),
		"a key of the other kind":    d.good(c, func(j *jwt) { j.kid = "e1" }),
		"RS512":                      d.good(c, func(j *jwt) { j.alg = jose.RS512 }),
		"PS256":                      d.good(c, func(j *jwt) { j.alg = jose.PS256 }),
		"HS256 with the public key":  d.good(c, func(j *jwt) { j.alg, j.key = jose.HS256, d.rsa.N.Bytes() }),
		"alg none":                   header + "." + parts[1] + ".",
		"no signature":               parts[0] + "." + parts[1] + ".",
		"another signature":          parts[0] + "." + parts[1] + "." + flipped + parts[2][1:],
		"cut":                        good[:len(good)-9],
		"claims of another":          parts[0] + "." + strings.Split(d.good(c, claim("jti", "2")), ".")[1] + "." + parts[2],
	}
}

func (d *desk) badAssertions() map[string]func() *httptest.ResponseRecorder {
	bad := map[string]func() *httptest.ResponseRecorder{}
	for name, text := range d.forged(d.federated) {
		bad[name] = func() *httptest.ResponseRecorder { return d.ask(d.asserting(d.federated, text)) }
	}
	good, theirs := d.good(d.federated, nil), d.newIssued("globex", tenant.FederatedCredential)
	subject := d.good(d.federated, claim("sub", "somebody else"))
	bad["another subject"] = func() *httptest.ResponseRecorder { return d.ask(d.asserting(d.federated, subject)) }
	bad["another tenant's client"] = func() *httptest.ResponseRecorder { return d.ask(d.asserting(theirs, good)) }
	bad["for another tenant"] = func() *httptest.ResponseRecorder { return d.askAt("globex", d.asserting(d.federated, good)) }
	bad["for an unknown tenant"] = func() *httptest.ResponseRecorder { return d.askAt("initech", d.asserting(d.federated, good)) }
	bad["a client with a secret"] = func() *httptest.ResponseRecorder { return d.ask(d.asserting(d.client, good)) }
	bad["Entra's own"] = func() *httptest.ResponseRecorder { return d.ask(d.asserting(d.entra, good)) }
	return bad
}

func TestBadAssertionsAreAlike(t *testing.T) {
	d := newDesk(t)
	d.token(d.ask(d.asserting(d.federated, d.good(d.federated, nil))))
	answers := map[string]*httptest.ResponseRecorder{}
	for name, ask := range d.badAssertions() {
		answers[name] = ask()
	}
	other := d.asserting(d.federated, d.good(d.federated, nil))
	other.Set("client_assertion_type", "urn:other")
	answers["another type"] = d.ask(other)
	d.alike(answers)
}

func TestBadAssertionsTakeTheSameTime(t *testing.T) {
	d := newDesk(t)
	d.token(d.ask(d.asserting(d.federated, d.good(d.federated, nil))))
	bad := map[string]func(){}
	for name, ask := range d.badAssertions() {
		bad[name] = func() { ask() }
	}
	same(t, bad)
}

// An assertion that names itself is taken once, by whichever process; one that has
// no jti, as Entra's, is good until it ends.
func TestAnAssertionIsNotShownTwice(t *testing.T) {
	d := newDesk(t)
	named, bare := d.asserting(d.federated, d.good(d.federated, claim("jti", "once"))), d.asserting(d.federated, d.good(d.federated, nil))
	d.token(d.ask(named))
	d.token(d.ask(bare))
	d.token(d.ask(bare))
	d.set(noon.Add(30 * time.Minute))
	if w := d.ask(named); w.Code != 401 || !strings.Contains(w.Body.String(), "invalid_client") {
		t.Errorf("shown twice: %d %s", w.Code, w.Body)
	}
}

// Known keys serve while the issuer is down; new ones are found, and made-up ones
// cost one question a minute.
func TestKeysAreCached(t *testing.T) {
	d := newDesk(t)
	assert := func(change func(*jwt)) int {
		return d.ask(d.asserting(d.federated, d.good(d.federated, func(j *jwt) {
			j.claims["exp"] = d.clock.Load().Add(time.Hour).Unix()
			if change != nil {
				change(j)
			}
		}))).Code
	}
	if got := assert(nil); got != 200 {
		t.Fatal(got)
	}
	for range 50 {
		assert(func(j *jwt) { j.kid = "made up" })
	}
	if n := d.asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
	fresh, err := rsa.GenerateKey(rand.Reader, 2048)
	d.must(err)
	d.publish("r2", &fresh.PublicKey)
	d.set(noon.Add(2 * time.Minute))
	if got := assert(func(j *jwt) { j.key, j.kid = fresh, "r2" }); got != 200 || d.asked.Load() != 2 {
		t.Errorf("a new key: %d after %d questions", got, d.asked.Load())
	}
	d.down.Store(true)
	for _, later := range []time.Duration{time.Hour, 2 * time.Hour, 70 * time.Hour} {
		d.set(noon.Add(later))
		if got := assert(nil); got != 200 {
			t.Errorf("the issuer is down for %v: %d", later, got)
		}
		d.verifier.Keys.Wait()
	}
	if got := assert(func(j *jwt) { j.kid = "r3" }); got != 503 {
		t.Errorf("an unknown key while the issuer is down: %d, and whose fault is it?", got)
	}
	d.set(noon.Add(80 * time.Hour))
	if got := assert(nil); got != 503 {
		t.Errorf("keys of three days ago: %d", got)
	}
	d.down.Store(false)
	d.set(noon.Add(81 * time.Hour))
	if got := assert(nil); got != 200 {
		t.Errorf("it is up again: %d", got)
	}
}

// Vector 75: Entra's own token opens the tenant that pinned it, and no other.
func TestEntrasOwnToken(t *testing.T) {
	d := newDesk(t)
	good := d.good(d.entra, nil)
	d.must(d.opens("acme", good))
	d.must(d.opens("acme", d.good(d.entra, claim("idtyp", "app"))))
	for _, path := range []string{"globex", "initech", "acm", "acme/", "", "-"} {
		if err := d.opens(path, good); !errors.Is(err, tenant.ErrUnauthorized) {
			t.Errorf("%s: %v", path, err)
		}
	}
	theirs := tenant.NewCredential("globex", tenant.EntraCredential, "", noon)
	pins := *d.entra.Issued
	pins.TenantID, pins.Issuer = "other", d.URL+"/other/"
	theirs.Issued = &pins
	d.must(d.store.CreateCredential(t.Context(), theirs))
	if err := d.opens("globex", good); !errors.Is(err, tenant.ErrUnauthorized) {
		t.Errorf("another customer of Entra's: %v", err)
	}
	_, err := d.store.UpdateCredential(t.Context(), "acme", d.entra.ID, func(c *tenant.Credential) error { c.Disabled = true; return nil })
	d.must(err)
	d.resolver.Forget("acme")
	if err := d.opens("acme", good); !errors.Is(err, tenant.ErrUnauthorized) {
		t.Errorf("disabled: %v", err)
	}
}

// badJWTs is every token of an issuer that opens nothing.
func (d *desk) badJWTs() map[string][2]string {
	bad := map[string][2]string{}
	for name, text := range d.forged(d.entra) {
		bad[name] = [2]string{"acme", text}
	}
	short, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	d.must(err)
	d.publish("e2", &short.PublicKey)
	good := d.good(d.entra, nil)
	bad["ES256"] = [2]string{"acme", d.good(d.entra, func(j *jwt) { j.alg, j.key, j.kid = jose.ES256, d.ec, "e1" })}
	bad["another object"] = [2]string{"acme", d.good(d.entra, claim("oid", "another"))}
	bad["a person's"] = [2]string{"acme", d.good(d.entra, claim("scp", "user_impersonation"))}
	bad["of a user"] = [2]string{"acme", d.good(d.entra, claim("idtyp", "user"))}
	bad["an assertion"] = [2]string{"acme", d.good(d.federated, nil)}
	bad["at another tenant"] = [2]string{"globex", good}
	bad["at an unknown tenant"] = [2]string{"initech", good}
	return bad
}

func TestBadJWTsAreAlike(t *testing.T) {
	d := newDesk(t)
	d.must(d.opens("acme", d.good(d.entra, nil)))
	tried := 0
	for name, b := range d.badJWTs() {
		tried++
		if err := d.opens(b[0], b[1]); err != tenant.ErrUnauthorized { //nolint:errorlint // the very error, nothing around it
			t.Errorf("%s: %v", name, err)
		}
	}
	if tried < 12 {
		t.Errorf("only %d", tried)
	}
}

func TestBadJWTsTakeTheSameTime(t *testing.T) {
	d := newDesk(t)
	d.must(d.opens("acme", d.good(d.entra, nil)))
	bad := map[string]func(){}
	for name, b := range d.badJWTs() {
		bad[name] = func() { _ = d.opens(b[0], b[1]) }
	}
	same(t, bad)
}

// BenchmarkEntraRemembered is what Entra's own token costs after the first request.
func BenchmarkEntraRemembered(b *testing.B) {
	d := newDesk(b)
	token := d.good(d.entra, nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := d.opens("acme", token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAccessRemembered(b *testing.B) {
	d := newDesk(b)
	token := d.token(d.ask(form(), d.client.ID, d.secret))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.opens("acme", token); err != nil {
			b.Fatal(err)
		}
	}
}
