package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

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
	dir, account := t.TempDir(), start(t, "sandbox", "--listen", "127.0.0.1:0")
	gateway := start(t, append([]string{
		"serve", "--data", dir, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--outbound.loopback", "--journal-days", "7",
	}, keys(t, dir)...)...)
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
