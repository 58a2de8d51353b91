package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim/directory"
)

// asking sends a request under an id of the client's, as Entra does, and returns
// the id of the resource, if there is one.
func asking(t *testing.T, status int, request, method, url, token, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/scim+json")
	req.Header.Set("Client-Request-Id", request)
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var made struct{ ID string }
	_ = json.NewDecoder(res.Body).Decode(&made)
	if res.StatusCode != status {
		t.Fatalf("%s %s: %d", method, url, res.StatusCode)
	}
	return made.ID
}

// TestJournalTellsOneStory follows a PATCH from Entra's request to the account,
// which fails once: by the id of the user and by the userName, in the API's words
// and in a person's.
func TestJournalTellsOneStory(t *testing.T) {
	for name, store := range journalStores(t) {
		t.Run(name, func(t *testing.T) { tellOneStory(t, store) })
	}
}

// journalStores are the flags of each store that there is.
func journalStores(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{"sqlite": {"--data", t.TempDir()}}
	if uri := os.Getenv("SCIMGATE_TEST_MONGODB_URI"); uri != "" {
		at, err := url.Parse(uri)
		if err != nil {
			t.Fatal(err)
		}
		at.Path = "/journal_" + uuid.NewString()[:8]
		all["mongo"] = []string{"--mongodb-uri", at.String()}
	}
	return all
}

func tellOneStory(t *testing.T, store []string) {
	dir, account := t.TempDir(), start(t, "sandbox", "--listen", "127.0.0.1:0")
	gateway := start(t, append(append([]string{
		"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback", "--journal-days", "7",
	}, store...), keys(t, dir)...)...)
	token, users := enroll(t, gateway, account), tenantURL(t, gateway)+"/Users"
	s := shell{t, map[string]string{"SCIMGATE_ADMIN_URL": gateway.text(t, "adminURL"), "SCIMGATE_ADMIN_KEY": operatorKey}}

	id := asking(t, 201, "entra-create", "POST", users, token, `{"userName":"`+userName(1)+`","active":true,"emails":[{"type":"work","value":"c4n4ry@x.example"}]}`)
	story := func(flags ...string) (entries []admin.JournalEntry) {
		var page admin.JournalPage
		text := s.ok(append([]string{"journal", "acme", id, "--json"}, flags...))
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			t.Fatal(err)
		}
		return page.Items
	}
	tells := func(what string, n int) []admin.JournalEntry {
		var entries []admin.JournalEntry
		eventually(t, 20*time.Second, what, func() bool { entries = story(); return len(entries) >= n })
		return entries
	}
	tells("the creation and its delivery", 2)

	faults := strings.TrimSuffix(account.text(t, "sandboxURL"), "/identity/scim") + "/faults"
	must(t, 200, "PUT", faults, account.text(t, "sandboxToken"), map[string]any{
		"faults": []any{map[string]any{"name": "error", "args": map[string]any{"status": "500"}, "count": 1}},
	})
	asking(t, 200, "entra-patch", "PATCH", users+"/"+id, token, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
		{"op":"Replace","path":"displayName","value":"C4n4ry"},{"op":"Add","path":"emails[type eq \"work\"].value","value":"c4n4ry@x.example"}]}`)
	entries := tells("the patch, the attempt that failed and the one that did not", 5)
	patch, failed, done := entries[2], entries[3], entries[4]
	if patch.Request != "entra-patch" || patch.Version != 2 || patch.Change == nil || patch.Change.Status != 200 || patch.Change.Method != "PATCH" ||
		len(patch.Change.Steps) != 2 || patch.Change.Steps[1].Path != `emails[type eq "?"].value` ||
		patch.Change.Tolerated[0] != "operationCase" || len(patch.Change.Actor) != 8 || !strings.HasPrefix(token, "sg_"+patch.Change.Actor) {
		t.Errorf("the patch: %+v %+v", patch, patch.Change)
	}
	for _, e := range []admin.JournalEntry{failed, done} {
		a := e.Attempt
		if e.Request != "entra-patch" || e.Version != 2 || a == nil || a.Op != directory.ToUpdate || a.Connection != "appspace" {
			t.Fatalf("an attempt: %+v %+v", e, a)
		}
	}
	if a := failed.Attempt; a.Outcome != directory.WillRetry || a.Status != 500 || a.Class != "transient" {
		t.Errorf("the attempt that failed: %+v", a)
	}
	if a := done.Attempt; a.Outcome != directory.WasDone || a.Idle {
		t.Errorf("the attempt that did not: %+v", a)
	}

	asking(t, 200, "entra-again", "PATCH", users+"/"+id, token, `{"Operations":[{"op":"replace","path":"displayName","value":"C4n4ry"}]}`)
	asking(t, 400, "entra-wrong", "PATCH", users+"/"+id, token, `{"Operations":[{"op":"replace","path":"displayName[","value":"C4n4ry"}]}`)
	tells("what changed nothing", 7)
	if n := story("--request", "entra-again")[0]; !n.Change.NoOp || n.Version != 2 {
		t.Errorf("the no-op: %+v %+v", n, n.Change)
	}
	if n := story("--request", "entra-wrong")[0]; n.Change.Class != "invalidPath" || n.Change.Status != 400 {
		t.Errorf("the refusal: %+v %+v", n, n.Change)
	}
	if got := story("--request", "entra-patch", "--newest"); len(got) != 3 || got[2].Change == nil {
		t.Errorf("of one request: %+v", got)
	}
	if got := story("--limit", "3", "--after", entries[1].ID); len(got) != 3 || got[0].ID != patch.ID {
		t.Errorf("a page: %+v", got)
	}

	text := s.ok([]string{"journal", "acme", strings.ToUpper(userName(1))}, "replace displayName add emails[type eq \"?\"].value",
		"retry: transient", "500", "no change", "refused: invalidPath", "entra-patch", "done")
	whole := s.ok(words("journal acme --since 1h --class transient"), "User "+id, "entra-patch")
	if all := text + whole; strings.Contains(strings.ToLower(all), "c4n4ry") || strings.Contains(all, userName(1)) {
		t.Errorf("a value is in the journal:\n%s", all)
	}
	asking(t, 204, "entra-delete", "DELETE", users+"/"+id, token, "")
	tells("the suspension", 9)
	s.ok([]string{"journal", "acme", userName(1)}, "entra-delete", "suspend")
	s.fails(words("journal acme nobody@example.com"), "nobody has that userName")
	s.fails(words("journal acme 0190e2c4-0000-7000-8000-000000000000"), "404")
	s.fails(words("journal globex"), "404")
	s.fails(words("journal acme --after x"), "after", "422")
}

// A gateway that is killed while it writes and relays leaves, for each change that
// it acknowledged, one entry, and none for what it did not make.
func TestJournalAfterKill9(t *testing.T) {
	for name, store := range journalStores(t) {
		t.Run(name, func(t *testing.T) { killAndCount(t, store) })
	}
}

func killAndCount(t *testing.T, store []string) {
	dir := t.TempDir()
	serve := append(append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, store...), keys(t, dir)...)
	p := start(t, serve...)
	token := enrollAlone(t, p)
	ledger := newLedger()
	for range 2 {
		var writers sync.WaitGroup
		ctx, cut := context.WithCancel(t.Context())
		base := tenantURL(t, p)
		for w := range 8 {
			writers.Go(func() { ledger.write(ctx, base, token, w, 8) })
		}
		<-time.After(2600 * time.Millisecond) // longer than from one relay to the next
		p.kill()
		cut()
		writers.Wait()
		p = start(t, serve...)
		if lost := ledger.lost(t, tenantURL(t, p), token); len(lost) > 0 {
			t.Fatal(lost)
		}
		told := toldVersions(t, p)
		users := must(t, 200, "GET", tenantURL(t, p)+"/Users?count=200", token, nil)["Resources"].([]any)
		for _, u := range users {
			id, meta := u.(map[string]any)["id"].(string), u.(map[string]any)["meta"].(map[string]any)
			if want := "W/\"" + strconv.Itoa(len(told[id])) + "\""; meta["version"] != want {
				t.Errorf("%s is at %v, and %d versions are told", id, meta["version"], len(told[id]))
			}
		}
		if len(users) == 0 || len(told) != ledger.created() {
			t.Errorf("%d users, %d are told of, %d were made", len(users), len(told), ledger.created())
		}
	}
	t.Logf("%d changes acknowledged, each told once", ledger.total())
}

// created counts the users of whom is known that they were made.
func (l *ledger) created() (n int) {
	for _, u := range l.users {
		if u.id != "" {
			n++
		}
	}
	return n
}

// toldVersions reads the whole journal: the versions of each resource. One that is
// told twice fails the test, and so does one that is missing.
func toldVersions(t *testing.T, p *process) map[string]map[int]bool {
	t.Helper()
	told := map[string]map[int]bool{}
	for after, more := "", true; more; {
		page := must(t, 200, "GET", p.text(t, "adminURL")+"/api/v1/tenants/acme/journal?limit=500&after="+url.QueryEscape(after), operatorKey, nil)
		for _, item := range page["items"].([]any) {
			e := item.(map[string]any)
			id, v := e["resourceId"].(string), int(e["version"].(float64))
			if told[id] == nil {
				told[id] = map[int]bool{}
			}
			if told[id][v] || v > 1 && !told[id][v-1] {
				t.Errorf("%s version %d is told twice, or before the one before it", id, v)
			}
			told[id][v] = true
		}
		after, more = page["next"].(string)
	}
	return told
}

// The journal outlives the process, what waited in memory included.
func TestJournalOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	serve := func() *process {
		return start(t, append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, keys(t, dir)...)...)
	}
	gateway := serve()
	s := shell{t, map[string]string{"SCIMGATE_ADMIN_URL": gateway.text(t, "adminURL"), "SCIMGATE_ADMIN_KEY": operatorKey}}
	token := enrollAlone(t, gateway)
	users := tenantURL(t, gateway) + "/Users"
	body := `{"userName":"` + userName(1) + `"}`
	id := asking(t, 201, "one", "POST", users, token, body)
	asking(t, 200, "two", "PUT", users+"/"+id, token, body)
	if status := gateway.stop(t); status != 0 {
		t.Fatalf("exit status %d\n%s", status, gateway.stderr)
	}
	s.environ["SCIMGATE_ADMIN_URL"] = serve().text(t, "adminURL")
	s.ok([]string{"journal", "acme", id}, "POST", "one", "PUT", "two", "no change")
}
