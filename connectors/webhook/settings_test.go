package webhook_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"scimgate/connectors/webhook"
)

func generated[K crypto.Signer](k K, err error) crypto.Signer {
	if err != nil {
		panic(err)
	}
	return k
}

func edwards() crypto.Signer {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	return generated(k, err)
}

// Each key signs by its own algorithm, and a receiver that allows no other
// verifies it.
func TestKeys(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	tests := []struct {
		name string
		key  crypto.Signer
		want jose.SignatureAlgorithm // "" is refused
	}{
		{"P-256", generated(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), jose.ES256},
		{"Ed25519", edwards(), jose.EdDSA},
		{"RSA 2048", generated(rsa.GenerateKey(rand.Reader, 2048)), jose.RS256},
		{"P-384", generated(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)), ""},
		{"RSA 1024", generated(rsa.GenerateKey(rand.Reader, 1024)), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newReceiver()
			if test.want == "" {
				_, err := webhook.Kind(settings(r, "https://hooks.example.com", test.key), nil)
				if err == nil || !strings.Contains(err.Error(), "P-256") {
					t.Error(err)
				}
				return
			}
			hook, end := open(r, test.key)
			defer end()
			r.algorithm = test.want
			if err := hook.Check(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// All faults are told at once, and none quotes what is secret.
func TestSettings(t *testing.T) {
	good := string(settings(newReceiver(), "https://hooks.example.com/scim?code=1", edwards()))
	tests := []struct {
		name, settings string
		faults         []string // none is accepted
	}{
		{"all is well", good, nil},
		{"no token", edit(good, "token", ""), nil},
		{"nothing", `{}`, []string{`"url"`, `"issuer"`, `"audience"`, `"key" is missing`, `"keyId"`}},
		{"no JSON", `canary`, []string{"one JSON object"}},
		{"not an object", `[]`, []string{"one JSON object"}},
		{"unknown name", `{"canary":1}`, []string{"one JSON object"}},
		{"plain", edit(good, "url", "http://hooks.example.com"), []string{"https://"}},
		{"plain to this machine", edit(good, "url", "http://127.0.0.1:8080/"), nil},
		{"plain to a twin of this machine", edit(good, "url", "http://localhost.example.com"), []string{"https://"}},
		{"no address", edit(good, "url", "hooks.example.com"), []string{`"url"`}},
		{"user name", edit(good, "url", "https://canary@hooks.example.com"), []string{"user name"}},
		{"fragment", edit(good, "url", "https://hooks.example.com/#canary"), []string{"#"}},
		{"token with a space", edit(good, "token", "Bearer canary"), []string{`"token"`}},
		{"token with a line end", edit(good, "token", "canary\nX: y"), []string{`"token"`}},
		{"blank issuer", edit(good, "issuer", " "), []string{`"issuer"`}},
		{"long audience", edit(good, "audience", strings.Repeat("canary", 100)), []string{`"audience"`, "512"}},
		{"no PEM", edit(good, "key", "canary"), []string{`"key"`, "PEM"}},
		{"a public key", edit(good, "key", "-----BEGIN PUBLIC KEY-----\nY2FuYXJ5\n-----END PUBLIC KEY-----\n"), []string{"BEGIN PRIVATE KEY"}},
		{"a damaged key", edit(good, "key", "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n"), []string{"damaged"}},
		{"two keys", strings.Replace(good, `-----END PRIVATE KEY-----`, `-----END PRIVATE KEY-----canary`, 1), []string{"one unencrypted"}},
	}
	for _, test := range tests {
		_, err := webhook.Kind(json.RawMessage(test.settings), nil)
		if (err == nil) != (test.faults == nil) {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		for _, fault := range test.faults {
			if !strings.Contains(err.Error(), fault) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s: no %q in %v", test.name, fault, err)
			}
		}
	}
}

// edit returns the settings with one text changed.
func edit(settings, name, text string) string {
	var s map[string]string
	if err := json.Unmarshal([]byte(settings), &s); err != nil {
		panic(err)
	}
	s[name] = text
	changed, _ := json.Marshal(s)
	return string(changed)
}
