package server_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// largeGroup makes a tenant with a group of so many members, and returns its id.
func largeGroup(tb testing.TB, store directory.Store, id tenant.ID, members int) string {
	tb.Helper()
	change := new(scim.MemberChange)
	for i := range members {
		u := fmt.Sprintf("member-%06d", i)
		r := scim.NewResource("User", u, value.NewObject(
			value.Member{Name: "id", Value: value.NewText(u)}, value.Member{Name: "userName", Value: value.NewText(u + "@example.com")},
		))
		if err := store.Create(tb.Context(), id, r, nil); err != nil {
			tb.Fatal(err)
		}
		change.Add = append(change.Add, u)
	}
	g := scim.NewResource("Group", "large", value.NewObject(
		value.Member{Name: "id", Value: value.NewText("large")}, value.Member{Name: "displayName", Value: value.NewText("Large")},
	))
	g.Members = change
	if err := store.Create(tb.Context(), id, g, nil); err != nil {
		tb.Fatal(err)
	}
	return g.ID
}

// A large group comes in pieces, alone and in a list, and is whole at the end.
func TestLargeGroupIsStreamed(t *testing.T) {
	const members = 1200
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			account := newTenant()
			id := largeGroup(t, store, account.ID, members)
			base := listen(t, newHandler(store, account)) + "/t/" + string(account.ID) + "/identity/scim/Groups"
			for _, target := range []string{"/" + id, "?filter=displayName%20eq%20%22large%22"} {
				res := fetch(t, base+target, account.ID)
				text, err := io.ReadAll(res.Body)
				if err != nil || res.StatusCode != http.StatusOK || res.ContentLength >= 0 || !json.Valid(text) {
					t.Errorf("%s: %d, length %d, %v", target, res.StatusCode, res.ContentLength, err)
				}
				if n := strings.Count(string(text), `"$ref":`); n != members {
					t.Errorf("%s: %d members", target, n)
				}
			}
			res := fetch(t, base+"/"+id+"?excludedAttributes=members", account.ID)
			if text, err := io.ReadAll(res.Body); err != nil || res.ContentLength < 0 || strings.Contains(string(text), "members") {
				t.Errorf("without members: %s, %v", text, err)
			}
		})
	}
}

// A group whose reading fails half way is cut off: no client may take a part of
// the members for all of them.
func TestGroupThatFailsHalfWay(t *testing.T) {
	store := stores(t)["sqlite"]
	account := newTenant()
	id := largeGroup(t, store, account.ID, 1200)
	base := listen(t, newHandler(failsAfter{store, 1}, account)) + "/t/" + string(account.ID) + "/identity/scim/Groups/"
	res := fetch(t, base+id, account.ID)
	if _, err := io.ReadAll(res.Body); err == nil {
		t.Error("a part passed for the whole")
	}
	base = listen(t, newHandler(failsAfter{store, 0}, account)) + "/t/" + string(account.ID) + "/identity/scim/Groups/"
	if res := fetch(t, base+id, account.ID); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("at once: %d", res.StatusCode)
	}
}

// failsAfter reads so many pages of members and no more.
type failsAfter struct {
	directory.Store
	pages int
}

func (f failsAfter) Members(ctx context.Context, t tenant.ID, group, after string, limit int) ([]directory.Member, error) {
	if f.pages == 0 || after >= fmt.Sprintf("member-%06d", f.pages*limit-1) {
		return nil, errors.New("disk on fire")
	}
	return f.Store.Members(ctx, t, group, after, limit)
}

func listen(t *testing.T, handler http.Handler) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

func fetch(t *testing.T, url string, token tenant.ID) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+string(token))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// Groups are owed to nobody yet, and wake nobody; a member that names nobody is
// counted.
func TestGroupsOweNothing(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			account := newTenant()
			var woken, counted int
			handler := mounted(&server.Server{
				Store: store, Accounts: tenants{account.ID: account}, PublicURL: publicURL,
				Wake: func(tenant.ID) { woken++ },
				Tolerated: func(_ tenant.ID, l scim.Leniency, _ string) {
					if l == scim.UnresolvedMember {
						counted++
					}
				},
			})
			p := &player{handler: handler, tenant: account, kept: map[string]string{}}
			made := p.send(t, "POST /Groups\n\n"+`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"G","members":[{"value":"nobody"}]}`)
			if made.Code != http.StatusCreated || woken != 0 || counted != 1 {
				t.Errorf("%d, woken %d, counted %d", made.Code, woken, counted)
			}
			owing, ok := store.(directory.Deliveries)
			if !ok {
				t.Fatal("the store keeps no deliveries")
			}
			var g struct{ ID string }
			if err := json.Unmarshal(made.Body.Bytes(), &g); err != nil {
				t.Fatal(err)
			}
			item, err := owing.Delivery(t.Context(), account.ID, 0, directory.Ref{Kind: "Group", ID: g.ID})
			if err != nil || item.Delivery.State != directory.Clean {
				t.Errorf("%+v, %v", item, err)
			}
		})
	}
}
