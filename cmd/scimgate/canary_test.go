package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// heard is what somebody was sent.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heard) add(text []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text.Write(append(text, '\n'))
}

func (h *heard) bytes() []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	return bytes.Clone(h.text.Bytes())
}

// listener takes what OTLP exporters send, as it is.
func listener(t *testing.T) (string, *heard) {
	t.Helper()
	all := new(heard)
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		all.add(body)
	}))
	t.Cleanup(s.Close)
	return s.URL, all
}

// parrot is an account that says back what it is sent, our credential too, in
// ever different faults.
func parrot(t *testing.T) string {
	t.Helper()
	var mu sync.Mutex
	n := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		n++
		status := []int{400, 401, 409, 500, 503, 200}[n%6]
		mu.Unlock()
		w.Header().Set("Content-Type", "application/scim+json")
		w.Header().Set("Location", "https://"+kanarie+".example.com/")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"detail":%q}`, r.Header.Get("Authorization")+r.URL.String()+string(body))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

const kanarie = "kanarie4711"

// TestNoCanaryEscapes puts values, names, tokens and secrets through everything,
// while MongoDB, Redis and the account fail too: none of them is in the log, the
// traces, the metrics, in Redis or on its channels, and no secret in an answer
// (promise 27).
func TestNoCanaryEscapes(t *testing.T) {
	for _, kind := range []string{"sqlite", "mongo"} {
		t.Run(kind, func(t *testing.T) {
			x := newTroubles()
			collector, exported := listener(t)
			h := &household{T: t, canary: kanarie, secrets: map[string]string{}, store: []string{"--data", ":memory:"}}
			h.account = start(t, "sandbox", "--listen", "127.0.0.1:0")
			var links []*link
			if kind == "mongo" {
				l, through := x.link(t, database(t))
				h.store, links = []string{"--mongodb-uri", through}, append(links, l)
			}
			server := ""
			if os.Getenv("SCIMGATE_TEST_REDIS_URL") != "" {
				server = startRedis(t).url()
				l, through := x.link(t, server)
				h.redis, links = through, append(links, l)
			}
			h.flags = serving(t, t.TempDir(), "--log-level", "debug", "--log-format", "json", "--otlp-endpoint", collector, "--trace-share", "1")
			h.begin()
			channels := overhear(t, server)
			answers := h.provoke(links)
			_, metrics := get(t, h.p.text(t, "adminURL")+"/metrics")
			var kept []byte
			if server != "" {
				kept = keptInRedis(t, server)
			}
			h.p.stop(t)
			h.judge(map[string][]byte{
				"log": h.p.stderr.Bytes(), "traces and metrics sent": exported.bytes(), "metrics shown": metrics, "Redis": append(kept, channels()...),
			}, answers)
			if server != "" && (len(kept) == 0 || len(channels()) == 0) {
				t.Error("Redis was not used")
			}
			for what, name := range map[string]string{"a tenant": "acme", "a network": "127.0.0"} {
				if finds(kept, name) {
					t.Errorf("Redis keeps the name of %s", what)
				}
			}
		})
	}
}

// overhear listens to all channels of a Redis.
func overhear(t *testing.T, server string) func() []byte {
	t.Helper()
	all := new(heard)
	if server == "" {
		return all.bytes
	}
	o, err := redis.ParseURL(server)
	if err != nil {
		t.Fatal(err)
	}
	client := redis.NewClient(o)
	messages := client.PSubscribe(t.Context(), "*")
	t.Cleanup(func() { _, _ = messages.Close(), client.Close() })
	if _, err := messages.Receive(t.Context()); err != nil {
		t.Fatal(err)
	}
	go func() {
		for m := range messages.Channel() {
			all.add([]byte(m.Channel + m.Payload))
		}
	}()
	return all.bytes
}

func get(t *testing.T, url string) (int, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+operatorKey)
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, text
}

// provoke does everything, well and badly, first with everything well and then
// while one thing after the other fails. It returns the answers that were refusals.
func (h *household) provoke(links []*link) []byte {
	h.Helper()
	h.live("acme")
	refusals := new(heard)
	token := h.secrets["a token"]
	must(h, 200, "PUT", h.api()+"/acme/connections/parrot", operatorKey, map[string]any{
		"kind": "appspace", "settings": map[string]any{"baseURL": parrot(h.T), "token": "parrot-token-of-the-tests-123"},
	})
	h.secrets["the parrot's token"] = "parrot-token-of-the-tests-123"
	h.mischief(refusals, token)
	for _, l := range links {
		ctx, cancel := context.WithTimeout(h.Context(), 1500*time.Millisecond)
		var cutting sync.WaitGroup
		cutting.Go(func() { l.suffer(h.Context(), h.T, toxics[0], 700*time.Millisecond) })
		for ctx.Err() == nil {
			h.mischief(refusals, token)
		}
		cutting.Wait()
		cancel()
	}
	return refusals.bytes()
}

// mischief is one of each request that holds a canary.
func (h *household) mischief(refusals *heard, token string) {
	scim := h.p.text(h, "publicURL") + "/t/acme/identity/scim"
	user := newUser(fmt.Sprintf("%s.%d@example.com", kanarie, time.Now().UnixNano()))
	_, made := call(h.Context(), "POST", scim+"/Users", token, user)
	bad := newUser(kanarie + " no address")
	bad[kanarie] = kanarie
	for _, r := range []struct {
		method, url, token string
		body               any
	}{
		{"POST", scim + "/Users", token, user}, // taken
		{"POST", scim + "/Users?x=" + kanarie, token, bad},
		{"POST", scim + "/Users", token, map[string]any{"userName": map[string]any{kanarie: 1}}},
		{"PATCH", fmt.Sprint(scim, "/Users/", made["id"]), token, replaced("title", kanarie)},
		{"PATCH", fmt.Sprint(scim, "/Users/", made["id"]), token, replaced(`emails[type eq "`+kanarie+`"`, kanarie)},
		{"GET", scim + "/Users?filter=userName+eq+%22" + kanarie + "%22", token, nil},
		{"GET", scim + "/Users?filter=" + kanarie + "+zz+%22", token, nil},
		{"GET", scim + "/" + kanarie, token, nil},
		{"GET", scim + "/Users", "sg_" + kanarie + token[12:], nil},
		{"POST", h.p.text(h, "publicURL") + "/t/acme/oauth2/token", token, map[string]any{"client_secret": h.secrets["a client's secret"]}},
		{"DELETE", fmt.Sprint(scim, "/Users/", made["id"]), token, nil},
		{"GET", h.api() + "/acme?x=" + kanarie, operatorKey, nil},
		{"PUT", h.api() + "/acme/connections/appspace", operatorKey, map[string]any{"settings": map[string]any{"baseURL": kanarie, "token": kanarie}}},
		{"POST", h.api() + "/acme/connections/parrot/test", operatorKey, nil},
		{"POST", h.api() + "/acme/invites", operatorKey, map[string]any{"for": kanarie, kanarie: 1}},
		{"GET", h.api() + "/acme", operatorKey + kanarie, nil},
		{"GET", h.p.text(h, "adminURL") + "/console/invite/" + h.secrets["an invitation"] + kanarie, "", nil},
	} {
		if status, answer := call(h.Context(), r.method, r.url, r.token, r.body); status >= 400 {
			refusals.add(fmt.Append(nil, r.method, " ", status, answer))
		}
	}
}

// judge counts what came out.
func (h *household) judge(texts map[string][]byte, refusals []byte) {
	h.Helper()
	found := 0
	for where, text := range texts {
		for what, canary := range h.canaries() {
			if at := bytes.Index(bytes.ToLower(text), []byte(strings.ToLower(canary))); at >= 0 {
				found++
				h.Errorf("%s in the %s: …%q…", what, where, text[max(0, at-200):min(len(text), at+80)])
			}
		}
	}
	for what, secret := range h.secrets {
		if bytes.Contains(refusals, []byte(secret)) {
			found++
			h.Errorf("%s in an answer", what)
		}
	}
	for where, has := range map[string]string{"log": `"msg":"request"`, "traces and metrics sent": "POST /Users", "metrics shown": "scimgate_"} {
		if !bytes.Contains(texts[where], []byte(has)) {
			h.Errorf("the %s do not even tell of what happened: %d bytes", where, len(texts[where]))
		}
	}
	h.Logf("canaries found %d; log %d bytes, sent %d, shown %d, Redis %d, refusals %d", found, len(texts["log"]),
		len(texts["traces and metrics sent"]), len(texts["metrics shown"]), len(texts["Redis"]), len(refusals))
}

// canaries are what may be nowhere.
func (h *household) canaries() map[string]string {
	all := map[string]string{"a value": kanarie}
	for what, secret := range h.secrets {
		all[what] = secret
	}
	return all
}
