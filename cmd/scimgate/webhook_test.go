package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// hooked is a receiver of SETs that can fall ill.
type hooked struct {
	*testing.T
	key *ecdsa.PrivateKey

	mu     sync.Mutex
	sick   http.HandlerFunc  // answers instead, if set
	told   map[string]string // by sub_id.uri: its latest events, without their prefix
	pushed int
}

func newHooked(t *testing.T) (*hooked, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	h := &hooked{T: t, key: key, told: map[string]string{}}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return h, s.URL
}

func (h *hooked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.pushed++
	if h.sick != nil {
		sick := h.sick
		h.mu.Unlock()
		sick(w, r)
		h.mu.Lock()
		return
	}
	h.keep(text)
	w.WriteHeader(http.StatusAccepted)
}

// keep notes what a SET tells, once its signature is verified.
func (h *hooked) keep(text []byte) {
	token, err := jose.ParseSignedCompact(string(text), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		h.Error(err)
		return
	}
	claims, err := token.Verify(&h.key.PublicKey)
	if err != nil || token.Signatures[0].Protected.KeyID != "k1" {
		h.Errorf("%+v: %v", token.Signatures[0].Protected, err)
	}
	var set struct {
		Subject struct{ URI string } `json:"sub_id"`
		Events  map[string]any
	}
	if err := json.Unmarshal(claims, &set); err != nil {
		h.Error(err)
	}
	names := " "
	for name := range set.Events {
		if what, ok := strings.CutPrefix(name, "urn:ietf:params:scim:event:prov:"); ok {
			names += what + " "
		}
	}
	h.told[set.Subject.URI] = names
}

func (h *hooked) falls(sick http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sick, h.pushed = sick, 0
}

// hears waits until the latest events of a user are those.
func (h *hooked) hears(id, event string) {
	h.Helper()
	eventually(h.T, 30*time.Second, "the receiver is told "+event, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return strings.Contains(h.told["/Users/"+id], event)
	})
}

// meets waits until a push has met the receiver since it fell ill.
func (h *hooked) meets() {
	h.Helper()
	eventually(h.T, 30*time.Second, "a push meets the receiver", func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.pushed > 0
	})
}

func (h *hooked) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = map[string]string{}
}

// settings writes the receiver's settings to a file.
func (h *hooked) settings(url string) string {
	h.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(h.key)
	if err != nil {
		h.Fatal(err)
	}
	text, _ := json.Marshal(map[string]string{
		"url": url, "issuer": "https://scim.example.com", "audience": "https://hooks.example.com", "keyId": "k1",
		"key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	path := filepath.Join(h.TempDir(), "hook.json")
	write(h, path, string(text))
	return path
}

// second is a tenant with a sandbox account, and what "Entra" does to it.
type second struct {
	shell
	base, token string
	account     *process
}

func (s second) user(i int) string {
	s.Helper()
	made := must(s.T, 201, "POST", s.base+"/Users", s.token, map[string]any{"userName": userName(i), "active": true})
	return made["id"].(string)
}

func (s second) enable(id, active string) {
	s.Helper()
	must(s.T, 200, "PATCH", s.base+"/Users/"+id, s.token, map[string]any{
		"Operations": []any{map[string]any{"op": "Replace", "path": "active", "value": active}},
	})
}

// arrives waits until the sandbox has a user.
func (s second) arrives(i int) {
	s.Helper()
	eventually(s.T, 10*time.Second, userName(i)+" is in the account", func() bool {
		return lookUp(s.T, s.account.text(s.T, "sandboxURL"), s.account.text(s.T, "sandboxToken"), userName(i)) != nil
	})
}

// TestWebhookBesideAnAccount gives a tenant a second connection, by the command:
// it is owed everything that there is and that comes, and whatever becomes of it,
// the account gets its own.
func TestWebhookBesideAnAccount(t *testing.T) {
	dir, account := t.TempDir(), start(t, "sandbox", "--listen", "127.0.0.1:0")
	gateway := start(t, append([]string{
		"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback",
	}, keys(t, dir)...)...)
	s := second{
		account: account, token: enroll(t, gateway, account), base: tenantURL(t, gateway),
		shell: shell{t, map[string]string{"SCIMGATE_ADMIN_URL": gateway.text(t, "adminURL"), "SCIMGATE_ADMIN_KEY": operatorKey}},
	}
	hook, url := newHooked(t)
	early := s.user(1)
	s.arrives(1)

	bad := filepath.Join(dir, "bad.json")
	write(t, bad, `{"url":"http://hooks.example.com"}`)
	s.fails(words("connection set acme hook --kind webhook --settings-file "+bad), "https://", "issuer", "audience", "key", "keyId")
	set := words("connection set acme hook --kind webhook --settings-file " + hook.settings(url))
	s.ok(set, "is set")
	s.ok(words("connection test acme hook"), "takes the credential")
	hook.hears(early, "create:full")

	s.enable(early, "False")
	hook.hears(early, "deactivate")

	release := make(chan struct{})
	hook.falls(func(w http.ResponseWriter, _ *http.Request) {
		<-release
		w.WriteHeader(http.StatusInternalServerError)
	})
	s.enable(early, "True")
	hook.meets()
	late := s.user(2)
	s.arrives(2)

	hook.falls(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"err":"invalid_key"}`)
	})
	close(release)
	s.fails(words("connection test acme hook"), "signing key")
	s.user(3)
	s.arrives(3)

	hook.falls(nil)
	s.ok(set, "is set") // a change of the connection opens its gate at once
	hook.hears(early, " activate")
	must(t, 204, "DELETE", s.base+"/Users/"+early, s.token, nil)
	hook.hears(early, "deactivate")

	s.ok(words("connection delete acme hook"), "gone")
	hook.forget()
	s.ok(set, "is set")
	hook.hears(late, "create:full")
}
