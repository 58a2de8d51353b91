package tenant

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func eachCredentials(t *testing.T, test func(*testing.T, Store)) {
	t.Helper()
	eachStore(t, func(t *testing.T, s Store) {
		mustCreate(t, s, "acme", "acme-eu")
		test(t, s)
	})
}

func TestStoreCredentials(t *testing.T) {
	eachCredentials(t, func(t *testing.T, s Store) {
		ctx, keys := t.Context(), mustKeys(t, GenerateKey())
		mine := NewCredential("acme", ClientCredential, "Azure", noon)
		mine.AddSecret(keys, noon.AddDate(1, 0, 0), noon)
		theirs := NewCredential("acme-eu", FederatedCredential, "", noon)
		theirs.Issued = &Issued{Issuer: "https://a.example", Audiences: []string{"x"}}
		later := NewCredential("acme", EntraCredential, "", noon.Add(time.Hour))
		for _, c := range []*Credential{mine, theirs, later} {
			must(t, s.CreateCredential(ctx, c))
			wantErr(t, "twice", s.CreateCredential(ctx, c), ErrExists)
		}
		got, err := s.Credential(ctx, mine.ID)
		must(t, err)
		if got.Tenant != "acme" || got.Label != "Azure" || len(got.Secrets) != 1 || string(got.Secrets[0].Hash) != string(mine.Secrets[0].Hash) {
			t.Errorf("got %+v", got)
		}
		all, err := s.Credentials(ctx, "acme")
		if err != nil || len(all) != 2 || all[0].ID != later.ID {
			t.Errorf("all: %v, %v", all, err)
		}
		disable := func(c *Credential) error { c.Disabled, c.ID, c.Tenant = true, "other", "acme-eu"; return nil }
		wantErr(t, "a neighbour's", errOf(s.UpdateCredential(ctx, "acme", theirs.ID, disable)), ErrNotFound)
		wantErr(t, "delete a neighbour's", s.DeleteCredential(ctx, "acme", theirs.ID), ErrNotFound)
		must(t, s.TouchCredential(ctx, "acme", theirs.ID, noon))
		for _, at := range []time.Time{noon.Add(time.Hour), noon} {
			must(t, s.TouchCredential(ctx, "acme", mine.ID, at))
		}
		must(t, errOf(s.UpdateCredential(ctx, "acme", mine.ID, disable)))
		if got, err = s.Credential(ctx, mine.ID); err != nil || !got.Disabled || got.Tenant != "acme" || !got.LastUsed.Equal(noon.Add(time.Hour)) {
			t.Errorf("changed: %+v, %v", got, err)
		}
		raced := 0
		got, err = s.UpdateCredential(ctx, "acme", mine.ID, func(c *Credential) error {
			if raced++; raced == 1 {
				must(t, errOf(s.UpdateCredential(ctx, "acme", mine.ID, func(c *Credential) error { c.Label = "b"; return nil })))
			}
			c.Disabled = false
			return nil
		})
		if err != nil || raced != 2 || got.Label != "b" || got.Disabled {
			t.Errorf("after a race: %+v, %v", got, err)
		}
		must(t, s.DeleteTenant(ctx, "acme"))
		wantErr(t, "went with its tenant", errOf(s.Credential(ctx, mine.ID)), ErrNotFound)
		if got, err := s.Credential(ctx, theirs.ID); err != nil || !got.LastUsed.IsZero() || got.Issued.Issuer != "https://a.example" {
			t.Errorf("the neighbour's: %+v, %v", got, err)
		}
		must(t, s.DeleteCredential(ctx, "acme-eu", theirs.ID))
		wantErr(t, "gone", errOf(s.Credential(ctx, theirs.ID)), ErrNotFound)
	})
}

// client is a client of acme's and an access token of its.
func (d *desk) client(tb testing.TB, id ID, edit func(*Credential)) (*Credential, string) {
	tb.Helper()
	c := NewCredential(id, ClientCredential, "", noon)
	c.AddSecret(d.keys, noon.AddDate(1, 0, 0), noon)
	token := d.keys.Access(c, c.Secrets[0].ID, noon.Add(time.Hour))
	if edit != nil {
		edit(c)
	}
	if err := d.store.CreateCredential(tb.Context(), c); err != nil {
		tb.Fatal(err)
	}
	return c, token
}

// badAccess is every way to be refused with an access token.
func (d *desk) badAccess(tb testing.TB) []attempt {
	tb.Helper()
	c, good := d.client(tb, "acme", nil)
	_, disabled := d.client(tb, "acme", func(c *Credential) { c.Disabled = true })
	_, revoked := d.client(tb, "acme", func(c *Credential) { c.Secrets[0].ID = "other" })
	_, expired := d.client(tb, "acme", func(c *Credential) { c.Secrets[0].Expires = noon })
	_, entra := d.client(tb, "acme", func(c *Credential) { c.Kind = EntraCredential })
	_, theirs := d.client(tb, "globex", nil)
	gone := NewCredential("acme", ClientCredential, "", noon)
	other, err := LoadKeys([]byte(GenerateKey()))
	if err != nil {
		tb.Fatal(err)
	}
	other30 := "A"
	if good[30:31] == other30 {
		other30 = "B"
	}
	bearing := func(token string) string { return "Bearer " + token }
	return []attempt{
		{"another tenant's", "acme", bearing(theirs)},
		{"for another tenant", "globex", bearing(good)},
		{"for an unknown tenant", "initech", bearing(good)},
		{"for a prefix", "acm", bearing(good)},
		{"of a disabled client", "acme", bearing(disabled)},
		{"of a revoked secret", "acme", bearing(revoked)},
		{"of an expired secret", "acme", bearing(expired)},
		{"of a credential that has none", "acme", bearing(entra)},
		{"of a deleted client", "acme", bearing(d.keys.Access(gone, "12345678", noon.Add(time.Hour)))},
		{"that has ended", "acme", bearing(d.keys.Access(c, c.Secrets[0].ID, noon))},
		{"of other keys", "acme", bearing(other.Access(c, c.Secrets[0].ID, noon.Add(time.Hour)))},
		{"with a longer life", "acme", bearing(good[:30] + other30 + good[31:])},
		{"with another hash", "acme", bearing(good[:90] + "AAAAAAAAAA")},
		{"that is no base64", "acme", bearing(good[:50] + "!" + good[51:])},
		{"of zeros", "acme", bearing(accessPrefix + strings.Repeat("A", accessLength-len(accessPrefix)))},
	}
}

func TestAccessTokens(t *testing.T) {
	d := newDesk(t)
	_, good := d.client(t, "acme", nil)
	got, err := d.Authenticate(t.Context(), "acme", "Bearer "+good)
	if err != nil || got.ID != "acme" || len(good) != 100 {
		t.Errorf("%d characters: %v, %v", len(good), got, err)
	}
	for _, a := range d.badAccess(t) {
		for range 2 {
			if _, err := d.Authenticate(t.Context(), a.path, a.header); err != ErrUnauthorized { //nolint:errorlint // the very error
				t.Errorf("%s: %v", a.name, err)
			}
		}
	}
	d.clock = noon.Add(time.Hour)
	wantErr(t, "an hour later", errOf(d.Authenticate(t.Context(), "acme", "Bearer "+good)), ErrUnauthorized)
	d.clock, d.store.fault = noon, errors.New("disk on fire")
	if a := Actor("Bearer " + good); len(a) != credentialIDLength || a == noCredentialID {
		t.Errorf("actor %q", a)
	}
}

// As TestRefusalsTakeTheSameTime, for access tokens.
func TestAccessRefusalsTakeTheSameTime(t *testing.T) {
	d := newDesk(t)
	bad := d.badAccess(t)
	took := make([][]time.Duration, len(bad))
	for range 600 {
		for i, a := range bad {
			begin := time.Now()
			_, _ = d.Authenticate(t.Context(), a.path, a.header)
			took[i] = append(took[i], time.Since(begin))
		}
	}
	fastest, slowest := time.Hour, time.Duration(0)
	for i, a := range bad {
		slices.Sort(took[i])
		median := took[i][len(took[i])/2]
		t.Logf("%-28s %v", a.name, median)
		fastest, slowest = min(fastest, median), max(slowest, median)
	}
	if slowest-fastest > max(20*time.Microsecond, fastest/4) {
		t.Errorf("medians from %v to %v", fastest, slowest)
	}
}
