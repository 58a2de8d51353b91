package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// watched is a server whose hooks are written down.
type watched struct {
	*player
	woken     int
	tolerated []string
	refuse    error
}

func watch(t *testing.T, store directory.Store) *watched {
	t.Helper()
	account := newTenant()
	w := &watched{}
	s := &server.Server{
		Store: store, Accounts: tenants{account.ID: account}, PublicURL: publicURL,
		Wake:  func(tenant.ID) { w.woken++ },
		Check: func(*scim.Resource) error { return w.refuse },
		Tolerated: func(id tenant.ID, l scim.Leniency, path string) {
			w.tolerated = append(w.tolerated, fmt.Sprint(id == account.ID, " ", l, " ", path))
		},
	}
	w.player = &player{handler: mounted(s), tenant: account, kept: map[string]string{}}
	return w
}

// want plays one request and its answer.
func (w *watched) want(t *testing.T, ask, answer string) {
	t.Helper()
	w.step(t, strings.SplitN(ask, "\n", 2)[0], ask, answer)
}

const patchTitle = "PATCH /Users/{{id:a}}\n\n" + `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"%s"}]}`

// The worker is woken after each change, and only then.
func TestWake(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			w := watch(t, store)
			for i, step := range []struct {
				ask, answer string
				woken       int
			}{
				{"POST /Users\n\n" + userBody, `201` + "\n\n" + `{"{{more}}":1,"id":"{{id:a}}"}`, 1},
				{"POST /Users\n\n" + userBody, "409 uniqueness", 1},
				{fmt.Sprintf(patchTitle, "x"), "200", 2},
				{fmt.Sprintf(patchTitle, "x"), "200", 2},
				{"PUT /Users/{{id:a}}\n\n" + userBody, "200", 3},
				{"PUT /Users/{{id:a}}\n\n" + userBody, "200", 3},
				{"GET /Users/{{id:a}}\n", "200", 3},
				{"DELETE /Users/{{id:a}}\n", "204", 4},
				{"DELETE /Users/{{id:a}}\n", "404", 4},
			} {
				w.want(t, step.ask, step.answer)
				if w.woken != step.woken {
					t.Fatalf("step %d: woken %d times, not %d", i, w.woken, step.woken)
				}
			}
		})
	}
}

// Check sees what POST, PUT and PATCH would store, and can refuse it.
func TestCheck(t *testing.T) {
	w := watch(t, stores(t)["sqlite"])
	w.want(t, "POST /Users\n\n"+userBody, `201`+"\n\n"+`{"{{more}}":1,"id":"{{id:a}}"}`)
	w.refuse = scim.Errorf(scim.InvalidValue, "Not here.")
	w.want(t, "POST /Users\n\n"+strings.Replace(userBody, "wire", "other", 1), "400 invalidValue")
	w.want(t, fmt.Sprintf(patchTitle, "x"), "400 invalidValue")
	w.want(t, "PUT /Users/{{id:a}}\n\n"+strings.Replace(userBody, "}", `,"title":"x"}`, 1), "400 invalidValue")
	w.want(t, "DELETE /Users/{{id:a}}\n", "204")
	if w.woken != 2 {
		t.Errorf("woken %d times", w.woken)
	}
}

// Each leniency used is told, with the path and without the value.
func TestTolerated(t *testing.T) {
	w := watch(t, stores(t)["sqlite"])
	w.want(t, "POST /Users\nContent-Type:\n\n"+`{"userName":"a@x.example","active":"True","shoeSize":9}`, `201`+"\n\n"+`{"{{more}}":1,"id":"{{id:a}}"}`)
	w.want(t, "GET /Users?filter=userName eq a@x.example\n", "200")
	for _, want := range []string{"true missingMediaType ", "true booleanAsString active", "true unknownAttribute shoeSize", "true missingSchema schemas"} {
		if !slices.Contains(w.tolerated, want) {
			t.Errorf("%q was not told: %q", want, w.tolerated)
		}
	}
	if len(w.tolerated) != 5 || strings.Contains(fmt.Sprint(w.tolerated), "x.example") {
		t.Errorf("told: %q", w.tolerated)
	}
}

// slow gives the client time to go away in the middle of a change.
type slow struct {
	directory.Store
	entered chan struct{}
	leave   chan struct{}
}

func (s slow) Create(ctx context.Context, t tenant.ID, r *scim.Resource, owed []tenant.Slot) error {
	s.entered <- struct{}{}
	<-s.leave
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Store.Create(ctx, t, r, owed)
}

// A change that has begun is finished though the client has gone: nothing is torn,
// and the client finds it by its filter (bad input 77).
func TestChangeOutlivesTheClient(t *testing.T) {
	store := slow{stores(t)["sqlite"], make(chan struct{}), make(chan struct{})}
	account := newTenant()
	h := newHandler(store, account)
	p := &player{handler: h, tenant: account, kept: map[string]string{}}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", "/t/"+string(account.ID)+"/identity/scim/Users", strings.NewReader(userBody))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+string(account.ID))
	var served sync.WaitGroup
	served.Go(func() { h.ServeHTTP(httptest.NewRecorder(), r) })
	<-store.entered
	cancel()
	close(store.leave)
	served.Wait()
	p.step(t, "afterwards", "GET /Users?filter=userName eq \"wire@x.example\"\n", "200\n\n"+`{"{{more}}":1,"totalResults":1}`)
}

// owing notes to whom changes are owed.
type owing struct {
	directory.Store
	slots [][]tenant.Slot
}

func (o *owing) Create(ctx context.Context, t tenant.ID, r *scim.Resource, owed []tenant.Slot) error {
	o.slots = append(o.slots, owed)
	return o.Store.Create(ctx, t, r, owed)
}

func (o *owing) Update(ctx context.Context, t tenant.ID, ref directory.Ref, owed []tenant.Slot, edit directory.Edit) (*scim.Resource, error) {
	o.slots = append(o.slots, owed)
	return o.Store.Update(ctx, t, ref, owed, edit)
}

func (o *owing) Delete(ctx context.Context, t tenant.ID, ref directory.Ref, owed []tenant.Slot, check directory.Check) error {
	o.slots = append(o.slots, owed)
	return o.Store.Delete(ctx, t, ref, owed, check)
}

// A change is owed to each connection of the tenant.
func TestChangeIsOwedToAllConnections(t *testing.T) {
	account := newTenant()
	account.Connections = []tenant.Connection{{Slot: 0}, {Slot: 2}}
	store := &owing{Store: stores(t)["sqlite"]}
	p := &player{handler: newHandler(store, account), tenant: account, kept: map[string]string{}}
	p.step(t, "create", "POST /Users\n\n"+userBody, "201\n\n"+`{"{{more}}":1,"id":"{{id:a}}"}`)
	p.step(t, "patch", fmt.Sprintf(patchTitle, "x"), "200")
	p.step(t, "replace", "PUT /Users/{{id:a}}\n\n"+userBody, "200")
	p.step(t, "delete", "DELETE /Users/{{id:a}}\n", "204")
	if got := fmt.Sprint(store.slots); got != "[[0 2] [0 2] [0 2] [0 2]]" {
		t.Errorf("owed to %v", got)
	}
}

// only is the one account there is, whatever the path says.
type only struct{ *tenant.Tenant }

func (o only) Authenticate(_ context.Context, path, authorization string) (*tenant.Tenant, error) {
	if path != "" || authorization != "Bearer x" {
		return nil, tenant.ErrUnauthorized
	}
	return o.Tenant, nil
}

// Under a prefix without a tenant the service is the same.
func TestMountAt(t *testing.T) {
	engine := server.NewEngine()
	s := &server.Server{Store: stores(t)["sqlite"], PublicURL: "http://127.0.0.1:9"}
	s.MountAt(engine, "/identity/scim", only{newTenant()})
	got := knock(t, engine, "GET", "/identity/scim/ServiceProviderConfig", "Bearer x")
	if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"http://127.0.0.1:9/identity/scim/ServiceProviderConfig"`) {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	if got := knock(t, engine, "GET", "/identity/scim/Users"); got.Code != http.StatusUnauthorized {
		t.Errorf("without a token: %d", got.Code)
	}
}

// A custom attribute is known to discovery and filters from the request after
// the tenant's change on.
func TestDefinitionsFollowTheTenant(t *testing.T) {
	account := newTenant()
	store := stores(t)["sqlite"]
	all := tenants{account.ID: account}
	h := mounted(&server.Server{Store: store, Accounts: all, PublicURL: publicURL})
	p := &player{handler: h, tenant: account, kept: map[string]string{}}
	const path = "GET /Schemas/urn:ietf:params:scim:schemas:extension:appspace:2.0:User\n"
	for rev, properties := range [][]string{nil, {"badge"}, {"badge", "floor"}, {"floor"}, nil} {
		changed := *account
		changed.RulesRev, changed.Attributes = uint64(rev), nil
		want := []string{}
		for _, property := range properties {
			changed.Attributes = append(changed.Attributes, tenant.Attribute{Property: property, Type: "String"})
			want = append(want, fmt.Sprintf(`{"{{more}}":1,"name":%q}`, property))
		}
		all[account.ID] = &changed
		p.step(t, fmt.Sprint(properties), path, "200\n\n"+`{"{{more}}":1,"attributes":[`+strings.Join(want, ",")+`]}`)
	}
}

// A first page of many users, without any parameter (vector 14): Entra's Account
// Discovery reads them all so.
func TestFirstPage(t *testing.T) {
	t.Parallel()
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			account := newTenant()
			const users = 5000
			var makers sync.WaitGroup
			for w := range 50 {
				makers.Go(func() { fill(t, store, account.ID, w*users/50, (w+1)*users/50) })
			}
			makers.Wait()
			p := &player{handler: newHandler(store, account), tenant: account, kept: map[string]string{}}
			p.step(t, "first", "GET /Users\n", "200\n\n"+`{"{{more}}":1,"totalResults":5000,"startIndex":1,"itemsPerPage":100}`)
			p.step(t, "large", "GET /Users?count=1000\n", "200\n\n"+`{"{{more}}":1,"totalResults":5000,"itemsPerPage":200}`)
			p.step(t, "last", "GET /Users?startIndex=4999\n", "200\n\n"+`{"{{more}}":1,"totalResults":5000,"startIndex":4999,"itemsPerPage":2}`)
		})
	}
}

// fill stores users without the way through HTTP.
func fill(t *testing.T, store directory.Store, id tenant.ID, from, to int) {
	t.Helper()
	kind := server.Definitions(&tenant.Tenant{}).Type("User")
	for i := from; i < to; i++ {
		doc, err := scim.ParseBody(fmt.Appendf(nil, `{"userName":"u%05d@x.example"}`, i), value.DefaultLimits)
		if err != nil {
			t.Error(err)
			return
		}
		r, err := kind.ReadNew(doc, fmt.Sprintf("0190e2c4-0000-7000-8000-%012d", i), scim.Mode{})
		if err == nil {
			err = store.Create(t.Context(), id, r, nil)
		}
		if err != nil {
			t.Error(err)
			return
		}
	}
}
