package tenant

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

// newNoted is a change that a store has begun.
func newNoted(t *testing.T, s Store, of ID, at time.Time, by Principal) *Change {
	t.Helper()
	c := NewChange(at)
	c.Tenant, c.Actor, c.Operation, c.Resource = of, by, "patch-tenant", "/tenants/"+string(of)
	must(t, s.BeginChange(t.Context(), c))
	return c
}

func ids(t *testing.T, s Store, q ChangeQuery) (all []string) {
	t.Helper()
	if q.Limit == 0 {
		q.Limit = 100
	}
	page, err := s.Changes(t.Context(), q)
	must(t, err)
	for _, c := range page {
		all = append(all, c.ID)
	}
	return all
}

func TestChanges(t *testing.T) {
	key := Principal{Kind: KeyPrincipal, ID: "1a2B3c4D", Role: Support, Tenant: "acme"}
	ana := Principal{Kind: SessionPrincipal, ID: "s1", Name: "ana@example.com", Role: Administrator, Tenant: "acme"}
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		mustCreate(t, s, "acme", "acme-eu")
		first := newNoted(t, s, "acme", noon, key)
		second := newNoted(t, s, "acme", noon.Add(time.Minute), ana)
		theirs := newNoted(t, s, "acme-eu", noon.Add(2*time.Minute), Principal{Kind: CommandPrincipal, Role: Operator})
		none := newNoted(t, s, "", noon.Add(3*time.Minute), Principal{Kind: OperatorKeyPrincipal, Role: Operator})
		wantErr(t, "twice", s.BeginChange(ctx, first), ErrExists)
		for _, c := range []struct {
			name string
			q    ChangeQuery
			want []*Change
		}{
			{"all", ChangeQuery{}, []*Change{none, theirs, second, first}},
			{"a tenant's", ChangeQuery{Tenant: "acme"}, []*Change{second, first}},
			{"by kind", ChangeQuery{Actor: "key"}, []*Change{first}},
			{"by id", ChangeQuery{Actor: "key:1a2B3c4D"}, []*Change{first}},
			{"by name", ChangeQuery{Actor: "ana@example.com"}, []*Change{second}},
			{"by a part of an id", ChangeQuery{Actor: "key:1a2B"}, nil},
			{"since", ChangeQuery{Since: noon.Add(time.Minute)}, []*Change{none, theirs, second}},
			{"since a part of a millisecond", ChangeQuery{Since: noon.Add(time.Minute + time.Microsecond)}, []*Change{none, theirs}},
			{"until", ChangeQuery{Until: noon.Add(time.Minute)}, []*Change{first}},
			{"between", ChangeQuery{Since: noon.Add(time.Second), Until: noon.Add(2 * time.Minute)}, []*Change{second}},
			{"a page", ChangeQuery{Limit: 2}, []*Change{none, theirs}},
			{"the page after", ChangeQuery{Limit: 2, After: theirs.ID}, []*Change{second, first}},
		} {
			var want []string
			for _, one := range c.want {
				want = append(want, one.ID)
			}
			if got := ids(t, s, c.q); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %v, want %v", c.name, got, want)
			}
		}
	})
}

func TestChangesEnd(t *testing.T) {
	eachStore(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		mustCreate(t, s, "acme", "acme-eu")
		c := newNoted(t, s, "", noon, Principal{Kind: OperatorKeyPrincipal, Role: Operator})
		begun, err := s.Changes(ctx, ChangeQuery{Limit: 1})
		if err != nil || len(begun) != 1 || begun[0].Status != 0 {
			t.Fatalf("begun: %+v, %v", begun, err)
		}
		c.Status, c.Tenant, c.Note = 201, "acme", "made" // which tenant is known by then
		c.Differences = []Difference{{Path: "settings.paused", Before: json.RawMessage(`false`), After: json.RawMessage(`true`)}}
		must(t, s.EndChange(ctx, c))
		ended, err := s.Changes(ctx, ChangeQuery{Tenant: "acme", Limit: 1})
		if err != nil || len(ended) != 1 || !reflect.DeepEqual(ended[0], c) {
			t.Errorf("ended: %+v, %v", ended, err)
		}
		kept := newNoted(t, s, "acme-eu", noon.Add(time.Hour), Principal{})
		must(t, s.DeleteTenant(ctx, "acme"))
		wantErr(t, "went with its tenant", s.EndChange(ctx, c), ErrNotFound)
		must(t, s.PurgeChanges(ctx, kept.At))
		if got := ids(t, s, ChangeQuery{}); !reflect.DeepEqual(got, []string{kept.ID}) {
			t.Errorf("kept: %v", got)
		}
		must(t, s.PurgeChanges(ctx, kept.At.Add(time.Millisecond)))
		if got := ids(t, s, ChangeQuery{}); got != nil {
			t.Errorf("purged: %v", got)
		}
	})
}

func TestWhoSeesWhat(t *testing.T) {
	for _, c := range []struct {
		role Role
		of   ID
		sees bool
	}{
		{Operator, "", true},
		{Operator, "acme", true},
		{Operator, "globex", false},
		{Support, "", true},
		{Support, "acme", true},
		{Support, "globex", false},
		{Administrator, "acme", true},
		{Administrator, "globex", false},
		{Administrator, "", false},
		{"", "", false},
		{"root", "acme", false},
	} {
		if got := (Principal{Role: c.role, Tenant: c.of}).Sees("acme"); got != c.sees {
			t.Errorf("%s of %q: %v", c.role, c.of, got)
		}
	}
}
