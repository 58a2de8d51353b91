package moving

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

func newSQLite(t *testing.T) Stores {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scimgate.db")
	tenants, err := tenant.OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	resources, err := directory.OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = resources.Close(), tenants.Close() })
	return Stores{Tenants: tenants, Ledger: tenants, Directory: resources}
}

func newMongo(t *testing.T) Stores {
	t.Helper()
	uri := os.Getenv("SCIMGATE_TEST_MONGODB_URI")
	if uri == "" {
		t.Skip("SCIMGATE_TEST_MONGODB_URI is not set") // .ci/run sets it, and .ci/report takes a skip for a failure
	}
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	db := client.Database("moving_test_" + uuid.NewString()[:8])
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_, _ = db.Drop(ctx), client.Disconnect(ctx)
	})
	tenants, err := tenant.OpenMongo(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	resources, err := directory.OpenMongo(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return Stores{Tenants: tenants, Ledger: tenants, Directory: resources}
}

// stores are the kinds of store, by name. Each test moves from each into each.
var stores = map[string]func(*testing.T) Stores{"sqlite": newSQLite, "mongo": newMongo}

func eachWay(t *testing.T, test func(t *testing.T, from, to Stores)) {
	t.Helper()
	for a, from := range stores {
		for b, to := range stores {
			t.Run(a+"-"+b, func(t *testing.T) { test(t, from(t), to(t)) })
		}
	}
}

const acme = tenant.ID("acme")

// furnish makes a tenant with all that there may be.
func furnish(t *testing.T, s Stores) {
	t.Helper()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	check(t, s.Tenants.CreateTenant(t.Context(), &tenant.Tenant{
		ID: acme, DisplayName: "Acme & Söhne", Created: at, RulesRev: 2,
		Connections: []tenant.Connection{{ID: "appspace", Kind: "appspace", Sealed: []byte("sealed"), Groups: true}},
		Attributes:  []tenant.Attribute{{Property: "costCenter", Type: "Integer"}},
	}))
	check(t, s.Tenants.SaveRules(t.Context(), acme, tenant.RulesVersion{Rev: 2, Rules: []byte(`{"rules":[]}`), Author: "x", Published: at}))
	check(t, s.Tenants.CreateToken(t.Context(), &tenant.Token{Tenant: acme, KeyID: "k1", Hash: []byte{1, 2}, Created: at, Expires: at.AddDate(1, 0, 0)}))
	check(t, s.Ledger.AddToLedger(t.Context(), acme, []tenant.LedgerEntry{{Name: "booleanAsString", Count: 3, First: at, Last: at}}))
	members := &scim.MemberChange{}
	for i := range 250 {
		id := fmt.Sprintf("u%04d", i)
		user(t, s, id, fmt.Sprintf(`,"displayName":"<b>&\u2028 \"%d\"","urn:x:1.0:User":{"$ref.a":12345678901234567890.10}`, i))
		members.Add = append(members.Add, id)
	}
	group := scim.StoredResource("Group", "g1", 0, []byte(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"g1","displayName":"All"}`))
	group.Members = members
	check(t, s.Directory.Create(t.Context(), acme, group, []tenant.Slot{0}))
	deliver(t, s, "u0001", "at-the-account")
}

func user(t *testing.T, s Stores, id, more string) {
	t.Helper()
	body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":%q,"userName":"%s@example.com"%s}`, id, id, more)
	check(t, s.Directory.Create(t.Context(), acme, scim.StoredResource("User", id, 0, []byte(body)), []tenant.Slot{0}))
}

// deliver has the account know a user.
func deliver(t *testing.T, s Stores, id, remote string) {
	t.Helper()
	c, err := s.Directory.Claim(t.Context(), acme, 0, directory.Ref{Kind: "User", ID: id}, directory.Intent{ID: "i", Op: directory.Creating}, time.Now().Add(time.Second))
	check(t, err)
	check(t, s.Directory.Commit(t.Context(), c, directory.Outcome{Done: &directory.Done{RemoteID: remote, Name: id}}))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func quiet(int) {}

// anyKey has made everything, otherKey nothing.
type (
	anyKey   struct{}
	otherKey struct{}
)

func (anyKey) Sealed([]byte) bool   { return true }
func (anyKey) Hashed([]byte) bool   { return true }
func (otherKey) Sealed([]byte) bool { return false }
func (otherKey) Hashed([]byte) bool { return false }

func exported(t *testing.T, s Stores, secrets bool) []byte {
	t.Helper()
	var file bytes.Buffer
	_, _, err := Export(t.Context(), s, acme, &file, secrets, quiet)
	check(t, err)
	return file.Bytes()
}

func TestATenantMovesWhole(t *testing.T) {
	eachWay(t, func(t *testing.T, from, to Stores) {
		furnish(t, from)
		file := exported(t, from, true)
		_, summary, err := Import(t.Context(), to, anyKey{}, bytes.NewReader(file), quiet)
		check(t, err)
		if summary.Users != 250 || summary.Groups != 1 || summary.Members != 250 {
			t.Errorf("moved %+v", summary)
		}
		was, err := from.Directory.Get(t.Context(), acme, directory.Ref{Kind: "User", ID: "u0007"})
		check(t, err)
		is, err := to.Directory.Get(t.Context(), acme, directory.Ref{Kind: "User", ID: "u0007"})
		check(t, err)
		if string(was.Body()) != string(is.Body()) {
			t.Errorf("was %s\nis  %s", was.Body(), is.Body())
		}
		tenantIsThere(t, to)
		if again := exported(t, to, true); body(again) != body(file) {
			t.Error("exported again it is another")
		}
	})
}

// body is a file without the lines that tell when it was made.
func body(file []byte) string {
	lines := strings.SplitAfter(string(file), "\n")
	kept := map[string]int{}
	for _, l := range lines[1:] {
		if !strings.HasPrefix(l, `{"end"`) && !strings.HasPrefix(l, `{"tenant"`) {
			kept[l]++
		}
	}
	return fmt.Sprint(kept)
}

func tenantIsThere(t *testing.T, s Stores) {
	t.Helper()
	got, err := s.Tenants.Tenant(t.Context(), acme)
	check(t, err)
	if got.Settings.Paused || got.Connections[0].Paused || string(got.Connections[0].Sealed) != "sealed" || len(got.Attributes) != 1 {
		t.Errorf("the tenant is %+v", got)
	}
	tokens, err := s.Tenants.Tokens(t.Context(), acme)
	check(t, err)
	versions, err := s.Tenants.RulesVersions(t.Context(), acme)
	check(t, err)
	ledger, err := s.Ledger.Ledger(t.Context(), acme)
	check(t, err)
	if len(tokens) != 1 || len(versions) != 1 || len(ledger) != 1 || ledger[0].Count != 3 {
		t.Errorf("%d tokens, %d versions, ledger %v", len(tokens), len(versions), ledger)
	}
	item, err := s.Directory.Delivery(t.Context(), acme, 0, directory.Ref{Kind: "User", ID: "u0001"})
	check(t, err)
	if item.Delivery.RemoteID != "at-the-account" || item.Delivery.State != directory.Due {
		t.Errorf("what the account knows: %+v", item.Delivery)
	}
}

func TestWithoutSecretsNothingOpens(t *testing.T) {
	eachWay(t, func(t *testing.T, from, to Stores) {
		furnish(t, from)
		file := exported(t, from, false)
		_, _, err := Import(t.Context(), to, anyKey{}, bytes.NewReader(file), quiet)
		check(t, err)
		got, err := to.Tenants.Tenant(t.Context(), acme)
		check(t, err)
		tokens, err := to.Tenants.Tokens(t.Context(), acme)
		check(t, err)
		if c := got.Connections[0]; !c.Paused || len(c.Sealed) > 0 || len(tokens) > 0 || bytes.Contains(file, []byte("k1")) {
			t.Errorf("%d tokens, connection %+v", len(tokens), c)
		}
	})
}

// TestABadFileLeavesNothing tries files that are cut, changed, or somebody else's.
func TestABadFileLeavesNothing(t *testing.T) {
	from := newSQLite(t)
	furnish(t, from)
	file := exported(t, from, true)
	twice := bytes.Replace(file, []byte(`"u0001@example.com"`), []byte(`"u0002@example.com"`), 1)
	bad := map[string][]byte{
		"empty":      nil,
		"cut":        file[:len(file)/2],
		"cut at end": file[:bytes.LastIndexByte(file[:len(file)-1], '\n')+1],
		"changed":    twice,
		"longer":     append(bytes.Clone(file), "x\n"...),
		"later":      bytes.Replace(file, []byte(`"format":1`), []byte(`"format":2`), 1),
		"no export":  []byte("userName,displayName\n"),
		"forged":     forged(t, twice), // two users of one name, with a checksum that holds
	}
	for name, text := range bad {
		t.Run(name, func(t *testing.T) {
			to := newSQLite(t)
			if _, _, err := Import(t.Context(), to, anyKey{}, bytes.NewReader(text), quiet); err == nil {
				t.Fatal("it is taken")
			}
			if _, err := to.Tenants.Tenant(t.Context(), acme); !errors.Is(err, tenant.ErrNotFound) {
				t.Errorf("the tenant is there: %v", err)
			}
			page, err := to.Directory.List(t.Context(), acme, directory.Query{Kind: "User", StartIndex: 1})
			check(t, err)
			if page.Total != 0 {
				t.Errorf("%d users are left", page.Total)
			}
		})
	}
}

// forged gives a file the checksum of what it holds.
func forged(t *testing.T, file []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := newWriter(&out)
	_, end, _ := read(bytes.NewReader(file), w.write)
	check(t, w.end(end))
	return out.Bytes()
}

func TestATenantThatIsThereIsNotTouched(t *testing.T) {
	eachWay(t, func(t *testing.T, from, to Stores) {
		furnish(t, from)
		check(t, to.Tenants.CreateTenant(t.Context(), &tenant.Tenant{ID: acme, DisplayName: "Other"}))
		if _, _, err := Import(t.Context(), to, anyKey{}, bytes.NewReader(exported(t, from, true)), quiet); !errors.Is(err, tenant.ErrExists) {
			t.Errorf("got %v", err)
		}
		if got, err := to.Tenants.Tenant(t.Context(), acme); err != nil || got.DisplayName != "Other" {
			t.Errorf("it is %+v, %v", got, err)
		}
	})
}

// Credentials that would open nothing are refused before anything is made; without
// them the file is taken.
func TestCredentialsOfAnotherKey(t *testing.T) {
	eachWay(t, func(t *testing.T, from, to Stores) {
		furnish(t, from)
		if _, _, err := Import(t.Context(), to, otherKey{}, bytes.NewReader(exported(t, from, true)), quiet); !errors.Is(err, ErrKeys) {
			t.Fatalf("got %v", err)
		}
		if _, err := to.Tenants.Tenant(t.Context(), acme); !errors.Is(err, tenant.ErrNotFound) {
			t.Errorf("the tenant is there: %v", err)
		}
		_, _, err := Import(t.Context(), to, otherKey{}, bytes.NewReader(exported(t, from, false)), quiet)
		check(t, err)
	})
}

// An export is told of, with what was in it.
func TestAnExportIsTold(t *testing.T) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			furnish(t, s)
			exported(t, s, true)
			if _, _, err := Export(t.Context(), s, acme, failing{}, false, quiet); err == nil {
				t.Error("nothing failed")
			}
			told, err := s.Tenants.Changes(t.Context(), tenant.ChangeQuery{Tenant: acme, Limit: 10})
			check(t, err)
			if len(told) != 2 || told[0].Status != 503 || told[0].Summary != "Export a tenant" ||
				told[1].Status != 200 || told[1].Summary != "Export a tenant with its credentials" || told[1].Note != "250 users, 1 groups, 250 members" || told[1].Actor.String() != "cli" {
				t.Errorf("told: %+v", told)
			}
		})
	}
}

// failing is a disk that is full.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestDeletionsThatAreOwedAreTold(t *testing.T) {
	s := newSQLite(t)
	furnish(t, s)
	check(t, s.Directory.Delete(t.Context(), acme, directory.Ref{Kind: "User", ID: "u0001"}, []tenant.Slot{0}, nil))
	_, owed, err := Export(t.Context(), s, acme, &bytes.Buffer{}, false, quiet)
	if err != nil || owed != 1 {
		t.Errorf("%d are told, %v", owed, err)
	}
}

// An import is told among the tenant's changes; one that failed stays told where there
// is no tenant.
func TestAnImportIsTold(t *testing.T) {
	eachWay(t, func(t *testing.T, from, to Stores) {
		furnish(t, from)
		file := exported(t, from, true)
		_, _, err := Import(t.Context(), to, anyKey{}, bytes.NewReader(file), quiet)
		check(t, err)
		if _, _, err := Import(t.Context(), to, anyKey{}, bytes.NewReader(file), quiet); !errors.Is(err, tenant.ErrExists) {
			t.Fatalf("twice: %v", err)
		}
		all, err := to.Tenants.Changes(t.Context(), tenant.ChangeQuery{Limit: 10})
		check(t, err)
		if len(all) != 2 || all[0].Status != 409 || all[0].Tenant != "" {
			t.Fatalf("told: %+v", all)
		}
		c := all[1]
		if c.Tenant != acme || c.Status != 201 || c.Actor.String() != "cli" || c.Operation != "import-tenant" || c.Note != "250 users, 1 groups, 250 members" {
			t.Errorf("told: %+v", c)
		}
	})
}

// ourKey has made what begins with o.
type ourKey struct{}

func (ourKey) Sealed(sealed []byte) bool { return sealed[0] == 'o' }
func (ourKey) Hashed(hash []byte) bool   { return hash[0] == 'o' }

// Each credential of a file is looked at.
func TestEachCredentialIsLookedAt(t *testing.T) {
	with := func(c tenant.Connection) line {
		return line{Tenant: &tenant.Tenant{Connections: []tenant.Connection{c}}}
	}
	byData := []byte{2, 'x'}
	if !tenant.ByDataKey(byData) {
		t.Fatal("this is no longer how a data key seals")
	}
	for name, c := range map[string]struct {
		lines []line
		opens bool
	}{
		"none":                      {nil, true},
		"ours":                      {[]line{{DataKey: []byte("o")}, {Token: &tokenLine{Hash: []byte("o")}}, with(tenant.Connection{Sealed: []byte("o"), Next: byData})}, true},
		"a token":                   {[]line{{Token: &tokenLine{Hash: []byte("x")}}}, false},
		"a data key":                {[]line{{DataKey: []byte("x")}}, false},
		"settings":                  {[]line{with(tenant.Connection{Sealed: []byte("x")})}, false},
		"settings to come":          {[]line{with(tenant.Connection{Next: []byte("x")})}, false},
		"settings, without the key": {[]line{with(tenant.Connection{Sealed: byData})}, false},
	} {
		looked := credentials{keys: ourKey{}}
		for _, l := range c.lines {
			check(t, looked.look(l))
		}
		if err := looked.open(); (err == nil) != c.opens {
			t.Errorf("%s: %v", name, err)
		}
	}
}
