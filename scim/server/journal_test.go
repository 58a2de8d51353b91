package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// telling is a server whose journal is read whole.
type telling struct {
	*player
	clerk *directory.Clerk
	store journaling
}

type journaling interface {
	directory.Store
	directory.Journal
}

func tell(t *testing.T, store directory.Store) *telling {
	t.Helper()
	w := &telling{store: store.(journaling)}
	w.clerk = &directory.Clerk{Store: w.store}
	account := newTenant()
	account.Attributes = []tenant.Attribute{{Property: "badge", Type: "String"}}
	s := &server.Server{Store: store, Accounts: tenants{account.ID: account}, PublicURL: publicURL, Aside: w.clerk.Aside}
	w.player = &player{handler: mounted(s), tenant: account, kept: map[string]string{}}
	return w
}

// entries brings everything to the journal and reads it.
func (w *telling) entries(t *testing.T) []directory.Entry {
	t.Helper()
	w.clerk.Finish(t.Context())
	page, err := w.store.ReadJournal(context.WithoutCancel(t.Context()), w.tenant.ID, directory.JournalQuery{Limit: 5000})
	if err != nil {
		t.Fatal(err)
	}
	return page.Entries
}

// Each request is told once, with what it was answered: what changed something by
// the change, what did not afterwards.
func TestJournalOfRequests(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			w := tell(t, store)
			for i, step := range []string{
				"POST /Users\n\n" + userBody,
				"POST /Users\n\n" + userBody, // 409: of nobody known
				fmt.Sprintf(patchTitle, "x"),
				fmt.Sprintf(patchTitle, "x"),
				"PATCH /Users/{{id:a}}\n\n" + `{"Operations":[{"op":"Replace","path":"id","value":"x"}]}`,
				"PATCH /Users/{{id:a}}\nIf-Match: W/\"1\"\n\n" + `{"Operations":[{"op":"Replace","path":"title","value":"y"}]}`,
				"PUT /Users/nobody\n\n" + userBody,
				"GET /Users/{{id:a}}\n",
				"POST /Bulk\n\n" + `{"schemas":["` + scim.BulkRequestURN + `"],"Operations":[
					{"method":"PATCH","path":"/Users/{{id:a}}","data":{"Operations":[{"op":"add","path":"nickName","value":"n"}]}},
					{"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"G","members":[{"value":"{{id:a}}"}]}}]}`,
				"DELETE /Users/{{id:a}}\n",
			} {
				head, rest, _ := strings.Cut(step, "\n")
				got := w.send(t, head+fmt.Sprintf("\nClient-Request-Id: r%d\n", i)+rest)
				if i == 0 {
					var made struct{ ID string }
					if err := json.Unmarshal(got.Body.Bytes(), &made); err != nil {
						t.Fatal(err)
					}
					w.kept["a"] = made.ID
				}
			}
			var told []string
			for _, e := range w.entries(t) {
				n := e.Change
				told = append(told, fmt.Sprintf("%s %s v%d %s %v %v %d %q bulk=%t noop=%t", e.Request, e.Ref.Kind, e.Version, n.Method, n.Steps, n.Tolerated, n.Status, n.Class, n.Bulk, n.NoOp))
			}
			slices.Sort(told)
			want := []string{
				`r0 User v1 POST [] [] 201 "" bulk=false noop=false`,
				`r2 User v2 PATCH [{replace title}] [] 200 "" bulk=false noop=false`,
				`r3 User v2 PATCH [{replace title}] [] 200 "" bulk=false noop=true`,
				`r4 User v0 PATCH [{replace id}] [missingSchema operationCase] 400 "mutability" bulk=false noop=false`,
				`r5 User v0 PATCH [{replace title}] [missingSchema operationCase] 412 "Precondition Failed" bulk=false noop=false`,
				`r8 Group v1 POST [] [missingSchema] 201 "" bulk=true noop=false`,
				`r8 User v3 PATCH [{add nickName}] [missingSchema] 200 "" bulk=true noop=false`,
				`r9 User v4 DELETE [] [] 204 "" bulk=false noop=false`,
			}
			if !slices.Equal(told, want) {
				t.Errorf("told\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// No value that a client sends is in any entry: not of any attribute, by whatever
// method and dialect, nor in a path's filter, nor in a name that nobody defined.
func TestJournalHoldsNoValues(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			w := tell(t, store)
			kind := server.Definitions(w.tenant).Type("User")
			attributes := canaries(kind)
			body := `{"userName":"canary-name",` + attributes + `}`
			var made struct{ ID string }
			if err := json.Unmarshal(w.send(t, "POST /Users\n\n"+body).Body.Bytes(), &made); err != nil || made.ID == "" {
				t.Fatal(err)
			}
			user := "/Users/" + made.ID
			w.send(t, "PUT "+user+"\n\n"+strings.ReplaceAll(body, "canary", "canary2"))
			w.send(t, "PUT "+user+"\n\n"+`{"userName":["canary"]}`)
			sent := 2
			for _, op := range []string{"Add", "replace", "remove"} {
				w.send(t, "PATCH "+user+"\n\n"+`{"Operations":[{"op":"`+op+`","value":{`+attributes+`}}]}`)
				for _, path := range []string{
					`emails[type eq \"canary\"].value`, `emails[value co \"canary\" and primary eq true]`, `canary`, `name.canary`, `emails[canary eq 1]`,
					`addresses[not (region eq \"canary\")].locality`, scim.AppspaceUserURN + `:canary`, `manager`, `members[value eq \"canary\"]`,
				} {
					got := w.send(t, "PATCH "+user+"\n\n"+`{"Operations":[{"op":"`+op+`","path":"`+path+`","value":"canary"}]}`)
					if got.Code < 500 {
						sent++
					}
				}
			}
			entries := w.entries(t)
			if len(entries) < sent {
				t.Errorf("%d entries of %d requests", len(entries), sent)
			}
			text, err := json.Marshal(entries)
			if err != nil {
				t.Fatal(err)
			}
			if at := strings.Index(strings.ToLower(string(text)), "canary"); at >= 0 {
				t.Errorf("a value in an entry: …%s…", text[max(0, at-200):min(len(text), at+50)])
			}
		})
	}
}

// canaries are JSON members that give each attribute of a type a canary.
func canaries(kind *scim.ResourceType) string {
	var members []string
	for _, a := range kind.Core.Attributes {
		if a.Name != "userName" {
			members = append(members, fmt.Sprintf("%q:%s", a.Name, canaryOf(a)))
		}
	}
	for _, s := range kind.Extensions {
		var inner []string
		for _, a := range s.Attributes {
			inner = append(inner, fmt.Sprintf("%q:%s", a.Name, canaryOf(a)))
		}
		members = append(members, fmt.Sprintf(`%q:{%s,"canaryName":"canary"}`, s.ID, strings.Join(inner, ",")))
	}
	return strings.Join(append(members, `"canaryAttribute":"canary"`), ",")
}

func canaryOf(a *scim.Attribute) string {
	text := `"canary@canary.example"`
	switch a.Type { //nolint:exhaustive // the others are texts
	case scim.Boolean:
		text = "true"
	case scim.Integer:
		text = "77"
	case scim.Complex:
		var inner []string
		for _, sub := range a.SubAttributes {
			inner = append(inner, fmt.Sprintf("%q:%s", sub.Name, canaryOf(sub)))
		}
		text = "{" + strings.Join(inner, ",") + "}"
	}
	if a.MultiValued {
		return "[" + text + "]"
	}
	return text
}
