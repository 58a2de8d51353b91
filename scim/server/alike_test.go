package server_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// A stranger learns from no answer, neither by its bytes nor by its time, whether a
// tenant or a token exists (promise 17). The causes are asked for turn by turn in
// random order over one connection, so that whatever else the machine does befalls
// all of them alike. Of two causes a stranger may guess by one answer's time which
// is slower: right half of the time is chance (the area under the ROC curve).
func TestRefusalsTellNothing(t *testing.T) {
	a := newAccounts(t, "acme", "other")
	good, foreign := a.token(t, "acme", time.Hour), a.token(t, "other", time.Hour)
	expired, revoked := a.token(t, "acme", -time.Hour), a.token(t, "acme", time.Hour)
	tokens, err := a.store.Tokens(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range tokens {
		if token.KeyID == revoked[3:3+len(token.KeyID)] {
			if err := a.store.RevokeToken(t.Context(), "acme", token.KeyID); err != nil {
				t.Fatal(err)
			}
		}
	}
	s := httptest.NewServer(a.handler(t))
	defer s.Close()
	const users = "/identity/scim/Users"
	causes := []*cause{
		{name: "an unknown tenant", url: s.URL + "/t/nobody" + users, token: good},
		{name: "an unknown token", url: s.URL + "/t/acme" + users, token: otherKeys(t)},
		{name: "an expired token", url: s.URL + "/t/acme" + users, token: expired},
		{name: "a revoked token", url: s.URL + "/t/acme" + users, token: revoked},
		{name: "another tenant's token", url: s.URL + "/t/acme" + users, token: foreign},
		{name: "a mistyped token", url: s.URL + "/t/acme" + users, token: good[:len(good)-1] + "!"},
	}
	const rounds = 500
	for range rounds {
		rand.Shuffle(len(causes), func(i, j int) { causes[i], causes[j] = causes[j], causes[i] })
		for _, c := range causes {
			c.knock(t, s.Client())
		}
	}
	if got := status(t, s.Client(), s.URL+"/t/acme"+users, good); got != http.StatusOK {
		t.Fatalf("the good token gets %d", got)
	}
	worst, ratio := 0.5, 1.0
	for i, one := range causes {
		t.Logf("%-24s median %v", one.name, one.median())
		for _, other := range causes[:i] {
			if one.said != other.said {
				t.Errorf("%s: %s\n%s: %s", one.name, one.said, other.name, other.said)
			}
			right := guessed(one.took, other.took)
			worst = max(worst, right, 1-right)
			a, b := float64(one.median()), float64(other.median())
			ratio = max(ratio, a/b, b/a)
		}
	}
	t.Logf("guessed by one answer's time: right in %.0f %% at best (50 %% is chance), medians differ by %.0f %%", 100*worst, 100*(ratio-1))
	if worst > 0.7 && ratio > 1.2 {
		t.Errorf("one cause can be told from another by time: %.2f, medians 1:%.2f", worst, ratio)
	}
}

// cause is why somebody is refused.
type cause struct {
	name, url, token string
	took             []time.Duration
	said             string
}

func (c *cause) knock(t *testing.T, client *http.Client) {
	t.Helper()
	r := asking(t, c.url, c.token)
	begin := time.Now()
	res, err := client.Do(r)
	took := time.Since(begin)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	c.took = append(c.took, took)
	res.Header.Del("Date")
	c.said = fmt.Sprint(res.StatusCode, res.Header, string(text))
}

func (c *cause) median() time.Duration {
	sorted := slices.Sorted(slices.Values(c.took))
	return sorted[len(sorted)/2]
}

func asking(t *testing.T, url, token string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Client-Request-Id", "00000000-0000-4000-8000-000000000001")
	return r
}

func status(t *testing.T, client *http.Client, url, token string) int {
	t.Helper()
	res, err := client.Do(asking(t, url, token))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// guessed is how often the slower of two answers, one of each, is the one of a.
func guessed(a, b []time.Duration) float64 {
	won := 0.0
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				won++
			case x == y:
				won += 0.5
			}
		}
	}
	return won / float64(len(a)*len(b))
}
