package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"
)

// book is what the clients of a cluster sent, and what they were answered. Each
// user has one client, which counts in displayName and sets active by it, so that
// what is held can be compared exactly.
type book struct {
	*cluster
	client *http.Client
	users  []*entry

	mu       sync.Mutex
	acked    int         // changes acknowledged, each of which was read again afterwards
	statuses map[int]int // of all requests; 0 is no answer
	faults   []string    // what must not be
}

// entry is one user, as its client knows it.
type entry struct {
	who         *customer
	name, id    string
	sent, acked int
	doubt       bool // whether the last creation or deletion took place is not known
}

func newBook(c *cluster, usersEach int) *book {
	b := &book{
		cluster: c, statuses: map[int]int{},
		client: &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	c.Cleanup(b.client.CloseIdleConnections)
	for i := range usersEach {
		for _, who := range c.tenants {
			b.users = append(b.users, &entry{who: who, name: userName(i)})
		}
	}
	return b
}

// write plays so many clients until ctx ends.
func (b *book) write(ctx context.Context, clients int) {
	var working sync.WaitGroup
	for w := range clients {
		working.Go(func() {
			for i := w; ctx.Err() == nil; i += clients {
				if i >= len(b.users) {
					i = w
				}
				b.visit(b.users[i])
			}
		})
	}
	working.Wait()
}

// visit looks whether what was acknowledged of a user is there, and changes it.
func (b *book) visit(u *entry) {
	if u.id != "" && !b.check(u) {
		return
	}
	switch {
	case u.id == "":
		b.create(u)
	case rand.IntN(25) == 0:
		b.remove(u)
	default:
		b.change(u)
	}
}

// check reports whether the gateway could be asked.
func (b *book) check(u *entry) bool {
	status, user := b.ask("GET", u, "/"+u.id, nil)
	switch {
	case status == 404 && u.doubt:
		u.id, u.doubt = "", false
	case status == 404:
		b.fault("lost: %s of %s is gone, acknowledged %d", u.name, u.who.id, u.acked)
		u.id = ""
	case status == 200:
		if n := count(user); n < u.acked || n > u.sent {
			b.fault("lost: %s of %s holds %d, acknowledged %d, sent %d", u.name, u.who.id, n, u.acked, u.sent)
		}
	}
	return status == 200
}

func (b *book) create(u *entry) {
	u.sent++
	user := joiner(u.name)
	user["displayName"], user["active"] = strconv.Itoa(u.sent), u.sent%5 != 0
	status, answer := b.ask("POST", u, "", user)
	switch status {
	case 201:
		u.id, u.acked, u.doubt = fmt.Sprint(answer["id"]), u.sent, false
		b.noteAcked()
	case 409:
		b.adopt(u)
	default:
		u.doubt = true
	}
}

// adopt finds a user whose creation had no answer, as Entra does.
func (b *book) adopt(u *entry) {
	status, page := b.ask("GET", u, "?filter="+url.QueryEscape(`userName eq "`+u.name+`"`), nil)
	if found, _ := page["Resources"].([]any); status == 200 && len(found) == 1 && u.doubt {
		u.id = fmt.Sprint(found[0].(map[string]any)["id"])
		u.acked, u.doubt = 0, false
	} else if status == 200 {
		b.fault("%s of %s: 409, but %d are found, in doubt: %v", u.name, u.who.id, len(found), u.doubt)
	}
}

func (b *book) change(u *entry) {
	u.sent++
	status, _ := b.ask("PATCH", u, "/"+u.id, map[string]any{
		"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []any{
			map[string]any{"op": "Replace", "path": "displayName", "value": strconv.Itoa(u.sent)},
			map[string]any{"op": "Replace", "path": "active", "value": u.sent%5 != 0},
		},
	})
	switch status {
	case 200:
		u.acked, u.doubt = u.sent, false
		b.noteAcked()
	case 404: // a deletion without an answer came after all
		u.id, u.doubt = "", false
	}
}

func (b *book) remove(u *entry) {
	status, _ := b.ask("DELETE", u, "/"+u.id, nil)
	switch status {
	case 204:
		u.id, u.doubt = "", false
		b.noteAcked()
	case 404:
		u.id, u.doubt = "", false
	default:
		u.doubt = true
	}
}

func (b *book) noteAcked() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acked++
}

func (b *book) fault(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

// ask makes one request at one of the gateways, and judges what no gateway may
// answer, whatever has befallen it.
func (b *book) ask(method string, u *entry, path string, body any) (status int, answer map[string]any) {
	status, header, answer := b.request(method, b.gateway()+"/t/"+u.who.id+"/identity/scim/Users"+path, u.who.token, body)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.statuses[status]++
	switch {
	case status == 503 || status == 429:
		if n, err := strconv.Atoi(header.Get("Retry-After")); err != nil || n < 1 {
			b.faults = append(b.faults, fmt.Sprintf("%d with Retry-After %q", status, header.Get("Retry-After")))
		}
	case status != 0 && status != 200 && status != 201 && status != 204 && status != 409 && (status != 404 || method != "GET" && !u.doubt):
		b.faults = append(b.faults, fmt.Sprintf("%s was answered %d: %v", method, status, answer))
	}
	return status, answer
}

func (b *book) request(method, to, token string, body any) (status int, header http.Header, answer map[string]any) {
	text, _ := json.Marshal(body)
	if body == nil {
		text = nil
	}
	req, err := http.NewRequestWithContext(b.Context(), method, to, bytes.NewReader(text))
	if err != nil {
		return 0, nil, nil
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/scim+json")
	res, err := b.client.Do(req)
	if err != nil {
		return 0, nil, nil
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil && res.StatusCode != 204 {
		return 0, nil, nil
	}
	return res.StatusCode, res.Header, answer
}
