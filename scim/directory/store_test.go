package directory

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"scimgate/scim"
	"scimgate/scim/filter"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// subject is what every store is: the resources and what is owed of them.
type subject interface {
	Store
	Deliveries
	Journal
}

// openers open an empty store of each kind. The suite runs over all of them.
var openers = map[string]func(*testing.T) subject{
	"sqlite memory": func(t *testing.T) subject { return openSQLite(t, inMemory) },
	"sqlite file":   func(t *testing.T) subject { return openSQLite(t, filepath.Join(t.TempDir(), "store.db")) },
	"mongo":         func(t *testing.T) subject { return openMongo(t) },
}

func openSQLite(tb testing.TB, path string) *SQLite {
	tb.Helper()
	s, err := OpenSQLite(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// eachStore runs a test over every store there is.
func eachStore(t *testing.T, test func(t *testing.T, s subject)) {
	t.Helper()
	for name, open := range openers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

const (
	acme  tenant.ID = "acme"
	other tenant.ID = "acme-2" // a prefix twin
)

var slot0 = []tenant.Slot{0}

var users = []string{"User"}

var definitions = scim.Define([]scim.CustomAttribute{{Property: "floor", Type: "Integer"}, {Property: "badge", Type: "String"}})

// bound binds a filter for users.
func bound(tb testing.TB, text string) filter.Expr {
	tb.Helper()
	e, err := definitions.Type("User").BindFilter(text, scim.Mode{})
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return e
}

// user makes a user; more is JSON members that begin with a comma.
func user(tb testing.TB, id, name, more string) *scim.Resource {
	tb.Helper()
	body := fmt.Sprintf(`{"schemas":[%q],"id":%q,"userName":%q%s}`, scim.UserURN, id, name, more)
	v, err := value.Parse([]byte(body), value.DefaultLimits)
	if err != nil {
		tb.Fatalf("%s: %v", body, err)
	}
	return scim.NewResource("User", id, v.Object())
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func create(tb testing.TB, s Store, id tenant.ID, r *scim.Resource, owed ...tenant.Slot) Ref {
	tb.Helper()
	if err := s.Create(tb.Context(), id, r, owed); err != nil {
		tb.Fatal(err)
	}
	return Ref{Kind: r.Kind, ID: r.ID}
}

// set is an edit that gives one attribute a text.
func set(name, text string) Edit {
	return func(r *scim.Resource) (bool, error) {
		o, err := r.Attributes()
		if err != nil {
			return false, err
		}
		o = o.Clone()
		o.Set(name, value.NewText(text))
		r.SetAttributes(o)
		return true, nil
	}
}

func update(tb testing.TB, s Store, id tenant.ID, ref Ref, edit Edit, owed ...tenant.Slot) *scim.Resource {
	tb.Helper()
	r, err := s.Update(tb.Context(), id, ref, owed, edit)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// text reads one attribute.
func text(tb testing.TB, r *scim.Resource, name string) string {
	tb.Helper()
	o, err := r.Attributes()
	if err != nil {
		tb.Fatal(err)
	}
	v, _ := o.Get(name)
	return v.Text()
}

// found lists the ids that a filter finds; "" is no filter.
func found(tb testing.TB, s Store, id tenant.ID, text string) []string {
	tb.Helper()
	q := Query{Kind: "User", StartIndex: 1, Count: 1 << 20}
	if text != "" {
		q.Filter = bound(tb, text)
	}
	page, err := s.List(tb.Context(), id, q)
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	ids := make([]string, len(page.Resources))
	for i, r := range page.Resources {
		ids[i] = r.ID
	}
	if page.Total != len(ids) {
		tb.Errorf("%s: total %d, resources %d", text, page.Total, len(ids))
	}
	return ids
}

func isUniqueness(err error) bool {
	var e *scim.Error
	return errors.As(err, &e) && e.Type == scim.Uniqueness && e.Status == http.StatusConflict
}

// The first of all tests: two tenants with the same ids and names never meet.
func TestIsolation(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		id := newID()
		ref := create(t, s, acme, user(t, id, "ana@example.com", `,"title":"acme's"`), 0)
		create(t, s, other, user(t, id, "ana@example.com", `,"title":"other's"`), 0)
		update(t, s, other, ref, set("title", "still other's"))
		for who, want := range map[tenant.ID]string{acme: "acme's", other: "still other's"} {
			r, err := s.Get(t.Context(), who, ref)
			if err != nil || text(t, r, "title") != want {
				t.Errorf("%s: got %q, %v", who, text(t, r, "title"), err)
			}
			for _, f := range []string{"", `userName eq "ANA@example.com"`, `userName sw "a"`, `title co "s"`, fmt.Sprintf(`id eq %q`, id)} {
				if got := found(t, s, who, f); len(got) != 1 {
					t.Errorf("%s: %q finds %d", who, f, len(got))
				}
			}
		}
		if err := s.Delete(t.Context(), other, ref, slot0, nil); err != nil {
			t.Fatal(err)
		}
		if got := found(t, s, other, ""); len(got) != 0 {
			t.Errorf("other still has %v", got)
		}
		if due, _ := s.DueNow(t.Context(), acme, 0, time.Now(), 10); len(due) != 1 {
			t.Errorf("acme owes %v", due)
		}
		if err := s.Erase(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		if got := found(t, s, acme, `userName eq "ana@example.com"`); len(got) != 1 {
			t.Errorf("erasing other left acme with %v", got)
		}
		if _, err := s.Delivery(t.Context(), other, 0, ref); !errors.Is(err, ErrNotFound) {
			t.Errorf("erased, but a delivery answers %v", err)
		}
	})
}

// Two tenants, 16 writers each, 400 users: none is ever found in the wrong one.
func TestIsolationUnderLoad(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		const writers, users = 16, 400
		var wg sync.WaitGroup
		for _, who := range []tenant.ID{acme, other} {
			for w := range writers {
				wg.Go(func() {
					for i := w; i < users; i += writers {
						r := user(t, fmt.Sprintf("%s-%03d", who, i), fmt.Sprintf("user%d@example.com", i), fmt.Sprintf(`,"title":%q`, who))
						if err := s.Create(t.Context(), who, r, slot0); err != nil {
							t.Error(err)
						}
						if _, err := s.Update(t.Context(), who, Ref{"User", r.ID}, slot0, set("nickName", string(who))); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		wg.Wait()
		for who, wrong := range map[tenant.ID]tenant.ID{acme: other, other: acme} {
			if got := found(t, s, who, ""); len(got) != users {
				t.Errorf("%s has %d users", who, len(got))
			}
			if got := found(t, s, who, fmt.Sprintf("title eq %q", wrong)); len(got) != 0 {
				t.Errorf("%s finds %d of the other's", who, len(got))
			}
			for i := range users {
				ids := found(t, s, who, fmt.Sprintf(`userName eq "user%d@example.com"`, i))
				if want := fmt.Sprintf("%s-%03d", who, i); len(ids) != 1 || ids[0] != want {
					t.Fatalf("%s: user%d is %v", who, i, ids)
				}
				if _, err := s.Get(t.Context(), who, Ref{"User", fmt.Sprintf("%s-%03d", wrong, i)}); !errors.Is(err, ErrNotFound) {
					t.Fatalf("%s reads %s's: %v", who, wrong, err)
				}
			}
		}
	})
}

func TestErase(t *testing.T) {
	eachStore(t, func(t *testing.T, s subject) {
		twins := []tenant.ID{"acm", "acme-", "acme0", "acme2"}
		for _, who := range append(twins, acme) {
			for i := range 3 {
				create(t, s, who, user(t, newID(), fmt.Sprintf("u%d@example.com", i), ""), 0)
			}
		}
		if err := s.Erase(t.Context(), acme); err != nil {
			t.Fatal(err)
		}
		if owing, err := s.Owing(t.Context(), "", time.Now(), 10); err != nil || len(owing) != len(twins) {
			t.Errorf("owing after erasing: %v, %v", owing, err)
		}
		if got := append(found(t, s, acme, ""), found(t, s, acme, `userName eq "u1@example.com"`)...); len(got) != 0 {
			t.Errorf("left behind: %v", got)
		}
		for _, who := range twins {
			if got := found(t, s, who, `userName sw "u"`); len(got) != 3 {
				t.Errorf("%s has %d", who, len(got))
			}
		}
		create(t, s, acme, user(t, newID(), "u1@example.com", "")) // all names are free
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder #1?%41", "store.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	s := openSQLite(t, path)
	keep := create(t, s, acme, user(t, newID(), "keep@example.com", `,"title":"kept"`), 0, 2)
	gone := create(t, s, acme, user(t, newID(), "gone@example.com", ""), 0)
	if err := s.Delete(t.Context(), acme, gone, slot0, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a closed store answers")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	s = openSQLite(t, path)
	r, err := s.Get(t.Context(), acme, keep)
	if err != nil || r.Version != 1 || text(t, r, "title") != "kept" {
		t.Errorf("reopened: %+v, %v", r, err)
	}
	for slot, want := range []int{2, 0, 1, 0} {
		if due, err := s.DueNow(t.Context(), acme, tenant.Slot(slot), time.Now(), 10); err != nil || len(due) != want {
			t.Errorf("slot %d owes %v, %v", slot, due, err)
		}
	}
	if page, err := s.List(t.Context(), acme, Query{Kind: "User", StartIndex: 1}); err != nil || page.Total != 1 {
		t.Errorf("total %d, %v", page.Total, err)
	}
}
