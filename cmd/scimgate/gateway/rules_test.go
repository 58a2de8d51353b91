package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/config"
	"scimgate/cmd/scimgate/gateway"
	"scimgate/connectors/sandbox"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

const (
	accountToken = "token-of-the-account"
	operatorKey  = "operator-key-of-the-tests"
)

// office is a whole gateway with one tenant, and its account.
type office struct {
	*testing.T
	*gateway.Gateway
	box *sandbox.Sandbox
	url string // of the account

	stop func() // ends the gateway, and waits
}

// onEach runs a test on each store; n is how many users fit.
func onEach(t *testing.T, test func(o *office, n int)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(openOffice(t, ""), crowd) })
	t.Run("mongo", func(t *testing.T) {
		const variable = "SCIMGATE_TEST_MONGODB_URI"
		uri := os.Getenv(variable)
		if uri == "" {
			t.Skip(variable + " is not set") // .ci/run sets it, and .ci/report takes a skip for a failure
		}
		test(openOffice(t, strings.TrimRight(uri, "/")+"/gateway_test_"+uuid.NewString()[:8]), crowd/50)
	})
}

func openOffice(t *testing.T, mongo string) *office {
	t.Helper()
	return openOfficeWith(t, slog.New(slog.DiscardHandler), func(c *config.Config) { c.MongoDBURI = mongo })
}

// openOfficeWith lets change set up what is special.
func openOfficeWith(t *testing.T, log *slog.Logger, change func(*config.Config)) *office {
	t.Helper()
	o := &office{T: t}
	box, err := sandbox.New(t.Context(), sandbox.Config{Token: accountToken, PublicURL: "http://account.test"})
	o.must(err)
	account := httptest.NewServer(box.Handler())
	o.box, o.url = box, account.URL+sandbox.Prefix
	c := config.Default()
	c.Listen, c.AdminListen, c.Data = "127.0.0.1:0", "127.0.0.1:0", config.InMemory
	c.Outbound = config.Outbound{Hosts: []string{"127.0.0.1"}, Loopback: true}
	change(&c)
	secrets := config.Secrets{Keys: []byte(tenant.GenerateKey()), AdminKey: operatorKey}
	o.Gateway, err = gateway.Open(t.Context(), &c, secrets, log)
	o.must(err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- o.Gateway.Run(ctx) }()
	o.stop = sync.OnceFunc(func() {
		stop()
		o.must(<-ended)
	})
	t.Cleanup(func() {
		o.stop()
		account.Close()
		o.must(box.Close())
	})
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

// connect makes the tenant and its connection.
func (o *office) connect() {
	o.Helper()
	_, err := o.Admin.CreateTenant(o.Context(), admin.TenantInput{ID: "acme"})
	o.must(err)
	settings, err := json.Marshal(map[string]string{"baseURL": o.url, "token": accountToken})
	o.must(err)
	_, err = o.Admin.PutConnection(o.Context(), "acme", "appspace", admin.ConnectionInput{Kind: "appspace", Settings: settings})
	o.must(err)
}

// hire stores n users: every seventh is a clerk, and every hundredth has no
// nickname. Four write at a time.
func (o *office) hire(n int) {
	o.Helper()
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := w; i < n; i += 4 {
				if err := o.Stores.Directory.Create(o.Context(), "acme", employee(i), []tenant.Slot{0}); err != nil {
					o.Error(err)
				}
			}
		})
	}
	writers.Wait()
	o.Admin.Wake("acme")
}

func employee(i int) *scim.Resource {
	text := func(name, v string) value.Member { return value.Member{Name: name, Value: value.NewText(v)} }
	title, id := "Chef", fmt.Sprintf("id%05d", i)
	if i%7 == 0 {
		title = "Clerk"
	}
	members := []value.Member{
		text("id", id), text("externalId", "x"+id), text("userName", fmt.Sprintf("u%05d@example.com", i)),
		{Name: "active", Value: value.Truth(true)},
		text("title", title), text("displayName", fmt.Sprint("User ", i)),
	}
	if i%100 != 99 {
		members = append(members, text("nickName", "Nick"))
	}
	return scim.NewResource("User", id, value.NewObject(members...))
}

// settle waits until nothing is owed to the account but what is parked.
func (o *office) settle(what string) {
	o.Helper()
	deadline := time.Now().Add(4 * time.Minute)
	for o.owed() {
		if time.Now().After(deadline) {
			o.Fatalf("still not: %s", what)
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (o *office) owed() bool {
	t, err := o.Stores.Tenants.Tenant(o.Context(), "acme")
	o.must(err)
	if t.Connections[0].ResyncDue(time.Now()) {
		return true
	}
	due, err := o.Stores.Directory.Deliveries(o.Context(), "acme", 0, directory.Due, 1)
	o.must(err)
	return len(due) > 0
}

// publish drafts rules and puts them in force.
func (o *office) publish(rules string) {
	o.Helper()
	o.must(o.Admin.PutDraft(o.Context(), "acme", json.RawMessage(rules)))
	_, err := o.Admin.Publish(o.Context(), "acme", admin.PublishInput{Author: "Kim"})
	o.must(err)
}

// holding is how many users of the account have a title.
func (o *office) holding(title string) (n int) {
	o.Helper()
	req, err := http.NewRequestWithContext(o.Context(), http.MethodGet, o.url+"/Users?count=0&filter=title+eq+%22"+title+"%22", nil)
	o.must(err)
	req.Header.Set("Authorization", "Bearer "+accountToken)
	res, err := http.DefaultClient.Do(req)
	o.must(err)
	defer func() { _ = res.Body.Close() }()
	var list struct{ TotalResults int }
	o.must(json.NewDecoder(res.Body).Decode(&list))
	return list.TotalResults
}

const (
	asItIs = `{"rules":[{"target":"externalId","type":"Direct","source":"externalId"},{"target":"displayName","type":"Direct","source":"displayName"},
		{"target":"title","type":"Direct","source":"title"},{"target":"nickName","type":"Direct","source":"nickName"}]}`
	// promoted says the same in another order, but for clerks, and fails for whoever
	// has no nickname.
	promoted = `{"rules":[{"target":"nickName","type":"Direct","source":"nickName","required":true},
		{"target":"title","type":"Expression","expression":"Switch([title], [title], \"Clerk\", \"Staff\")"},
		{"target":"displayName","type":"Direct","source":"displayName"},{"target":"externalId","type":"Direct","source":"externalId"}]}`
)

// What a preview of the whole tenant counts is exactly what is then sent.
func TestPreviewIsWhatIsSent(t *testing.T) {
	onEach(t, func(o *office, n int) {
		o.connect()
		o.publish(asItIs)
		o.hire(n)
		o.settle("everybody is in the account")
		before := o.box.Counters().Taken["Users"]
		if before.Created != n {
			o.Fatalf("the account has taken %+v", before)
		}
		o.sendsWhatIsPreviewed(o.previewed(n), before)
	})
}

// previewed drafts the promotion, and previews it without sending anything.
func (o *office) previewed(n int) *admin.Preview {
	o.Helper()
	before := o.box.Counters()
	o.must(o.Admin.PutDraft(o.Context(), "acme", json.RawMessage(promoted)))
	began := time.Now()
	p, err := o.Admin.Preview(o.Context(), "acme", admin.PreviewInput{}, nil)
	took := time.Since(began)
	o.must(err)
	o.Logf("%d of %d users would change, %d would fail: found in %v", p.Changed, p.Users, p.Failed, took)
	if took > patience*3*time.Second {
		o.Errorf("the preview took %v", took)
	}
	if p.Users != n || p.Failed != n/100 || p.FailedAlready != 0 || p.Changed < n/7-n/100 || p.Changed > n/7+1 {
		o.Errorf("the preview is %d users, %d changed, %d failed, %d already", p.Users, p.Changed, p.Failed, p.FailedAlready)
	}
	if now := o.box.Counters(); !maps.Equal(now.Requests, before.Requests) {
		o.Errorf("the preview asked the account: %+v, before %+v", now, before)
	}
	return p
}

// sendsWhatIsPreviewed publishes, and compares what the account took.
func (o *office) sendsWhatIsPreviewed(p *admin.Preview, before sandbox.Taken) {
	o.Helper()
	_, err := o.Admin.Publish(o.Context(), "acme", admin.PublishInput{})
	o.must(err)
	o.settle("everybody is projected anew")
	after := o.box.Counters().Taken["Users"]
	if sent := after.Changed - before.Changed; sent != p.Changed || after.Created != before.Created || after.Deleted != before.Deleted || after.Refused != before.Refused {
		o.Errorf("sent %d users, the preview said %d: %+v", sent, p.Changed, after)
	}
	if n := o.holding("Staff"); n != p.Changed {
		o.Errorf("%d users of the account are staff, want %d", n, p.Changed)
	}
	parked, err := o.Stores.Directory.Deliveries(o.Context(), "acme", 0, directory.Parked, 100)
	o.must(err)
	if len(parked) != p.Failed {
		o.Errorf("%d users are parked, the preview said %d", len(parked), p.Failed)
	}
}
