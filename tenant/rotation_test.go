package tenant

import (
	"testing"
	"time"
)

func TestStoreUpdateToken(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		mustCreate(t, s, "acme", "globex")
		old := &Token{KeyID: "k", Tenant: "acme", Hash: []byte{1}, Label: "a", Created: noon, Expires: noon}
		must(t, s.CreateToken(ctx, old))
		later := noon.Add(time.Hour)
		extend := func(t *Token) error { t.Expires, t.KeyID, t.LastUsed = later, "other", later; return nil }
		got, err := s.UpdateToken(ctx, "acme", "k", extend)
		must(t, err)
		stored, err := s.Token(ctx, "k")
		must(t, err)
		if !got.Expires.Equal(later) || !stored.Expires.Equal(later) || got.KeyID != "k" || !stored.LastUsed.IsZero() {
			t.Errorf("got %+v, stored %+v", got, stored)
		}
		wantErr(t, "a neighbour's", errOf(s.UpdateToken(ctx, "globex", "k", extend)), ErrNotFound)
		wantErr(t, "none", errOf(s.UpdateToken(ctx, "acme", "nope", extend)), ErrNotFound)
		wantErr(t, "the edit's own", errOf(s.UpdateToken(ctx, "acme", "k", func(*Token) error { return ErrExists })), ErrExists)
		raced := 0
		got, err = s.UpdateToken(ctx, "acme", "k", func(x *Token) error {
			if raced++; raced == 1 {
				must(t, errOf(s.UpdateToken(ctx, "acme", "k", func(y *Token) error { y.Label = "b"; return nil })))
			}
			x.Hash = []byte{2}
			return nil
		})
		if err != nil || raced != 2 || got.Label != "b" || got.Hash[0] != 2 {
			t.Errorf("after a race: %+v, %v, %d tries", got, err, raced)
		}
	})
}

func TestWarning(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		left, unused time.Duration
		want         int
	}{
		{61 * day, 0, 0},
		{60 * day, 0, 60},
		{31 * day, 0, 60},
		{30 * day, day, 30},
		{14 * day, 0, 14},
		{8 * day, 0, 14},
		{7 * day, 0, 7},
		{25 * time.Hour, 0, 7},
		{day, 0, 1},
		{time.Second, 6 * day, 1},
		{0, 0, 0},
		{day, 8 * day, 0},
	} {
		token := &Token{Expires: noon.Add(c.left), LastUsed: noon.Add(-c.unused)}
		if got := token.Warning(noon); got != c.want {
			t.Errorf("%v left, unused for %v: %d, want %d", c.left, c.unused, got, c.want)
		}
	}
	if (&Token{Expires: noon.Add(day)}).Warning(noon) != 0 {
		t.Error("one that was never used warns")
	}
}

// A token that is used moves to the newest key by itself, so that the older key
// can be taken out of the file.
func TestAUsedTokenMovesToTheNewestKey(t *testing.T) {
	d := newDesk(t)
	old, fresh := GenerateKey(), GenerateKey()
	d.keys = mustKeys(t, old)
	secret, token := d.mint(t, "acme", noon.AddDate(1, 0, 0))
	resolve := func(keys *Keys) error {
		r := NewResolver(d.store, keys, func() time.Time { return noon })
		_, err := r.Authenticate(t.Context(), "acme", "Bearer "+secret)
		r.Wait()
		return err
	}
	both := mustKeys(t, fresh, old)
	must(t, resolve(both))
	moved, err := d.store.Store.Token(t.Context(), token.KeyID)
	must(t, err)
	if !both.HashedByNewest(moved.Hash) || both.HashedByNewest(token.Hash) {
		t.Error("the hash is still the older key's")
	}
	must(t, resolve(mustKeys(t, fresh)))
}
