package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// fleet is several processes over one MongoDB, and Redis if asked.
type fleet struct {
	testing.TB
	flags   []string
	account *process
}

func newFleet(t *testing.T, withRedis bool) *fleet {
	t.Helper()
	dir := t.TempDir()
	f := &fleet{TB: t, flags: append(keys(t, dir),
		"--mongodb-uri", database(t), "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
		"--outbound.loopback", "--log-level", "warn")}
	if withRedis {
		f.flags = append(f.flags, "--redis-url", setting(t, "SCIMGATE_TEST_REDIS_URL"), "--replicas", "2")
	}
	f.account = start(t, "sandbox", "--listen", "127.0.0.1:0")
	return f
}

// run starts one process of the fleet.
func (f *fleet) run(role string, more ...string) *process {
	f.Helper()
	return start(f.TB, append(append([]string{"serve", "--role", role}, f.flags...), more...)...)
}

func setting(tb testing.TB, name string) string {
	tb.Helper()
	value := os.Getenv(name)
	if value == "" {
		tb.Skip(name + " is not set")
	}
	return value
}

// database is the URI of a database of the test's own.
func database(tb testing.TB) string {
	tb.Helper()
	uri, name := setting(tb, "SCIMGATE_TEST_MONGODB_URI"), "roles_test_"+uuid.NewString()[:8]
	tb.Cleanup(func() {
		ctx := context.WithoutCancel(tb.Context())
		client, err := mongo.Connect(options.Client().ApplyURI(uri).SetServerSelectionTimeout(5 * time.Second))
		if err == nil {
			_ = client.Database(name).Drop(ctx)
			_ = client.Disconnect(ctx)
		}
	})
	u, err := url.Parse(uri)
	if err != nil {
		tb.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func status(t *testing.T, method, to, token string) int {
	t.Helper()
	got, _ := call(t.Context(), method, to, token, nil)
	return got
}

func newUser(name string) map[string]any {
	return map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": name, "displayName": "1", "active": true,
		"emails": []any{map[string]any{"type": "work", "value": name, "primary": true}},
	}
}

// reaches waits until the account holds a user, and returns how long that took.
func (f *fleet) reaches(name string, within time.Duration) time.Duration {
	f.Helper()
	began := time.Now()
	find := f.account.text(f.TB, "sandboxURL") + "/Users?filter=" + url.QueryEscape(`userName eq "`+name+`"`)
	eventually(f.TB, within, name+" is at the account", func() bool {
		_, page := call(f.Context(), "GET", find, f.account.text(f.TB, "sandboxToken"), nil)
		n, _ := page["totalResults"].(float64)
		return n == 1
	})
	return time.Since(began)
}

// Two gateways and two deliverers over one MongoDB: what the one accepts the
// other delivers at once, and what is revoked here is refused there.
func TestRoles(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		f := newFleet(t, true)
		one, other := f.run("gateway"), f.run("gateway")
		deliverers := []*process{f.run("delivery"), f.run("delivery")}
		token := enroll(t, one, f.account)
		f.deliversAtOnce(t, one, token)
		eventually(t, 10*time.Second, "what the one answered the other tells of", func() bool {
			told := must(t, 200, "GET", other.text(t, "adminURL")+"/api/v1/tenants/acme/requests", operatorKey, nil)
			return len(told["items"].([]any)) >= 20
		})
		f.forgetsEverywhere(t, one, other, token)
		for _, d := range deliverers {
			base := d.text(t, "adminURL")
			for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/api/v1/tenants": 404, "/t/acme/identity/scim/Users": 404} {
				if got := status(t, http.MethodGet, base+path, operatorKey); got != want {
					t.Errorf("delivery, %s: %d, want %d", path, got, want)
				}
			}
		}
		for _, p := range append(deliverers, one, other) {
			if code := p.stop(t); code != 0 {
				t.Errorf("%v ended with %d: %s", p.cmd.Args[1:4], code, p.stderr)
			}
		}
	})
}

func (f *fleet) deliversAtOnce(t *testing.T, gateway *process, token string) {
	t.Helper()
	const users = 20
	var sum, longest time.Duration
	for i := range users {
		name := userName(i)
		must(t, 201, "POST", tenantURL(t, gateway)+"/Users", token, newUser(name))
		took := f.reaches(name, 10*time.Second)
		sum, longest = sum+took, max(longest, took)
	}
	t.Logf("accepted to delivered across processes: mean %v, longest %v", sum/users, longest)
	if sum/users > time.Second { // the sweeper alone would take 2.5 s
		t.Errorf("hints do not arrive: mean %v", sum/users)
	}
}

func (f *fleet) forgetsEverywhere(t *testing.T, here, there *process, token string) {
	t.Helper()
	users := tenantURL(t, there) + "/Users"
	if got := status(t, "GET", users, token); got != 200 {
		t.Fatalf("the other gateway answers %d", got)
	}
	api := here.text(t, "adminURL") + "/api/v1/tenants/acme/tokens"
	minted, _ := must(t, 200, "GET", api, operatorKey, nil)["items"].([]any)
	for _, m := range minted {
		must(t, 204, "DELETE", fmt.Sprintf("%s/%s", api, m.(map[string]any)["keyId"]), operatorKey, nil)
	}
	eventually(t, 5*time.Second, "what was revoked here is refused there", func() bool {
		return status(t, "GET", users, token) == 401
	})
}
