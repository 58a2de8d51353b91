package tenant

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestAPIKeys(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx, keys := t.Context(), mustKeys(t, GenerateKey())
		mustCreate(t, s, "acme", "acme-eu")
		made := map[ID]*APIKey{}
		for _, id := range []ID{"", "acme", "acme-eu"} {
			_, key := NewAPIKey(keys, id, Support, "for "+string(id), noon.Add(time.Hour), noon)
			key.Author = "Kim"
			must(t, s.CreateAPIKey(ctx, key))
			wantErr(t, "twice", s.CreateAPIKey(ctx, key), ErrExists)
			made[id] = key
		}
		got, err := s.APIKey(ctx, made["acme"].ID)
		if err != nil || !reflect.DeepEqual(got, made["acme"]) {
			t.Errorf("got %+v, %v", got, err)
		}
		mine, err := s.APIKeys(ctx, "acme", "", 10)
		if err != nil || len(mine) != 1 || mine[0].ID != made["acme"].ID {
			t.Errorf("a tenant's: %v, %v", mine, err)
		}
		var all []string
		for after := ""; ; {
			page, err := s.APIKeys(ctx, "", after, 2)
			must(t, err)
			for _, k := range page {
				all, after = append(all, k.ID), k.ID
			}
			if len(page) < 2 {
				break
			}
		}
		if len(all) != 3 || all[0] >= all[1] || all[1] >= all[2] {
			t.Errorf("all: %v", all)
		}
		for _, at := range []time.Time{noon.Add(time.Minute), noon} { // the earlier one is nothing
			must(t, s.TouchAPIKey(ctx, made["acme"].ID, at, []byte("a hash of "+at.String())))
		}
		got, err = s.APIKey(ctx, made["acme"].ID)
		if err != nil || !got.LastUsed.Equal(noon.Add(time.Minute)) || string(got.Hash) != "a hash of "+noon.Add(time.Minute).String() {
			t.Errorf("used: %+v, %v", got, err)
		}
		must(t, s.DeleteTenant(ctx, "acme"))
		wantErr(t, "went with its tenant", errOf(s.APIKey(ctx, made["acme"].ID)), ErrNotFound)
		must(t, errOf(s.APIKey(ctx, made["acme-eu"].ID)))
		must(t, s.DeleteAPIKey(ctx, made[""].ID))
		wantErr(t, "again", s.DeleteAPIKey(ctx, made[""].ID), ErrNotFound)
		wantErr(t, "gone", errOf(s.APIKey(ctx, made[""].ID)), ErrNotFound)
	})
}

// Whatever is wrong with a key is one and the same refusal; a fault of the store is
// none.
func TestFindAPIKey(t *testing.T) {
	s, keys := &failingKeys{Store: openMemory(t)}, mustKeys(t, GenerateKey())
	ctx := t.Context()
	add := func(id ID, expires time.Time) string {
		secret, key := NewAPIKey(keys, id, Operator, "", expires, noon)
		must(t, s.CreateAPIKey(ctx, key))
		return secret
	}
	good, expired := add("acme", noon.Add(time.Hour)), add("", noon)
	strange, _ := NewAPIKey(keys, "", Operator, "", noon.Add(time.Hour), noon)
	token, _ := NewToken(keys, "acme", "", noon.Add(time.Hour), noon)
	forged := good[:len("sa_12345678_")] + strange[len("sa_12345678_"):len(strange)-sumLength]
	forged += checksum(forged)
	for name, secret := range map[string]string{
		"nothing": "", "expired": expired, "unknown": strange, "a token": token, "mistyped": good[:len(good)-1] + "~",
		"another secret": forged, "another prefix": "sg_" + good[3:],
	} {
		if _, err := FindAPIKey(ctx, s, keys, secret, noon); err != ErrUnauthorized { //nolint:errorlint // the very error
			t.Errorf("%s: %v", name, err)
		}
	}
	key, err := FindAPIKey(ctx, s, keys, good, noon)
	if err != nil || key.Tenant != "acme" || !strings.HasPrefix(good, "sa_") {
		t.Fatalf("%s: %+v, %v", good, key, err)
	}
	other := mustKeys(t, GenerateKey())
	wantErr(t, "other sealing keys", errOf(FindAPIKey(ctx, s, other, good, noon)), ErrUnauthorized)
	s.fault = errors.New("disk on fire")
	for _, secret := range []string{good, ""} {
		if _, err := FindAPIKey(ctx, s, keys, secret, noon); !errors.Is(err, s.fault) {
			t.Errorf("a fault: %v", err)
		}
	}
}

// A key moves to the newest key of the key file when it is used.
func TestAPIKeyIsHashedAnew(t *testing.T) {
	ctx, s, line := t.Context(), openMemory(t), GenerateKey()
	older := mustKeys(t, line)
	newer := mustKeys(t, GenerateKey()+"\n"+line)
	secret, made := NewAPIKey(older, "acme", Support, "", noon.Add(time.Hour), noon)
	must(t, s.CreateAPIKey(ctx, made))
	for range 2 {
		key, err := FindAPIKey(ctx, s, newer, secret, noon)
		must(t, err)
		must(t, NoteAPIKey(ctx, s, newer, key, secret, noon))
	}
	key, err := s.APIKey(ctx, made.ID)
	if err != nil || !newer.HashedByNewest(key.Hash) || !key.LastUsed.Equal(noon) {
		t.Errorf("%+v, %v", key, err)
	}
	wantErr(t, "with the old key alone", errOf(FindAPIKey(ctx, s, older, secret, noon)), ErrUnauthorized)
}

// failingKeys is a store whose API keys cannot be read when it is told so.
type failingKeys struct {
	Store
	fault error
}

func (f *failingKeys) APIKey(ctx context.Context, id string) (*APIKey, error) {
	if f.fault != nil {
		return nil, f.fault
	}
	return f.Store.APIKey(ctx, id)
}
