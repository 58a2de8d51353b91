package tenant

import (
	"bytes"
	"strings"
	"testing"
)

func mustKeys(tb testing.TB, lines ...string) *Keys {
	tb.Helper()
	k, err := LoadKeys([]byte(strings.Join(lines, "\n")))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func TestLoadKeysReportsEveryFault(t *testing.T) {
	good := GenerateKey()
	cases := []struct {
		name, text string
		want       []string // parts of the error; none: accepted
	}{
		{"one", good, nil},
		{"comment, blank line, line end of Windows", "# made in 2026\r\n\r\n" + good + "\r\n", nil},
		{"nothing", " \n# none yet\n", []string{"holds no key"}},
		{"not base64", "hello world", []string{"line 1", "not a base64 key"}},
		{"too short", "c2hvcnQ=", []string{"line 1", "32 bytes"}},
		{"two faults", good + "\nx\n" + good, []string{"line 2", "line 3: the same key"}},
	}
	for _, c := range cases {
		_, err := LoadKeys([]byte(c.text))
		if (err == nil) != (c.want == nil) {
			t.Errorf("%s: got %v", c.name, err)
			continue
		}
		for _, part := range c.want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", c.name, err, part)
			}
		}
		if err != nil && strings.Contains(err.Error(), good) {
			t.Errorf("%s: the error shows a key", c.name)
		}
	}
}

func TestSealedOpensOnlyWhereItWasSealed(t *testing.T) {
	old, fresh := GenerateKey(), GenerateKey()
	before, rotated, stranger := mustKeys(t, old), mustKeys(t, fresh, old), mustKeys(t, fresh)
	plain := []byte(`{"token":"s3cret"}`)
	sealed, err := before.Seal(plain, "acme", "connection/appspace")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("s3cret")) {
		t.Fatal("the sealed text shows the plain one")
	}
	damaged := bytes.Clone(sealed)
	damaged[len(damaged)-1] ^= 1
	cases := []struct {
		name   string
		keys   *Keys
		sealed []byte
		tenant ID
		field  string
		opens  bool
	}{
		{"same key", before, sealed, "acme", "connection/appspace", true},
		{"after rotation", rotated, sealed, "acme", "connection/appspace", true},
		{"key gone", stranger, sealed, "acme", "connection/appspace", false},
		{"other tenant", before, sealed, "globex", "connection/appspace", false},
		{"other field", before, sealed, "acme", "connection/other", false},
		{"damaged", before, damaged, "acme", "connection/appspace", false},
		{"cut", before, sealed[:8], "acme", "connection/appspace", false},
		{"empty", before, nil, "acme", "connection/appspace", false},
		{"plain", before, plain, "acme", "connection/appspace", false},
	}
	for _, c := range cases {
		got, err := c.keys.Open(c.sealed, c.tenant, c.field)
		if (err == nil) != c.opens || c.opens && !bytes.Equal(got, plain) {
			t.Errorf("%s: got %q, %v", c.name, got, err)
		}
	}
}

func TestSealIsNeverTheSameTwice(t *testing.T) {
	k := mustKeys(t, GenerateKey())
	one, _ := k.Seal([]byte("x"), "acme", "f")
	two, _ := k.Seal([]byte("x"), "acme", "f")
	if bytes.Equal(one, two) {
		t.Error("the nonce was used twice")
	}
}
