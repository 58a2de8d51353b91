package entra

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"scimgate/scim/value"
)

// fake is a SCIM endpoint that remembers what it was asked. It knows what the
// player needs: users by name, and PATCH as far as User goes.
type fake struct {
	mu      sync.Mutex
	users   map[string]*value.Object // by id
	next    int
	seen    []seen
	replace func(w http.ResponseWriter, r *http.Request) bool // answers instead, if it reports true
}

type seen struct {
	method, uri, body string
	header            http.Header
}

// playing starts a fake and a client for it; suffix is put behind the Tenant URL.
func playing(t *testing.T, suffix string) (*fake, *Client) {
	t.Helper()
	f := &fake{users: map[string]*value.Object{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	c, err := NewClient(server.URL+"/t/demo/identity/scim"+suffix, "secret", 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return f, c
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	f.seen = append(f.seen, seen{r.Method, r.RequestURI, string(body), r.Header})
	if f.replace != nil && f.replace(w, r) {
		return
	}
	id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	switch {
	case r.Header.Get("Authorization") != "Bearer secret":
		fail(w, http.StatusUnauthorized, "wrong token")
	case r.Method == http.MethodGet && id == "Schemas":
		reply(w, http.StatusOK, listOf(value.Of(value.NewObject(text("id", "urn:x")))))
	case r.Method == http.MethodGet:
		f.find(w, r.URL.Query().Get("filter"))
	case r.Method == http.MethodPost:
		f.create(w, body)
	case f.users[id] == nil:
		fail(w, http.StatusNotFound, "no such user")
	case r.Method == http.MethodPatch:
		f.patch(w, id, body)
	default:
		delete(f.users, id)
		w.WriteHeader(http.StatusNoContent)
	}
}

func (f *fake) find(w http.ResponseWriter, filter string) {
	name := strings.Trim(strings.TrimPrefix(filter, "userName eq "), `"`)
	var found []value.Value
	for _, u := range f.users {
		if top("userName")(u) == name {
			found = append(found, value.Of(u))
		}
	}
	reply(w, http.StatusOK, listOf(found...))
}

func (f *fake) create(w http.ResponseWriter, body []byte) {
	v, err := value.Parse(body, value.DefaultLimits)
	if err != nil || v.Object() == nil {
		fail(w, http.StatusBadRequest, "not JSON")
		return
	}
	f.next++
	id := fmt.Sprintf("u%d", f.next)
	v.Object().Set("id", value.NewText(id))
	f.users[id] = v.Object()
	reply(w, http.StatusCreated, v.Object())
}

func (f *fake) patch(w http.ResponseWriter, id string, body []byte) {
	v, _ := value.Parse(body, value.DefaultLimits)
	operations, _ := v.Object().Get("Operations")
	for _, o := range operations.Items() {
		to, _ := o.Object().Get("value")
		if path := top("path")(o.Object()); path != "" {
			assign(f.users[id], path, to)
			continue
		}
		for _, m := range to.Object().Members {
			assign(f.users[id], m.Name, m.Value)
		}
	}
	reply(w, http.StatusOK, f.users[id])
}

func assign(o *value.Object, path string, v value.Value) {
	if path == workEmail {
		o.Set("emails", value.List(value.Of(value.NewObject(text("type", "work"), member("value", v)))))
		return
	}
	outer, inner, nested := strings.Cut(path, ".")
	if strings.HasPrefix(path, "urn:") {
		colon := strings.LastIndexByte(path, ':')
		outer, inner, nested = path[:colon], path[colon+1:], true
	}
	if !nested {
		o.Set(path, v)
		return
	}
	sub, _ := o.Get(outer)
	if sub.Object() == nil {
		sub = value.Of(&value.Object{})
		o.Set(outer, sub)
	}
	sub.Object().Set(inner, v)
}

func listOf(resources ...value.Value) *value.Object {
	return value.NewObject(member("schemas", list(listURN)),
		member("totalResults", value.Int(int64(len(resources)))), member("Resources", value.List(resources...)))
}

func reply(w http.ResponseWriter, status int, o *value.Object) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write(value.Append(nil, value.Of(o)))
}

func fail(w http.ResponseWriter, status int, detail string) {
	reply(w, status, value.NewObject(text("detail", detail)))
}
