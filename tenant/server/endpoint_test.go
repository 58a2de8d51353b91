package server

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"scimgate/ratelimit"
	"scimgate/tenant"
)

// Vector 73: header, body and both; a second secret; what is expired gives nothing.
func TestClientCredentials(t *testing.T) {
	d := newDesk(t)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"header":     d.ask(form(), d.client.ID, d.secret),
		"body":       d.ask(form("client_id", d.client.ID, "client_secret", d.secret, "scope", "x")),
		"both":       d.ask(form("client_id", d.client.ID, "client_secret", d.secret), d.client.ID, d.secret),
		"id in both": d.ask(form("client_id", d.client.ID), d.client.ID, d.secret),
	} {
		if err := d.opens("acme", d.token(w)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	second := ""
	_, err := d.store.UpdateCredential(t.Context(), "acme", d.client.ID, func(c *tenant.Credential) error {
		second = c.AddSecret(d.keys, noon.AddDate(0, 0, 1), noon)
		return nil
	})
	d.must(err)
	for _, secret := range []string{d.secret, second} {
		d.token(d.ask(form(), d.client.ID, secret))
	}
	d.set(noon.AddDate(0, 0, 2))
	if w := d.ask(form(), d.client.ID, second); w.Code != 401 {
		t.Errorf("an expired secret: %d", w.Code)
	}
	d.token(d.ask(form(), d.client.ID, d.secret))
}

// A token is never promised a longer life than its secret has.
func TestATokenEndsWithItsSecret(t *testing.T) {
	d := newDesk(t)
	d.set(noon.AddDate(1, 0, 0).Add(-10 * time.Minute))
	var got granted
	d.must(json.Unmarshal(d.ask(form(), d.client.ID, d.secret).Body.Bytes(), &got))
	if got.Seconds != 600 {
		t.Errorf("%d seconds", got.Seconds)
	}
}

// badClients is every way to be refused with an id and a secret.
func (d *desk) badClients() map[string]func() *httptest.ResponseRecorder {
	other, theirs := d.newClient("globex")
	disabled, unused := d.newClient("acme")
	_, err := d.store.UpdateCredential(d.Context(), "acme", disabled.ID, func(c *tenant.Credential) error { c.Disabled = true; return nil })
	d.must(err)
	expired := tenant.NewCredential("acme", tenant.ClientCredential, "", noon)
	late := expired.AddSecret(d.keys, noon, noon)
	d.must(d.store.CreateCredential(d.Context(), expired))
	gone, lost := d.newClient("acme")
	d.must(d.store.DeleteCredential(d.Context(), "acme", gone.ID))
	id := func(path, id, secret string) func() *httptest.ResponseRecorder {
		return func() *httptest.ResponseRecorder { return d.askAt(path, form(), id, secret) }
	}
	last := "A"
	if strings.HasSuffix(d.secret, last) {
		last = "B"
	}
	return map[string]func() *httptest.ResponseRecorder{
		"nothing":                 func() *httptest.ResponseRecorder { return d.ask(form()) },
		"an id alone":             func() *httptest.ResponseRecorder { return d.ask(form("client_id", d.client.ID)) },
		"an empty secret":         id("acme", d.client.ID, ""),
		"no id":                   id("acme", "", d.secret),
		"an unknown id":           id("acme", "AAAAAAAAAAAA", d.secret),
		"an id too long":          id("acme", strings.Repeat("A", 300), d.secret),
		"a wrong secret":          id("acme", d.client.ID, theirs),
		"a mistyped secret":       id("acme", d.client.ID, d.secret[:60]+last),
		"a cut secret":            id("acme", d.client.ID, d.secret[:40]),
		"an expired secret":       id("acme", expired.ID, late),
		"a disabled client":       id("acme", disabled.ID, unused),
		"a deleted client":        id("acme", gone.ID, lost),
		"another tenant's client": id("acme", other.ID, theirs),
		"for another tenant":      id("globex", d.client.ID, d.secret),
		"for an unknown tenant":   id("initech", d.client.ID, d.secret),
		"the other credential":    id("acme", d.federated.ID, d.secret),
		"a header that is no Basic": func() *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(d.Context(), "POST", "/t/acme/oauth2/token", strings.NewReader(form().Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Authorization", "Basic !!!")
			w := httptest.NewRecorder()
			d.handler.ServeHTTP(w, r)
			return w
		},
	}
}

func TestBadClientsAreAlike(t *testing.T) {
	d := newDesk(t)
	answers := map[string]*httptest.ResponseRecorder{}
	for name, ask := range d.badClients() {
		answers[name] = ask()
	}
	d.alike(answers)
}

// What is wrong with the request itself is told to everybody alike (RFC 6749 §5.2).
func TestBadRequests(t *testing.T) {
	d := newDesk(t)
	ok := form("client_id", d.client.ID, "client_secret", d.secret)
	twice := form("client_id", d.client.ID, "client_secret", d.secret)
	twice.Add("client_id", d.client.ID)
	for name, c := range map[string]struct {
		w    *httptest.ResponseRecorder
		want string
	}{
		"no grant type":        {d.ask(url.Values{"client_id": {"x"}}), "invalid_request"},
		"password grant":       {d.ask(url.Values{"grant_type": {"password"}}), "unsupported_grant_type"},
		"a parameter twice":    {d.ask(twice), "invalid_request"},
		"two clients":          {d.ask(ok, "other", d.secret), "invalid_request"},
		"two secrets":          {d.ask(ok, d.client.ID, "other"), "invalid_request"},
		"secret and assertion": {d.ask(form("client_id", "x", "client_secret", "x", "client_assertion_type", assertionType, "client_assertion", "x")), "invalid_request"},
		"a long form":          {d.ask(form("scope", strings.Repeat("x", maxForm))), "invalid_request"},
	} {
		if c.w.Code != 400 || !strings.Contains(c.w.Body.String(), `"error":"`+c.want+`"`) || c.w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", name, c.w.Code, c.w.Body)
		}
		if strings.Contains(c.w.Body.String(), d.secret) {
			t.Errorf("%s: the secret comes back", name)
		}
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/t/acme/oauth2/token", strings.NewReader(`{}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if d.handler.ServeHTTP(w, r); w.Code != 400 {
		t.Errorf("JSON: %d", w.Code)
	}
	w = httptest.NewRecorder()
	if d.handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/t/acme/oauth2/token", nil)); w.Code != 405 || w.Header().Get("Allow") != "POST" {
		t.Errorf("GET: %d", w.Code)
	}
}

// A client, or its secret, that is taken away takes its tokens with it: at once
// where it is known, everywhere within 30 s.
func TestTokensEndWithTheirClient(t *testing.T) {
	for name, end := range map[string]func(*desk) error{
		"deleted":  func(d *desk) error { return d.store.DeleteCredential(d.Context(), "acme", d.client.ID) },
		"disabled": func(d *desk) error { return d.edit(func(c *tenant.Credential) { c.Disabled = true }) },
		"secret":   func(d *desk) error { return d.edit(func(c *tenant.Credential) { c.Secrets = nil }) },
	} {
		d := newDesk(t)
		token := d.token(d.ask(form(), d.client.ID, d.secret))
		d.must(d.opens("acme", token))
		d.must(end(d))
		for second := range 60 {
			d.set(noon.Add(time.Duration(second) * time.Second))
			if err := d.opens("acme", token); second >= 30 && !errors.Is(err, tenant.ErrUnauthorized) {
				t.Fatalf("%s: after %d s it opens: %v", name, second, err)
			}
		}
		d.resolver.Forget("acme")
		if err := d.opens("acme", token); !errors.Is(err, tenant.ErrUnauthorized) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func (d *desk) edit(edit func(*tenant.Credential)) error {
	_, err := d.store.UpdateCredential(d.Context(), "acme", d.client.ID, func(c *tenant.Credential) error { edit(c); return nil })
	return err
}

func TestTheEndpointIsLimited(t *testing.T) {
	d := newDesk(t)
	d.limits = ratelimit.NewLocal()
	var mu sync.Mutex
	var wg sync.WaitGroup
	codes := map[int]int{}
	for range 60 {
		wg.Go(func() {
			w := d.ask(form(), d.client.ID, d.secret)
			mu.Lock()
			defer mu.Unlock()
			codes[w.Code]++
			if w.Code == 429 && (w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "temporarily_unavailable")) {
				t.Errorf("%v %s", w.Header(), w.Body)
			}
		})
	}
	wg.Wait()
	if codes[429] == 0 || codes[200] < 20 {
		t.Errorf("a tenant: %v", codes)
	}
	if w := d.askAt("globex", form(), "AAAAAAAAAAAA", d.secret); w.Code != 401 {
		t.Errorf("another tenant: %d", w.Code)
	}
}

func TestAStoreFaultIsOurs(t *testing.T) {
	d := newDesk(t)
	other := newDesk(t)
	broken, err := tenant.OpenSQLite(t.Context(), ":memory:")
	d.must(err)
	d.must(broken.Close())
	engine := gin.New()
	resolver := tenant.NewResolver(broken, d.keys, func() time.Time { return noon })
	(&Endpoint{Resolver: resolver, Verifier: d.verifier, Passes: broken, Log: slog.New(slog.DiscardHandler)}).Mount(engine)
	d.handler = engine
	w := d.ask(form(), other.client.ID, other.secret)
	if w.Code != 503 || w.Header().Get("Retry-After") == "" || w.Header().Get("WWW-Authenticate") != "" {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}

// same requires that the median times of refusals, turn by turn, lie within a quarter
// of each other. What a busy machine does to a few of them goes with more turns; what
// the code does to them stays.
func same(t *testing.T, bad map[string]func()) {
	t.Helper()
	took := map[string][]time.Duration{}
	for range 5 {
		for range 9 {
			for name, try := range bad {
				begin := time.Now()
				try()
				took[name] = append(took[name], time.Since(begin))
			}
		}
		if fastest, slowest := medians(took); slowest-fastest <= fastest/4 {
			return
		}
	}
	for name, all := range took {
		t.Logf("%-32s %v", name, all[len(all)/2])
	}
	fastest, slowest := medians(took)
	t.Errorf("medians from %v to %v", fastest, slowest)
}

// medians sorts the times, and returns the least and the greatest median.
func medians(took map[string][]time.Duration) (fastest, slowest time.Duration) {
	fastest = time.Hour
	for _, all := range took {
		slices.Sort(all)
		median := all[len(all)/2]
		fastest, slowest = min(fastest, median), max(slowest, median)
	}
	return fastest, slowest
}

func TestBadClientsTakeTheSameTime(t *testing.T) {
	d := newDesk(t)
	bad := map[string]func(){}
	for name, ask := range d.badClients() {
		if name != "nothing" {
			bad[name] = func() { ask() }
		}
	}
	same(t, bad)
}
