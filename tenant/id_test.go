package tenant

import (
	"strings"
	"testing"
)

func TestParseID(t *testing.T) {
	for _, good := range []string{"a", "7", "acme", "acme-eu-2", strings.Repeat("a", 63)} {
		if id, err := ParseID(good); err != nil || string(id) != good {
			t.Errorf("%q: got %q, %v", good, id, err)
		}
	}
	bad := []string{
		"", strings.Repeat("a", 64), "-acme", "acme-", "Acme", "acme_eu", "acme.eu", "acme/eu", "acme|eu",
		"acmé", "acme eu", "acme\x00", "..", "acme%2f", "ａｃｍｅ",
	}
	for _, text := range bad {
		if _, err := ParseID(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
