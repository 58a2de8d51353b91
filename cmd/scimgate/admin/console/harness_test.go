package console

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/traffic"
	"scimgate/connectors"
	"scimgate/connectors/delivery"
	"scimgate/ratelimit"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/scim/value"
	"scimgate/tenant"
)

const operatorKey = "operator-key-of-the-tests"

// desk is a console on real stores, with two accounts: acme, which has one of
// everything, and globex.
type desk struct {
	testing.TB
	*Console
	stores  stores
	traffic *traffic.Counter
	url     string
	log     *strings.Builder
	ids     map[string]string // what is in acme, by what it is
}

func newDesk(tb testing.TB) *desk {
	tb.Helper()
	return newDeskOn(tb, openSQLite)
}

func newDeskOn(tb testing.TB, open func(testing.TB) stores) *desk {
	tb.Helper()
	d := &desk{TB: tb, log: new(strings.Builder), ids: map[string]string{}, stores: open(tb), traffic: traffic.New(true, nil)}
	keys, err := tenant.LoadKeys([]byte(tenant.GenerateKey()))
	d.must(err)
	tenants := d.stores.tenants
	d.Console = &Console{
		Service: &admin.Service{
			Tenants: tenants, Ledger: tenants, Passes: tenants, Notes: tenants, Directory: d.stores.resources, Keys: keys,
			Resolver: tenant.NewResolver(tenants, keys, time.Now),
			Open:     openNothing, Wake: func(tenant.ID) {},
			Log: slog.New(slog.DiscardHandler), Breakers: func(context.Context, tenant.ID) ([]delivery.ConnectionState, error) { return nil, nil },
		},
		Key: operatorKey, Limits: ratelimit.NewLocal(), Traffic: d.traffic, Log: slog.New(slog.NewTextHandler(d.log, nil)),
	}
	d.Service.Requests = func(ctx context.Context, t *tenant.Tenant) []server.Line { return d.traffic.Of(ctx, t.ID).Lines }
	d.serve()
	return d
}

// serve mounts the console as it is by then, and SCIM beside it.
func (d *desk) serve() {
	gin.SetMode(gin.ReleaseMode)
	engine := server.NewEngine()
	s := httptest.NewUnstartedServer(engine)
	d.url = "http://" + s.Listener.Addr().String()
	d.Service.PublicURL, d.Service.ConsoleURL = d.url, d.url+Prefix
	d.Mount(engine)
	scim := server.Server{Store: d.stores.resources, Accounts: d.Service.Resolver, PublicURL: d.url}
	scim.Mount(engine)
	s.Start()
	d.Cleanup(func() {
		d.Stop()
		s.Close()
		d.Service.Resolver.Wait()
	})
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// openNothing is a connector that says of every account that it is well.
func openNothing(context.Context, *tenant.Tenant, tenant.Connection) (connectors.Connector, error) {
	return wellConnector{}, nil
}

type wellConnector struct {
	connectors.Grouper
	connectors.Auditor
}

func (wellConnector) Check(context.Context) error { return nil }

// browser is a client with cookies, which follows no redirect.
type browser struct {
	*desk
	jar    *cookiejar.Jar
	client *http.Client
}

func (d *desk) browser() *browser {
	jar, err := cookiejar.New(nil)
	d.must(err)
	return &browser{d, jar, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a browser in which somebody is signed in.
func (d *desk) as(p *person) *browser {
	d.Helper()
	b := d.browser()
	if p != nil {
		secret, pass := tenant.NewPass(tenant.SessionPass, p.Tenant, now(), now().Add(sessionTime))
		d.must(d.seal(d.Context(), pass, *p))
		d.must(d.Service.Passes.SavePass(d.Context(), pass))
		b.setCookie(d.cookieName(), secret)
	}
	return b
}

func (b *browser) setCookie(name, text string) {
	u, _ := url.Parse(b.url)
	b.jar.SetCookies(u, []*http.Cookie{{Name: name, Value: text, Path: "/"}})
}

func (b *browser) cookie(name string) string {
	u, _ := url.Parse(b.url)
	for _, c := range b.jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// answered is what the console said.
type answered struct {
	status int
	header http.Header
	text   string
}

func (b *browser) get(path string) answered { return b.send("GET", path, nil, nil) }

func (b *browser) post(path string, form url.Values) answered { return b.send("POST", path, form, nil) }

// send makes a request below the prefix, as a browser does of a page of our own.
func (b *browser) send(method, path string, form url.Values, header map[string]string) answered {
	b.Helper()
	return b.transmit(method, path, strings.NewReader(form.Encode()), header)
}

func (b *browser) transmit(method, path string, body io.Reader, header map[string]string) answered {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, b.url+Prefix+path, body)
	b.must(err)
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, text := range header {
		req.Header.Set(name, text)
	}
	res, err := b.client.Do(req)
	b.must(err)
	defer func() { _ = res.Body.Close() }()
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") { // it would go on for minutes
		return answered{res.StatusCode, res.Header, ""}
	}
	text, err := io.ReadAll(res.Body)
	b.must(err)
	return answered{res.StatusCode, res.Header, string(text)}
}

// furnish makes acme with one of everything, each with the values given, and
// globex with nothing.
func (d *desk) furnish(hostile string) {
	d.Helper()
	ctx, s := d.Context(), d.Service
	for _, id := range []string{"acme", "globex"} {
		_, err := s.CreateTenant(ctx, admin.TenantInput{ID: id, DisplayName: hostile + id})
		d.must(err)
	}
	settings := map[string]any{"baseURL": "https://a.example/" + hostile, "token": "s3cret"}
	_, err := s.ChangeSettings(ctx, "acme", "appspace", "appspace", settings)
	d.must(err)
	minted, err := s.CreateToken(ctx, "acme", admin.TokenInput{Label: hostile + "token"})
	d.must(err)
	d.ids["key"] = minted.KeyID
	made, err := s.CreateCredential(ctx, "acme", admin.CredentialInput{Kind: tenant.ClientCredential, Label: hostile + "client"})
	d.must(err)
	d.ids["credential"], d.ids["ofClient"] = made.ID, made.Secrets[0].ID
	_, err = s.CreateAttribute(ctx, "acme", admin.AttributeInput{Property: "desk", DisplayName: hostile + "attribute", Type: "String"})
	d.must(err)
	d.rules(hostile)
	d.people(hostile)
	d.audit(hostile)
	invite, err := s.CreateInvite(ctx, "acme", admin.InviteInput{For: hostile + "invite"})
	d.must(err)
	d.ids["invite"], d.ids["secret"] = invite.ID, invite.URL[strings.LastIndex(invite.URL, "/")+1:]
	key, err := s.CreateKey(ctx, "acme", admin.KeyInput{Name: hostile + "key", Role: Support})
	d.must(err)
	anyKey, err := s.CreateOperatorKey(ctx, admin.OperatorKeyInput{Name: hostile + "key", Role: Support})
	d.must(err)
	d.ids["apiKey"], d.ids["anyKey"] = key.ID, anyKey.ID
	d.change(hostile)
	d.traffic.Tell("acme", server.Line{At: now(), Request: hostile + "request", Method: "POST", Route: "/Users", Status: http.StatusConflict, Class: "uniqueness"})
	d.must(s.Ledger.AddToLedger(ctx, "acme", []tenant.LedgerEntry{{Name: hostile, Count: 1, Path: hostile + "path"}}))
}

// change tells of one, with each value given.
func (d *desk) change(hostile string) {
	d.Helper()
	text := value.Append(nil, value.NewText(hostile+"value"))
	c := tenant.NewChange(now())
	c.Tenant, c.Actor = "acme", tenant.Principal{Kind: tenant.SessionPrincipal, ID: hostile + "id", Name: hostile + "who", Role: Operator}
	c.Operation, c.Resource, c.Status, c.Note = hostile+"what", hostile+"where", http.StatusOK, hostile+"note"
	c.Summary = hostile
	c.Differences = []tenant.Difference{{Path: hostile + "path", Before: text, After: text}}
	d.must(d.Service.TellOf(d.Context(), c))
}

// rules publishes some, and leaves a draft.
func (d *desk) rules(hostile string) {
	d.Helper()
	rules := value.Append(nil, value.NewText(hostile+"rule"))
	draft := []byte(`{"rules":[{"target":"title","type":"Constant","value":` + string(rules) + `}]}`)
	d.must(d.Service.PutDraft(d.Context(), "acme", draft))
	v, err := d.Service.Publish(d.Context(), "acme", admin.PublishInput{Author: hostile + "author"})
	d.must(err)
	d.ids["rev"] = strconv.FormatUint(v.Rev, 10)
	d.must(d.Service.PutDraft(d.Context(), "acme", draft))
}

// drift is what an audit finds.
type drift struct {
	found  []delivery.Finding
	chosen []delivery.Finding // that were adopted
	ready  chan struct{}      // closed: audits end
}

func (f *drift) Audit(_ context.Context, _ tenant.ID, _ string, progress func(delivery.AuditProgress)) (*delivery.AuditReport, error) {
	progress(delivery.AuditProgress{Stage: "account", Done: 1500, Total: 9800})
	<-f.ready
	r := &delivery.AuditReport{Tally: delivery.Tally{Stored: 9800, Held: 9801, Same: 9790}, Counts: map[delivery.FindingKind]int{}, Findings: f.found}
	for _, one := range f.found {
		r.Counts[one.Kind]++
	}
	return r, nil
}

func (f *drift) Adopt(_ context.Context, _ tenant.ID, _ string, chosen []delivery.Finding) (delivery.Adoption, error) {
	f.chosen = append(f.chosen, chosen...)
	return delivery.Adoption{Adopted: []string{chosen[0].ID}, Refused: []delivery.Refusal{{ID: "u9", Reason: "it is no conflict any more"}}}, nil
}

// audit makes an audit that has ended, with one finding of each kind.
func (d *desk) audit(hostile string) {
	d.Helper()
	found := &drift{ready: make(chan struct{})}
	ids := map[delivery.FindingKind]string{delivery.Missing: "u1", delivery.Different: "u2", delivery.Conflict: "u1", delivery.Match: "u3", delivery.Duplicate: "u4"}
	for _, kind := range findingKinds {
		found.found = append(found.found, delivery.Finding{Kind: kind, About: delivery.AboutUser, ID: ids[kind], RemoteID: hostile + "r1", UserName: hostile + "them", Paths: []string{hostile + "path"}})
	}
	close(found.ready)
	d.Service.Drift = found
	view, err := d.Service.StartAudit(d.Context(), "acme", "")
	d.must(err)
	for view.State == admin.AuditRunning {
		<-time.After(time.Millisecond)
		view, err = d.Service.Audit(d.Context(), "acme", view.ID, "", 0, 0)
		d.must(err)
	}
	d.ids["audit"] = view.ID
}

// people makes a user who is parked, and a group that has her.
func (d *desk) people(hostile string) {
	d.Helper()
	text := func(name, what string) value.Member {
		return value.Member{Name: name, Value: value.NewText(what)}
	}
	d.ids["user"], d.ids["group"] = "u1", "g1"
	user := scim.NewResource("User", "u1", value.NewObject(
		text("id", "u1"), text("userName", hostile+"ana@example.com"), text("displayName", hostile+"Ana"), text("title", hostile+"title"),
	))
	d.must(d.stores.resources.Create(d.Context(), "acme", user, []tenant.Slot{0}))
	d.must(d.stores.resources.AddToJournal(d.Context(), "acme", []directory.Entry{{
		At: now(), Ref: directory.Ref{Kind: "User", ID: "u1"}, Version: 1, Request: hostile + "request",
		Change: &scim.Note{Method: "PATCH", Status: 200, NoOp: true, Class: hostile, Steps: []scim.NotedOperation{{Op: "replace", Path: hostile + "path"}}, Tolerated: []scim.Leniency{"bareValue"}},
	}}))
	group := scim.NewResource("Group", "g1", value.NewObject(text("id", "g1"), text("displayName", hostile+"Group")))
	group.Members = &scim.MemberChange{Add: []string{"u1"}}
	d.must(d.stores.resources.Create(d.Context(), "acme", group, nil))
	at := now().Add(time.Minute)
	claim, err := d.stores.resources.Claim(d.Context(), "acme", 0, directory.Ref{Kind: "User", ID: "u1"},
		directory.Intent{ID: "i", Op: directory.Updating, QuietUntil: at}, at)
	d.must(err)
	failure := directory.Failure{Class: hostile, Status: 400, Reason: hostile + "reason", At: now()}
	d.must(d.stores.resources.Commit(d.Context(), claim, directory.Outcome{Park: &failure}))
}
