package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/gateway"
	"scimgate/tenant"
)

// household is a serve on a store of its own, apart from its keys.
type household struct {
	*testing.T
	flags, store []string
	mongo, data  string
	redis        string
	p, account   *process
	secrets      map[string]string // by what they are
	canary       string            // is in every value of the tenant acme
}

// eachStore runs a test on either store.
func eachStore(t *testing.T, test func(h *household)) {
	for _, kind := range []string{"sqlite", "mongo"} {
		t.Run(kind, func(t *testing.T) {
			h := &household{T: t, data: t.TempDir(), secrets: map[string]string{}, canary: "kanarie4711"}
			h.store = []string{"--data", h.data}
			if kind == "mongo" {
				h.mongo = database(t)
				h.store = []string{"--mongodb-uri", h.mongo}
				if url := os.Getenv("SCIMGATE_TEST_REDIS_URL"); url != "" {
					r := startRedis(t)
					h.redis = r.url()
				}
			}
			h.account = start(t, "sandbox", "--listen", "127.0.0.1:0")
			h.flags = append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback"}, keys(t, t.TempDir())...)
			h.begin()
			test(h)
		})
	}
}

func (h *household) begin() {
	h.Helper()
	flags := append(append([]string{}, h.flags...), h.store...)
	if h.redis != "" {
		flags = append(flags, "--redis-url", h.redis)
	}
	h.p = start(h, flags...)
}

// kept is everything that is stored, in all stores.
func (h *household) kept() []byte {
	h.Helper()
	var all []byte
	if h.mongo != "" {
		all = dumpOf(h.T, h.mongo)
	} else {
		all = filesIn(h.T, h.data)
	}
	if h.redis != "" {
		all = append(all, keptInRedis(h.T, h.redis)...)
	}
	return all
}

func (h *household) api() string { return h.p.text(h, "adminURL") + "/api/v1/tenants" }

// live makes a tenant with every kind of secret, and with people.
func (h *household) live(id string) {
	h.Helper()
	inhabit(h.T, h.p, h.account, id)
	api := h.api() + "/" + id
	h.secrets["the account's token"] = h.account.text(h, "sandboxToken")
	h.secrets["the operator's key"] = operatorKey
	sealing, err := os.ReadFile(h.keyFile())
	if err != nil {
		h.Fatal(err)
	}
	h.secrets["the sealing key"] = strings.TrimSpace(string(sealing))
	token := must(h, 201, "POST", api+"/tokens", operatorKey, map[string]any{})["token"].(string)
	h.secrets["a token"] = token
	client := must(h, 201, "POST", api+"/credentials", operatorKey, map[string]any{"kind": "client"})
	h.secrets["a client's secret"] = client["secret"].(string)
	invite := must(h, 201, "POST", api+"/invites", operatorKey, map[string]any{"for": h.canary + " the invited"})["url"].(string)
	h.secrets["an invitation"] = invite[strings.LastIndexByte(invite, '/')+1:]
	scim := h.p.text(h, "publicURL") + "/t/" + id + "/identity/scim"
	user := newUser(h.canary + "." + id + "@example.com")
	user["displayName"], user["title"], user["password"] = h.canary+" Ana", h.canary, "password-of-ana-0815"
	h.secrets["a password"] = "password-of-ana-0815"
	ana := must(h, 201, "POST", scim+"/Users", token, user)["id"].(string)
	must(h, 200, "PATCH", scim+"/Users/"+ana, token, replaced("title", h.canary+" chief"))
	gone := must(h, 201, "POST", scim+"/Users", token, newUser(h.canary+".bob."+id+"@example.com"))["id"].(string)
	must(h, 204, "DELETE", scim+"/Users/"+gone, token, nil)
	must(h, 200, "PATCH", h.api()+"/"+id, operatorKey, map[string]any{"displayName": h.canary + " Inc."})
	call(h.Context(), "GET", scim+"/Users?filter=userName+eq+%22"+h.canary+"%22", token, nil)
	delivered(h.T, api)
	must(h, 200, "PUT", api+"/connections/second", operatorKey, map[string]any{
		"kind": "appspace", "paused": true,
		"settings": map[string]any{"baseURL": "http://127.0.0.1:1/", "token": "second-token-of-the-tests-123"},
	})
	h.secrets["the second account's token"] = "second-token-of-the-tests-123"
}

func (h *household) keyFile() string {
	for i, f := range h.flags {
		if f == "--key-file" {
			return h.flags[i+1]
		}
	}
	return ""
}

// TestStoresHoldNoSecret searches every byte that is stored for the secrets that
// there are: whoever has a copy of a store has none of them (promise 28). And
// without its key no process begins.
func TestStoresHoldNoSecret(t *testing.T) {
	eachStore(t, func(h *household) {
		h.live("acme")
		kept := h.kept()
		if !finds(kept, h.canary) || !finds(kept, `"kind":"appspace"`) {
			h.Fatalf("what is stored is not found in %d bytes", len(kept))
		}
		hits := 0
		for what, secret := range h.secrets {
			if len(secret) < 16 {
				h.Errorf("%s is too short to be told from chance: %q", what, secret)
			}
			if finds(kept, secret) || finds(kept, secret[len(secret)/2:]) {
				hits++
				h.Errorf("%s is stored as it is", what)
			}
		}
		h.p.stop(h)
		h.Logf("plaintext hits %d of %d secrets in %d bytes; starts without a key: %d", hits, len(h.secrets), len(kept), h.startsWithoutKey())
	})
}

// startsWithoutKey is how many processes began that should not have: without a key,
// with an empty key file, with one that holds no key.
func (h *household) startsWithoutKey() (n int) {
	h.Helper()
	for name, file := range map[string]string{"none": "", "empty": "\n", "a comment": "# key\n", "short": "c2hvcnQ=\n"} {
		flags := append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--json"}, h.store...)
		admin := filepath.Join(h.TempDir(), "admin")
		write(h, admin, operatorKey)
		flags = append(flags, "--admin-key-file", admin)
		if file != "" {
			path := filepath.Join(h.TempDir(), "key")
			write(h, path, file)
			flags = append(flags, "--key-file", path)
		}
		cmd := program(h, flags...)
		said := make(chan string, 1)
		go func() {
			out, err := cmd.CombinedOutput()
			said <- fmt.Sprint(string(out), err)
		}()
		select {
		case text := <-said:
			if !strings.Contains(text, "key") || strings.Contains(text, "adminURL") {
				n++
				h.Errorf("%s: %s", name, text)
			}
		case <-time.After(20 * time.Second):
			n++
			h.Errorf("%s: it runs", name)
			end(cmd)
		}
	}
	return n
}

func end(cmd *exec.Cmd) {
	if cmd.Process != nil {
		_ = cmd.Process.Kill()
	}
}

// TestErasureIsComplete deletes a tenant, and searches every byte of all stores for
// what was in it: its values, its name, and the data key that its secrets were
// sealed by (promise 32). Its neighbour stays whole.
func TestErasureIsComplete(t *testing.T) {
	eachStore(t, func(h *household) {
		h.live("acme-corp")
		neighbour := h.canary
		h.canary = "neighbour0815"
		h.live("globex")
		h.canary = neighbour
		sealed := h.dataKey("acme-corp")
		before := h.kept()
		for _, what := range []string{h.canary, "acme-corp", string(sealed)} {
			if !finds(before, what) {
				h.Errorf("%q is not found before", what)
			}
		}
		must(h, 204, "DELETE", h.api()+"/acme-corp", operatorKey, nil)
		h.p.stop(h)
		// That an operator deleted it is told for as long as all that operators did.
		kept := bytes.Replace(h.kept(), []byte(`"/tenants/acme-corp","status":204`), nil, 1)
		hits := 0
		for _, what := range []string{h.canary, "acme-corp", string(sealed)} {
			if n := strings.Count(string(kept), what); n > 0 || finds(kept, what) {
				hits++
				at := strings.Index(string(kept), what)
				h.Errorf("%q is left %d times: …%q…", what, n, kept[max(0, at-60):min(len(kept), at+60)])
			}
		}
		if left, _ := remains(h.T, h.store, "acme-corp"); left != 0 {
			h.Errorf("%d are left", left)
		}
		if !finds(kept, "neighbour0815") {
			h.Error("the neighbour is gone too")
		}
		h.begin()
		if got := must(h, 200, "POST", h.api()+"/globex/connections/appspace/test", operatorKey, nil); got["ok"] != true {
			h.Errorf("the neighbour's connection: %v", got)
		}
		h.Logf("residual hits %d in %d bytes, of %d before", hits, len(kept), len(before))
	})
}

// dataKey is a tenant's data key, as it is stored.
func (h *household) dataKey(id string) []byte {
	h.Helper()
	c := config.Default()
	c.Data, c.MongoDBURI = h.data, h.mongo
	stores, err := gateway.OpenStores(h.Context(), &c)
	if err != nil {
		h.Fatal(err)
	}
	defer func() { _ = stores.Close() }()
	sealed, err := stores.Tenants.DataKey(h.Context(), tenant.ID(id))
	if err != nil {
		h.Fatalf("%s: %v", id, err)
	}
	return sealed
}
