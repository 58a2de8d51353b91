package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// The benchmarks run the handler in process, over SQLite in memory, each beside
// its floor: a gin handler that makes the same call of the store and nothing
// else. What is above the floor is ours: door, reading, rendering.

const benchBody = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
	`"externalId":"0a21f0f2-8d2a-4f8e-bf98-%012d","userName":"user%06d@contoso.example","active":true,"displayName":"Ana Kovács",` +
	`"name":{"formatted":"Ana Kovács","familyName":"Kovács","givenName":"Ana"},"title":"Analyst",` +
	`"emails":[{"primary":true,"type":"work","value":"user%06d@contoso.example"}],"phoneNumbers":[{"type":"mobile","value":"+36 1 234 5678"}],` +
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Retail","employeeNumber":"701"}}`

type bench struct {
	store   directory.Store
	account *tenant.Tenant
	ours    http.Handler
	floor   *gin.Engine
	ids     []string
}

func newBench(b *testing.B, users int) *bench {
	b.Helper()
	store, err := directory.OpenSQLite(b.Context(), ":memory:")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	return newBenchOn(b, store, users)
}

func newBenchOn(b *testing.B, store directory.Store, users int) *bench {
	b.Helper()
	account := newTenant()
	x := &bench{store: store, account: account, ours: newHandler(store, account), floor: server.NewEngine()}
	for i := range users {
		r := x.resource(b, i)
		if err := store.Create(b.Context(), account.ID, r, nil); err != nil {
			b.Fatal(err)
		}
		x.ids = append(x.ids, r.ID)
	}
	return x
}

func (x *bench) resource(b *testing.B, i int) *scim.Resource {
	b.Helper()
	doc, err := scim.ParseBody(fmt.Appendf(nil, benchBody, i, i, i), limits)
	if err != nil {
		b.Fatal(err)
	}
	r, err := kind.ReadNew(doc, fmt.Sprintf("0190e2c4-0000-7000-8000-%012d", i), scim.Mode{})
	if err != nil {
		b.Fatal(err)
	}
	return r
}

var (
	limits = value.DefaultLimits
	kind   = server.Definitions(&tenant.Tenant{}).Type("User")
)

// run sends a request per turn and wants status.
func (x *bench) run(b *testing.B, h http.Handler, status int, method string, target func(i int) (path, body string)) {
	b.Helper()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		path, body := target(i)
		r := httptest.NewRequestWithContext(b.Context(), method, "/t/"+string(x.account.ID)+"/identity/scim"+path, strings.NewReader(body))
		r.Header["Authorization"] = []string{"Bearer " + string(x.account.ID)}
		r.Header["Content-Type"] = []string{"application/scim+json"}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != status {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
		i++
	}
}

func (x *bench) both(b *testing.B, status int, method, route string, floor gin.HandlerFunc, target func(i int) (path, body string)) {
	b.Helper()
	x.floor.Handle(method, server.Prefix+route, floor)
	b.Run("floor", func(b *testing.B) { x.run(b, x.floor, status, method, target) })
	b.Run("ours", func(b *testing.B) { x.run(b, x.ours, status, method, target) })
}

func BenchmarkGet(b *testing.B) {
	x := newBench(b, 1000)
	x.both(b, 200, "GET", "/Users/:id", func(g *gin.Context) {
		r, err := x.store.Get(g.Request.Context(), x.account.ID, directory.Ref{Kind: "User", ID: g.Param("id")})
		if err != nil {
			b.Error(err)
			return
		}
		g.Data(200, "application/scim+json", r.Body())
	}, func(i int) (string, string) { return "/Users/" + x.ids[i%1000], "" })
}

func BenchmarkLookUp(b *testing.B) {
	x := newBench(b, 1000)
	x.both(b, 200, "GET", "/Users", func(g *gin.Context) {
		e, err := kind.BindFilter(g.Query("filter"), scim.Mode{})
		if err != nil {
			b.Error(err)
			return
		}
		page, err := x.store.List(g.Request.Context(), x.account.ID, directory.Query{Kind: "User", Filter: e, StartIndex: 1, Count: 100})
		if err != nil || len(page.Resources) != 1 {
			b.Error(err)
			return
		}
		g.Data(200, "application/scim+json", page.Resources[0].Body())
	}, func(i int) (string, string) {
		return fmt.Sprintf("/Users?filter=userName%%20eq%%20%%22user%06d@contoso.example%%22", i%1000), ""
	})
}

func BenchmarkCreate(b *testing.B) {
	x := newBench(b, 0)
	made := make([]*scim.Resource, 0, 1<<16)
	for i := range cap(made) {
		made = append(made, x.resource(b, i))
	}
	next, turn := 0, 0
	x.both(b, 201, "POST", "/Users", func(g *gin.Context) {
		r := made[next]
		next++
		if err := x.store.Create(g.Request.Context(), x.account.ID, r, x.account.Slots()); err != nil {
			b.Error(err)
			return
		}
		g.Data(201, "application/scim+json", r.Body())
	}, func(int) (string, string) {
		turn++ // of all that the benchmark's own rounds begin anew
		n := 100_000 + turn
		return "/Users", fmt.Sprintf(benchBody, n, n, n)
	})
}

func BenchmarkPatch(b *testing.B) {
	x := newBench(b, 1000)
	turn := 0
	x.both(b, 200, "PATCH", "/Users/:id", func(g *gin.Context) {
		turn++
		r, err := x.store.Update(g.Request.Context(), x.account.ID, directory.Ref{Kind: "User", ID: g.Param("id")}, x.account.Slots(),
			func(r *scim.Resource) (bool, error) {
				o, err := r.Attributes()
				if err != nil {
					return false, err
				}
				o = o.Clone()
				o.Set("title", value.NewText(fmt.Sprintf("f%d", turn)))
				r.SetAttributes(o)
				return true, nil
			})
		if err != nil {
			b.Error(err)
			return
		}
		g.Data(200, "application/scim+json", r.Body())
	}, func(i int) (string, string) {
		return "/Users/" + x.ids[i%1000], fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"title","value":"t%d"}]}`, i+1)
	})
}
