package tenant

import (
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestNewToken(t *testing.T) {
	k := mustKeys(t, GenerateKey())
	seen := map[string]bool{}
	for range 200 {
		secret, token := NewToken(k, "acme", "Entra", noon.AddDate(1, 0, 0), noon)
		if len(secret) != 61 || seen[secret] || seen[token.KeyID] {
			t.Fatalf("%d characters, or not new", len(secret))
		}
		seen[secret], seen[token.KeyID] = true, true
		keyID, err := parseToken(secret)
		if err != nil || keyID != token.KeyID {
			t.Fatalf("parsed: %q, %v", keyID, err)
		}
		if !token.matches(k, secret) {
			t.Fatal("the token does not match its own secret")
		}
		if strings.Contains(string(token.Hash), secret[12:55]) {
			t.Fatal("the stored token shows the secret")
		}
	}
}

func TestParseTokenRefusesEverySingleMistake(t *testing.T) {
	secret, _ := NewToken(mustKeys(t, GenerateKey()), "acme", "", noon, noon)
	for i := range len(secret) {
		for _, c := range []byte("Aa0_-") {
			if secret[i] == c {
				continue
			}
			if _, err := parseToken(secret[:i] + string(c) + secret[i+1:]); err == nil {
				t.Fatalf("character %d changed to %q was accepted", i, c)
			}
		}
		if _, err := parseToken(secret[:i]); err == nil {
			t.Fatalf("cut after %d characters it was accepted", i)
		}
	}
	for _, text := range []string{"", secret + "0", " " + secret, strings.ToLower(secret), noToken} {
		if _, err := parseToken(text); err == nil {
			t.Errorf("%d characters: accepted", len(text))
		}
	}
}

func TestTokenMatches(t *testing.T) {
	old, fresh := GenerateKey(), GenerateKey()
	k := mustKeys(t, old)
	secret, token := NewToken(k, "acme", "", noon, noon)
	other, _ := NewToken(k, "acme", "", noon, noon)
	moved, empty := *token, *token
	moved.Tenant, empty.Hash = "globex", nil
	cases := []struct {
		name   string
		token  *Token
		keys   *Keys
		secret string
		want   bool
	}{
		{"its own", token, k, secret, true},
		{"after rotation", token, mustKeys(t, fresh, old), secret, true},
		{"the key is gone", token, mustKeys(t, fresh), secret, false},
		{"another's", token, k, other, false},
		{"empty", token, k, "", false},
		{"row moved to another tenant", &moved, k, secret, false},
		{"row without a hash", &empty, k, secret, false},
		{"row without a hash, empty secret", &empty, k, "", false},
		{"no row", noRow, k, noToken, false},
	}
	for _, c := range cases {
		if got := c.token.matches(c.keys, c.secret); got != c.want {
			t.Errorf("%s: got %v", c.name, got)
		}
	}
}

// What parses is exactly what NewToken writes.
func FuzzParseToken(f *testing.F) {
	k, err := LoadKeys([]byte(GenerateKey()))
	if err != nil {
		f.Fatal(err)
	}
	secret, _ := NewToken(k, "acme", "", noon, noon)
	for _, seed := range []string{secret, noToken, "", "sg_", secret[:60], "Bearer " + secret} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		keyID, err := parseToken(text)
		if err != nil {
			return
		}
		body := text[:len(text)-sumLength]
		if !strings.HasPrefix(body, "sg_"+keyID+"_") || body+checksum(body) != text || len(text) != 61 {
			t.Fatalf("accepted %q", text)
		}
	})
}
