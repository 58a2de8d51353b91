package alerts

import (
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/traffic"
	"scimgate/connectors"
	"scimgate/connectors/delivery"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// desk is a Watch over real stores, whose receiver keeps what it is sent.
type desk struct {
	testing.TB
	*Watch
	tenants   *tenant.SQLite
	resources *directory.SQLite
	traffic   *traffic.Counter
	clock     time.Time
	sent      []Message
	refuse    bool
	log       *strings.Builder
	states    []delivery.ConnectionState
}

func newDesk(tb testing.TB) *desk {
	tb.Helper()
	d := &desk{TB: tb, clock: noon, log: new(strings.Builder)}
	var err error
	d.tenants, err = tenant.OpenSQLite(tb.Context(), ":memory:")
	d.must(err)
	d.resources, err = directory.OpenSQLite(tb.Context(), ":memory:")
	d.must(err)
	keys, err := tenant.LoadKeys([]byte(tenant.GenerateKey()))
	d.must(err)
	now := func() time.Time { return d.clock }
	d.traffic = traffic.New(true, now)
	service := &admin.Service{
		Tenants: d.tenants, Directory: d.resources, Keys: keys, Resolver: tenant.NewResolver(d.tenants, keys, now),
		Breakers: func(context.Context, tenant.ID) ([]delivery.ConnectionState, error) { return d.states, nil }, Wake: func(tenant.ID) {},
		Open: func(context.Context, *tenant.Tenant, tenant.Connection) (connectors.Connector, error) {
			return nil, errors.New("not here")
		},
		ConsoleURL: "https://scim.example.com/console",
	}
	receiver := httptest.NewServer(http.HandlerFunc(d.receive))
	client := connectors.NewClient(connectors.Guard{Loopback: true})
	d.Watch = &Watch{
		Service: service, Now: now, Log: slog.New(slog.NewTextHandler(d.log, nil)),
		Send: Webhook(client, receiver.URL, "s3cret"), Tallies: d.tenants, Traffic: d.traffic,
	}
	tb.Cleanup(func() {
		client.CloseIdleConnections()
		receiver.Close()
		d.must(errors.Join(d.tenants.Close(), d.resources.Close()))
	})
	d.must(d.tenants.CreateTenant(tb.Context(), &tenant.Tenant{
		ID: "acme", Created: noon, Connections: []tenant.Connection{{ID: "appspace", Kind: "appspace"}},
	}))
	return d
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

// receive is a receiver as SignatureHeader tells one to be.
func (d *desk) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var m Message
	if err != nil || json.Unmarshal(body, &m) != nil {
		d.Errorf("a message cannot be read: %s", body)
	}
	if !hmac.Equal([]byte(r.Header.Get(SignatureHeader)), []byte(signature("s3cret", m.At.Unix(), body))) {
		d.Errorf("the signature is %q", r.Header.Get(SignatureHeader))
	}
	if d.refuse {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	d.sent = append(d.sent, m)
}

// looks returns what one look told: "raised kind subject".
func (d *desk) looks() []string {
	d.Helper()
	d.sent = nil
	d.Look(d.Context())
	var all []string
	for _, m := range d.sent {
		if m.Tenant != "acme" || !strings.HasPrefix(m.URL, "https://scim.example.com/console/accounts/acme/") || m.Text == "" || m.At.IsZero() {
			d.Errorf("message %+v", m)
		}
		all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s", m.State, m.Alert, m.Subject)))
	}
	return all
}

func (d *desk) want(what string, want ...string) {
	d.Helper()
	if got := d.looks(); !reflect.DeepEqual(got, want) {
		d.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func (d *desk) token(expires, used time.Time) string {
	d.Helper()
	_, token := tenant.NewToken(d.Service.Keys, "acme", "", expires, noon)
	token.LastUsed = used
	d.must(d.tenants.CreateToken(d.Context(), token))
	return token.KeyID
}

// A token in use is told of once at each step, and its replacement clears it.
func TestATokenAboutToExpire(t *testing.T) {
	d := newDesk(t)
	id := d.token(noon.AddDate(0, 0, 45), noon)
	d.token(noon.AddDate(0, 0, 5), time.Time{}) // nobody uses it
	d.want("45 days left", "raised credential-expiring "+id)
	d.want("told already")
	d.clock = noon.AddDate(0, 0, 16)
	d.must(d.tenants.TouchToken(t.Context(), "acme", id, d.clock))
	d.want("29 days left", "raised credential-expiring "+id)
	_, err := d.tenants.UpdateToken(t.Context(), "acme", id, func(t *tenant.Token) error { t.Expires = noon.AddDate(2, 0, 0); return nil })
	d.must(err)
	d.want("extended", "cleared credential-expiring "+id)
	d.want("nothing more")
}

func TestSilence(t *testing.T) {
	d := newDesk(t)
	d.want("never used, never missed")
	id := d.token(noon.AddDate(1, 0, 0), noon)
	d.clock = noon.Add(119 * time.Minute)
	d.want("two cycles")
	d.clock = noon.Add(2 * time.Hour)
	d.want("three cycles", "raised silent")
	d.must(d.tenants.TouchToken(t.Context(), "acme", id, d.clock))
	d.want("here again", "cleared silent")
}

func TestAnOpenBreaker(t *testing.T) {
	d := newDesk(t)
	d.states = []delivery.ConnectionState{{Connection: "appspace", State: delivery.BreakerOpen, Cause: delivery.CauseAuth}}
	d.want("open", "raised breaker-open appspace")
	d.states[0].State = delivery.BreakerHalfOpen
	d.want("tried")
	d.states[0].State = delivery.BreakerClosed
	d.want("closed", "cleared breaker-open appspace")
}

func (d *desk) user() directory.Ref {
	d.Helper()
	r := scim.NewResource("User", "u1", value.NewObject(
		value.Member{Name: "id", Value: value.NewText("u1")}, value.Member{Name: "userName", Value: value.NewText("canary@example.com")}))
	d.must(d.resources.Create(d.Context(), "acme", r, []tenant.Slot{0}))
	return directory.Ref{Kind: "User", ID: "u1"}
}

func TestParkedDocuments(t *testing.T) {
	d := newDesk(t)
	ref := d.user()
	at := time.Now().Add(time.Minute)
	claim, err := d.resources.Claim(t.Context(), "acme", 0, ref, directory.Intent{ID: "i", Op: directory.Updating, QuietUntil: at}, at)
	d.must(err)
	d.must(d.resources.Commit(t.Context(), claim, directory.Outcome{Park: &directory.Failure{Class: "rejected", Reason: "canary@example.com is odd", At: at}}))
	d.want("parked", "raised parked appspace")
	if all := fmt.Sprint(d.sent, d.log); strings.Contains(all, "canary") {
		t.Errorf("somebody is named: %s", all)
	}
	d.must(d.resources.Erase(t.Context(), "acme"))
	d.want("gone", "cleared parked appspace")
}

// answers has a process answer so often.
func answers(c *traffic.Counter, n, status int) {
	for range n {
		c.Proved("acme", status)
	}
}

// Failures near Entra's quarantine, counted over the last cycle: of every answer, also
// to what only reads and to what never reached the journal, and of all processes.
func TestNearQuarantine(t *testing.T) {
	d := newDesk(t)
	other := &Watch{Service: d.Service, Tallies: d.tenants, Traffic: traffic.New(true, d.Now), Now: d.Now, Log: d.Watch.Log}
	answers(d.traffic, 1400, 400)
	answers(d.traffic, 2000, 200)
	d.want("not yet")
	d.clock = noon.Add(10 * time.Minute)
	answers(d.traffic, 700, 429)
	answers(other.Traffic.(*traffic.Counter), 700, 503)
	d.want("the other process has not told yet")
	other.Look(t.Context())
	d.want("2,800 of 4,800", "raised quarantine-near")
	d.clock = noon.Add(55 * time.Minute)
	d.want("within the cycle no more", "cleared quarantine-near")
}

// Many failures among far more that went well are none.
func TestFewAmongMany(t *testing.T) {
	d := newDesk(t)
	answers(d.traffic, 2600, 400)
	answers(d.traffic, 8000, 200)
	d.want("a quarter")
}

// The tenant's silence is told also where the credential that was used is gone, and
// whatever is sent ends it.
func TestSilenceWithoutItsCredential(t *testing.T) {
	d := newDesk(t)
	answers(d.traffic, 1, 200)
	d.want("just now")
	d.clock = noon.Add(2 * time.Hour)
	d.want("three cycles", "raised silent")
	answers(d.traffic, 1, 404)
	d.want("here again", "cleared silent")
}

// What a store cannot take is counted later.
func TestWhatCannotBeCountedIsCountedLater(t *testing.T) {
	d := newDesk(t)
	stuck := &stuckTallies{Tallies: d.tenants, stuck: true}
	d.Tallies = stuck
	answers(d.traffic, 3000, 500)
	d.Look(t.Context())
	stuck.stuck = false
	d.want("later", "raised quarantine-near")
}

// A store that hangs does not keep the process from ending, however many tenants
// there are, and is told of once.
func TestTheEndDoesNotWaitForAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(strings.Builder)
		w := &Watch{Tallies: hangingTallies{}, Traffic: traffic.New(true, nil), Log: slog.New(slog.NewTextHandler(log, nil))}
		for i := range 100 {
			w.Traffic.(*traffic.Counter).Proved(tenant.ID(fmt.Sprint("t", i)), 200)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		began := time.Now()
		w.Run(ctx)
		if took := time.Since(began); took > bringTime {
			t.Errorf("it took %v", took)
		}
		if n := strings.Count(log.String(), "counted later"); n != 1 {
			t.Errorf("told %d times", n)
		}
		if n := len(w.Traffic.Take()); n != 100 {
			t.Errorf("%d tenants are left to be counted", n)
		}
	})
}

type hangingTallies struct{ tenant.Tallies }

func (hangingTallies) AddToTally(ctx context.Context, _ tenant.ID, _ tenant.Tallied, _ time.Time) error {
	<-ctx.Done()
	return ctx.Err()
}

type stuckTallies struct {
	tenant.Tallies
	stuck bool
}

func (s *stuckTallies) AddToTally(ctx context.Context, id tenant.ID, more tenant.Tallied, last time.Time) error {
	if s.stuck {
		return errors.New("disk on fire")
	}
	return s.Tallies.AddToTally(ctx, id, more, last)
}

// What the receiver does not take is sent again.
func TestAnAlertIsNotLost(t *testing.T) {
	d := newDesk(t)
	d.states = []delivery.ConnectionState{{Connection: "appspace", State: delivery.BreakerOpen}}
	d.refuse = true
	d.want("refused")
	d.refuse = false
	d.want("again", "raised breaker-open appspace")
	d.refuse, d.states = true, nil
	d.want("the clearing is refused")
	d.refuse = false
	d.want("and sent again", "cleared breaker-open appspace")
}

// A store that cannot be asked clears nothing, and the stores are looked at by one
// process alone.
func TestWhoLooks(t *testing.T) {
	d := newDesk(t)
	id := d.token(noon.AddDate(0, 0, 45), noon)
	d.Leases, d.Owner = d.tenants, "one"
	other := *d.Watch
	other.Owner, other.told, other.Send = "two", nil, func(context.Context, Message) error { t.Error("told twice"); return nil }
	d.want("the first", "raised credential-expiring "+id)
	other.Look(t.Context())
	d.must(d.resources.Close())
	d.must(d.tenants.RevokeToken(t.Context(), "acme", id))
	d.want("half of it cannot be looked at")
}
