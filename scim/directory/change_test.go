package directory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scimgate/scim"
	"scimgate/scim/value"
)

// Of 32 concurrent creations of one name, exactly one wins.
func TestUniqueness(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		var won, lost atomic.Int32
		var wg sync.WaitGroup
		for i := range 32 {
			name := []string{"Zoë@Example.com", "zoë@example.COM", "zoe\u0308@example.com"}[i%3]
			wg.Go(func() {
				r := user(t, newID(), name, "")
				switch err := s.Create(t.Context(), acme, r, nil); {
				case err == nil:
					won.Add(1)
				case isUniqueness(err) && r.Version == 0:
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || lost.Load() != 31 {
			t.Errorf("%d won, %d lost", won.Load(), lost.Load())
		}
		ben := create(t, s, acme, user(t, newID(), "ben@example.com", ""))
		_, err := s.Update(t.Context(), acme, ben, nil, set("userName", "ZOË@example.com"))
		if !isUniqueness(err) {
			t.Errorf("renamed onto another: %v", err)
		}
		if got := found(t, s, acme, `userName eq "ben@example.com"`); len(got) != 1 {
			t.Errorf("after the refused rename: %v", got)
		}
		group := scim.NewResource("Group", newID(), value.NewObject(value.Member{Name: "displayName", Value: value.NewText("ben@example.com")}))
		create(t, s, acme, group) // another kind has names of its own
		if err := s.Create(t.Context(), acme, user(t, ben.ID, "new@example.com", ""), nil); !isUniqueness(err) {
			t.Errorf("an id used twice: %v", err)
		}
		if got := found(t, s, acme, ""); len(got) != 2 {
			t.Errorf("%d users", len(got))
		}
	})
}

// 100 concurrent edits of one resource: all of them are applied.
func TestNoLostUpdate(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		const edits = 100
		ref := create(t, s, acme, user(t, newID(), "ana@example.com", `,"title":""`), 0)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for range edits {
			wg.Go(func() {
				_, err := s.Update(ctx, acme, ref, slot0, func(r *scim.Resource) (bool, error) {
					o, err := r.Attributes()
					if err != nil {
						return false, err
					}
					v, _ := o.Get("title")
					<-time.After(time.Millisecond) // others have read the same by then
					return set("title", v.Text()+"x")(r)
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		r, err := s.Get(t.Context(), acme, ref)
		if err != nil || len(text(t, r, "title")) != edits || r.Version != edits+1 {
			t.Errorf("%d edits, version %d, %v", len(text(t, r, "title")), r.Version, err)
		}
	})
}

func TestUpdate(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		r := user(t, newID(), "ana@example.com", "")
		before := time.Now().Add(-time.Millisecond)
		ref := create(t, s, acme, r)
		if r.Version != 1 || r.Created.Before(before) || !r.Created.Equal(r.LastModified) {
			t.Errorf("created: %+v", r)
		}
		stored, err := s.Get(t.Context(), acme, ref)
		if err != nil || !stored.Created.Equal(r.Created) || string(stored.Body()) != string(r.Body()) {
			t.Errorf("stored %s at %v, %v", stored.Body(), stored.Created, err)
		}
		same := update(t, s, acme, ref, set("userName", "ana@example.com"), 0)
		idle := update(t, s, acme, ref, func(r *scim.Resource) (bool, error) {
			_, err := set("title", "not meant")(r)
			return false, err
		}, 0)
		if same.Version != 1 || idle.Version != 1 || string(idle.Body()) != string(r.Body()) {
			t.Errorf("nothing changed, but versions %d and %d, %s", same.Version, idle.Version, idle.Body())
		}
		if due, _ := s.DueNow(t.Context(), acme, 0, time.Now(), 1); len(due) != 0 {
			t.Error("what did not change is owed")
		}
		refused := errors.New("refused")
		if _, err := s.Update(t.Context(), acme, ref, nil, func(*scim.Resource) (bool, error) { return true, refused }); !errors.Is(err, refused) {
			t.Errorf("the edit's error became %v", err)
		}
		changed := update(t, s, acme, ref, set("userName", "anna@example.com"), 0)
		if changed.Version != 2 || changed.LastModified.Before(r.LastModified) || !changed.Created.Equal(r.Created) {
			t.Errorf("changed: %+v", changed)
		}
		if len(found(t, s, acme, `userName eq "ana@example.com"`)) != 0 || len(found(t, s, acme, `userName eq "anna@example.com"`)) != 1 {
			t.Error("the index did not follow the change")
		}
		create(t, s, acme, user(t, newID(), "ana@example.com", "")) // the old name is free
		if _, err := s.Update(t.Context(), acme, Ref{"User", newID()}, nil, set("a", "b")); !errors.Is(err, ErrNotFound) {
			t.Errorf("an update of nothing: %v", err)
		}
	})
}

func TestDelete(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		ref := create(t, s, acme, user(t, newID(), "ana@example.com", `,"active":true`), 0)
		refused := errors.New("refused")
		if err := s.Delete(t.Context(), acme, ref, slot0, func(*scim.Resource) error { return refused }); !errors.Is(err, refused) {
			t.Errorf("the check's error became %v", err)
		}
		if err := s.Delete(t.Context(), acme, ref, slot0, nil); err != nil {
			t.Fatal(err)
		}
		for _, f := range []string{"", `userName eq "ana@example.com"`, `active eq true`, fmt.Sprintf("id eq %q", ref.ID), `meta.created gt "2000-01-01T00:00:00Z"`} {
			if got := found(t, s, acme, f); len(got) != 0 {
				t.Errorf("%q shows a tombstone", f)
			}
		}
		_, getErr := s.Get(t.Context(), acme, ref)
		_, updErr := s.Update(t.Context(), acme, ref, nil, set("title", "x"))
		delErr := s.Delete(t.Context(), acme, ref, nil, nil)
		for _, err := range []error{getErr, updErr, delErr} {
			if !errors.Is(err, ErrNotFound) {
				t.Errorf("a tombstone answers %v", err)
			}
		}
		if err := s.Create(t.Context(), acme, user(t, ref.ID, "new@example.com", ""), nil); !isUniqueness(err) {
			t.Errorf("the id was used again: %v", err)
		}
		again := create(t, s, acme, user(t, newID(), "ana@example.com", ""), 0)
		if again.ID == ref.ID {
			t.Error("same id")
		}
		item, err := s.Delivery(t.Context(), acme, 0, ref)
		if err != nil || !item.Deleted || item.Version != 2 || item.Delivery.State != Due || item.Delivery.Priority != Leaving {
			t.Errorf("the tombstone is owed as %+v, %v", item, err)
		}
	})
}
