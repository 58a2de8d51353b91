package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scimgate/ratelimit"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// step is one operation, of a bulk request or on its own.
type step struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	BulkID string          `json:"bulkId,omitempty"`
	Data   json.RawMessage `json:"data,omitempty"`
}

// outcome is what a bulk response says of an operation.
type outcome struct{ Method, BulkID, Status, Location, Version string }

func (p *player) bulk(t *testing.T, steps []step) []outcome {
	t.Helper()
	asked, err := json.Marshal(map[string]any{"schemas": []string{scim.BulkRequestURN}, "Operations": steps})
	if err != nil {
		t.Fatal(err)
	}
	got := p.send(t, "POST /Bulk\n\n"+string(asked))
	var answer struct{ Operations []outcome }
	if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || got.Code != http.StatusOK {
		t.Fatalf("%d %s", got.Code, clip(got.Body.String()))
	}
	return answer.Operations
}

func statuses(of []outcome) []string {
	all := make([]string, len(of))
	for i, o := range of {
		all[i] = o.Status
	}
	return all
}

func newUser(name string) json.RawMessage {
	return fmt.Appendf(nil, `{"schemas":[%q],"userName":%q}`, scim.UserURN, name)
}

func newPatch(path, text string) json.RawMessage {
	return fmt.Appendf(nil, `{"schemas":[%q],"Operations":[{"op":"replace","path":%q,"value":%q}]}`, scim.PatchURN, path, text)
}

// randomStep is one of what can get into another's way: few users, few names.
func randomStep(r *rand.Rand, ids []string) step {
	user, name := "/Users/"+ids[r.IntN(len(ids))], fmt.Sprintf("n%d", r.IntN(6))
	switch r.IntN(7) {
	case 0: // whose name can be told only when it is read
		data := fmt.Appendf(nil, `{"schemas":[%q],"userName":[%q]}`, scim.UserURN, name)
		return step{Method: "POST", Path: "/Users", BulkID: fmt.Sprint(r.Uint64()), Data: data}
	case 1, 6:
		return step{Method: "POST", Path: "/Users", BulkID: fmt.Sprint(r.Uint64()), Data: newUser(name)}
	case 2:
		return step{Method: "PUT", Path: user, Data: newUser(name)}
	case 3:
		return step{Method: "PATCH", Path: user, Data: newPatch("userName", name)}
	case 4:
		return step{Method: "DELETE", Path: user}
	default:
		return step{Method: "PATCH", Path: user, Data: newPatch("title", name)}
	}
}

// jittery is a store in which whatever is done at once gets out of order.
type jittery struct{ directory.Store }

func jitter() { <-time.After(rand.N(time.Millisecond)) }

func (s jittery) Create(ctx context.Context, t tenant.ID, r *scim.Resource, owed []tenant.Slot) error {
	jitter()
	return s.Store.Create(ctx, t, r, owed)
}

func (s jittery) Update(ctx context.Context, t tenant.ID, ref directory.Ref, owed []tenant.Slot, edit directory.Edit) (*scim.Resource, error) {
	jitter()
	return s.Store.Update(ctx, t, ref, owed, edit)
}

func (s jittery) Delete(ctx context.Context, t tenant.ID, ref directory.Ref, owed []tenant.Slot, check directory.Check) error {
	jitter()
	return s.Store.Delete(ctx, t, ref, owed, check)
}

// twin is one of two tenants that begin alike.
func twin(t *testing.T, store directory.Store) (p *player, ids []string) {
	t.Helper()
	account := newTenant()
	p = &player{handler: newHandler(store, account), tenant: account, kept: map[string]string{}}
	for i := range 5 {
		p.step(t, "user", "POST /Users\n\n"+string(newUser(fmt.Sprintf("n%d", i))), "201\n\n"+fmt.Sprintf(`{"{{more}}":1,"id":"{{id:%d}}"}`, i))
		ids = append(ids, p.kept[fmt.Sprint(i)])
	}
	return p, ids
}

// Whatever is done at once, a bulk request answers as its operations would one
// after the other.
func TestBulkIsAsOneByOne(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(20) {
				once, onceIDs := twin(t, jittery{store})
				single, singleIDs := twin(t, store)
				var steps []step
				var want []string
				r := rand.New(rand.NewPCG(seed, 1))
				for range 30 {
					s := randomStep(r, onceIDs)
					steps = append(steps, s)
					path := s.Path
					for i, id := range onceIDs {
						path = strings.Replace(path, id, singleIDs[i], 1)
					}
					want = append(want, fmt.Sprint(single.send(t, s.Method+" "+path+"\n\n"+string(s.Data)).Code))
				}
				if got := statuses(once.bulk(t, steps)); !slices.Equal(got, want) {
					t.Fatalf("seed %d:\nat once    %v\none by one %v\n%+v", seed, got, want, steps)
				}
				if a, b := once.names(t), single.names(t); a != b {
					t.Fatalf("seed %d: at once %s, one by one %s", seed, a, b)
				}
			}
		})
	}
}

// What refers to an operation that fails waits to be told so.
func TestBulkReferenceWaits(t *testing.T) {
	store := jittery{stores(t)["sqlite"]}
	account := newTenant()
	p := &player{handler: newHandler(store, account), tenant: account, kept: map[string]string{}}
	p.step(t, "user", "POST /Users\n\n"+string(newUser("taken")), "201")
	for i := range 20 {
		group := fmt.Appendf(nil, `{"schemas":[%q],"displayName":"g%d","members":[{"value":"bulkId:u"}]}`, scim.GroupURN, i)
		got := statuses(p.bulk(t, []step{
			{Method: "POST", Path: "/Groups", BulkID: "g", Data: group},
			{Method: "POST", Path: "/Users", BulkID: "u", Data: newUser("taken")},
		}))
		if !slices.Equal(got, []string{"409", "409"}) {
			t.Fatalf("round %d: %v", i, got)
		}
	}
}

// A name is free for whoever comes behind the one that had it.
func TestBulkNameIsFreedFirst(t *testing.T) {
	for range 20 {
		p, ids := twin(t, jittery{stores(t)["sqlite"]})
		got := statuses(p.bulk(t, []step{
			{Method: "DELETE", Path: "/Users/" + ids[0]},
			{Method: "PATCH", Path: "/Users/" + ids[1], Data: newPatch("userName", "n0")},
		}))
		if !slices.Equal(got, []string{"204", "200"}) {
			t.Fatal(got)
		}
	}
}

// names is what the tenant's users are called, and their titles and versions.
func (p *player) names(t *testing.T) string {
	t.Helper()
	type user struct {
		UserName, Title string
		Meta            struct{ Version string }
	}
	var list struct{ Resources []user }
	got := p.send(t, "GET /Users?count=200&attributes=userName,title,meta.version\n")
	if err := json.Unmarshal(got.Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(list.Resources, func(a, b user) int { return strings.Compare(a.UserName, b.UserName) })
	return fmt.Sprint(list.Resources)
}

// counted is a limiter that lets everything through but now and then.
type counted struct {
	mu      sync.Mutex
	taken   int
	refusal int // every so many are refused first
}

func (c *counted) Take(_ context.Context, _ string, _ ratelimit.Limit, cost int) (ratelimit.Decision, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.taken += cost
	if c.refusal > 0 && c.taken%c.refusal == 0 {
		return ratelimit.Decision{RetryAfter: time.Millisecond}, nil
	}
	return ratelimit.Decision{Allowed: true}, nil
}

func manyUsers(n int) []step {
	steps := make([]step, n)
	for i := range steps {
		steps[i] = step{Method: "POST", Path: "/Users", BulkID: fmt.Sprintf("b%d", i), Data: newUser(fmt.Sprintf("many%04d", i))}
	}
	return steps
}

// Each operation costs what a request would, and one that is over the limit waits.
func TestBulkIsCharged(t *testing.T) {
	for _, refusal := range []int{0, 7} {
		account := newTenant()
		limits := &counted{refusal: refusal}
		p := &player{tenant: account, kept: map[string]string{}, handler: mounted(&server.Server{
			Store: stores(t)["sqlite"], Accounts: tenants{account.ID: account}, Limits: limits, PublicURL: publicURL,
		})}
		for i, got := range p.bulk(t, manyUsers(100)) {
			if got.Status != "201" || got.BulkID != fmt.Sprintf("b%d", i) {
				t.Errorf("operation %d: %+v", i, got)
			}
		}
		refused := 0
		if refusal > 0 {
			refused = limits.taken / refusal
		}
		if limits.taken-refused != 100 {
			t.Errorf("charged %d, of which %d in vain", limits.taken, refused)
		}
	}
}

// gate holds creations up until it is opened.
type gate struct {
	directory.Store
	arrived chan struct{}
	open    chan struct{}
}

func (g *gate) Create(ctx context.Context, t tenant.ID, r *scim.Resource, owed []tenant.Slot) error {
	g.arrived <- struct{}{}
	<-g.open
	return g.Store.Create(ctx, t, r, owed)
}

// When the client goes, what has begun is finished and nothing more is begun; no
// more than some are under way at once.
func TestBulkEndsWithTheClient(t *testing.T) {
	store := &gate{stores(t)["sqlite"], make(chan struct{}, 1000), make(chan struct{})}
	account := newTenant()
	p := &player{handler: newHandler(store, account), tenant: account, kept: map[string]string{}}
	asked, err := json.Marshal(map[string]any{"schemas": []string{scim.BulkRequestURN}, "Operations": manyUsers(200)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", "/t/"+string(account.ID)+"/identity/scim/Bulk", strings.NewReader(string(asked)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+string(account.ID))
	answer := httptest.NewRecorder()
	var served sync.WaitGroup
	served.Go(func() { p.handler.ServeHTTP(answer, r) })
	for range 32 {
		<-store.arrived
	}
	cancel()
	close(store.open)
	served.Wait()
	if n := strings.Count(answer.Body.String(), `"status":"201"`); n != 32 {
		t.Errorf("%d were made: %s", n, clip(answer.Body.String()))
	}
	if n := strings.Count(answer.Body.String(), `,"status":"503"`); n != 2*168 { // of the operation and in its error
		t.Errorf("%d were told that there was no time", n)
	}
	p.step(t, "afterwards", "GET /Users\n", "200\n\n"+`{"{{more}}":1,"totalResults":32}`)
}

// fragile is a store that some names break.
type fragile struct{ directory.Store }

func (f fragile) Create(ctx context.Context, t tenant.ID, r *scim.Resource, owed []tenant.Slot) error {
	switch {
	case strings.Contains(string(r.Body()), "many0003"):
		panic("many0003 is a secret")
	case strings.Contains(string(r.Body()), "many0005"):
		return fmt.Errorf("a fault of the store about many0005")
	}
	return f.Store.Create(ctx, t, r, owed)
}

// A fault of ours is a 503 of the one operation, and tells nothing of it.
func TestBulkFault(t *testing.T) {
	account := newTenant()
	var log bytes.Buffer
	p := &player{tenant: account, kept: map[string]string{}, handler: mounted(&server.Server{
		Store: fragile{stores(t)["sqlite"]}, Accounts: tenants{account.ID: account}, PublicURL: publicURL,
		Log: slog.New(slog.NewJSONHandler(&log, nil)),
	})}
	got := statuses(p.bulk(t, manyUsers(8)))
	if want := []string{"201", "201", "201", "503", "201", "503", "201", "201"}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
	if strings.Contains(log.String(), "secret") || !strings.Contains(log.String(), `"msg":"panic"`) {
		t.Errorf("the log tells of it: %s", log.String())
	}
}
