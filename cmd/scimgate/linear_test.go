package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// historian plays many clients against a few users, through several gateways, and
// writes down what was asked and answered, and when.
type historian struct {
	*testing.T
	gateways []string // SCIM base URLs
	token    string
	client   *http.Client
	began    time.Time

	mu      sync.Mutex
	ids     map[string][]string // that a name has had, as far as clients were told
	seen    map[string]string   // the last version of an id that anybody saw
	history []porcupine.Operation
	count   int
}

// TestLinearizable plays concurrent creations, look-ups, reads, replacements,
// patches, with If-Match and without, and deletions of a few users while the
// connections are cut, on MongoDB with two gateways. Each user's history must be
// one that could have happened one operation after the other (promise 10).
func TestLinearizable(t *testing.T) {
	over := 6 * time.Second
	if d := long(t); d > 0 {
		over = d
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		x := newTroubles()
		p := start(t, serving(t, t.TempDir(), "--data", t.TempDir())...)
		link, through := x.link(t, p.text(t, "publicURL"))
		h := newHistorian(t, enrollAlone(t, p), through, p.text(t, "publicURL"))
		h.play(over, []*suffering{{link, []string{cutIt, reset, slow}}})
	})
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		x, uri, flags := newTroubles(), database(t), keys(t, t.TempDir())
		flags = append(flags, "--role", "gateway", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log-level", "error")
		var links []*suffering
		var bases []string
		var first *process
		for range 2 {
			link, through := x.link(t, uri)
			p := start(t, append([]string{"serve", "--mongodb-uri", through}, flags...)...)
			if first == nil {
				first = p
			}
			front, base := x.link(t, p.text(t, "publicURL"))
			links = append(links, &suffering{link, []string{cutIt, reset, slow}}, &suffering{front, []string{cutIt, reset}})
			bases = append(bases, base, p.text(t, "publicURL"))
		}
		newHistorian(t, enrollAlone(t, first), bases...).play(over, links)
	})
}

// What may befall a link.
const (
	cutIt = ""
	reset = `{"type":"reset_peer","attributes":{"timeout":20}}`
	slow  = `{"type":"latency","attributes":{"latency":30,"jitter":30}}`
)

// suffering is a link with what befalls it.
type suffering struct {
	*link
	toxics []string
}

func newHistorian(t *testing.T, token string, gateways ...string) *historian {
	t.Helper()
	h := &historian{
		T: t, token: token, began: time.Now(), ids: map[string][]string{}, seen: map[string]string{},
		client: &http.Client{Timeout: 2 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
	t.Cleanup(h.client.CloseIdleConnections)
	for _, g := range gateways {
		h.gateways = append(h.gateways, g+"/t/acme/identity/scim")
	}
	return h
}

// Clients of a name, and what each asks for.
const (
	namesAtOnce   = 6
	clientsOfName = 3
	asksOfClient  = 12
	mostRounds    = 12 // to judge takes longer than to play
)

// play lets clients work on ever new names until the time is over, then judges.
func (h *historian) play(over time.Duration, links []*suffering) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), over)
	defer cancel()
	var plague sync.WaitGroup
	for _, l := range links {
		plague.Go(func() {
			for pauseFor(ctx, rand.N(time.Second)); ctx.Err() == nil; pauseFor(ctx, 400*time.Millisecond+rand.N(1200*time.Millisecond)) {
				l.suffer(ctx, h.T, l.toxics[rand.IntN(len(l.toxics))], 50*time.Millisecond+rand.N(300*time.Millisecond))
			}
		})
	}
	for round := 0; ctx.Err() == nil && (round < mostRounds || long(h.T) > 0); round++ {
		var working sync.WaitGroup
		for n := range namesAtOnce * clientsOfName {
			name := fmt.Sprintf("u%d-%d@example.com", round, n%namesAtOnce)
			working.Go(func() {
				for range asksOfClient {
					h.do(n, h.next(name))
				}
			})
		}
		working.Wait()
	}
	cancel()
	plague.Wait()
	h.verdict()
}

func (h *historian) verdict() {
	h.Helper()
	var v verdicts
	bad := v.judge(h.history)
	h.Logf("histories checked %d, violations %d, unknown %d; %d operations, of which %d without an answer",
		v.checked, v.violations, v.undecided, v.operations, v.unanswered)
	if v.violations+v.undecided > 0 {
		slices.SortFunc(bad, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
		for _, o := range bad {
			h.Logf("%9d–%9d %+v → %+v", o.Call/1000, min(o.Return/1000, 999999999), o.Input, o.Output)
		}
		h.Errorf("%d of %d histories are not linearizable, %d cannot be decided", v.violations, v.checked, v.undecided)
	}
	if v.checked == 0 || v.unanswered == v.operations {
		h.Error("nothing was answered")
	}
}

// next chooses what a client asks for.
func (h *historian) next(name string) question {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count++
	a := question{name: name, title: fmt.Sprint("t", h.count), nick: fmt.Sprint("n", h.count)}
	ids := h.ids[name]
	if len(ids) == 0 {
		a.op = []string{"create", "create", "find"}[rand.IntN(3)]
		return a
	}
	a.id = ids[len(ids)-1]
	if rand.IntN(10) == 0 {
		a.id = ids[rand.IntN(len(ids))]
	}
	a.op = []string{"create", "find", "read", "read", "read", "patchTitle", "patchTitle", "patchNick", "patchNick", "put", "delete"}[rand.IntN(11)]
	if rand.IntN(4) == 0 && a.op != "read" && a.op != "create" && a.op != "find" {
		a.ifMatch = h.seen[a.id]
	}
	return a
}

// do asks, and writes down what was answered.
func (h *historian) do(client int, a question) {
	call := time.Since(h.began)
	got := h.ask(a)
	end := int64(time.Since(h.began))
	if got.status == 0 {
		end = math.MaxInt64
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.history = append(h.history, porcupine.Operation{ClientId: client, Input: a, Call: int64(call), Output: got, Return: end})
	if id := got.held.id; id != "" {
		h.seen[id] = got.held.version
		if !slices.Contains(h.ids[a.name], id) {
			h.ids[a.name] = append(h.ids[a.name], id)
		}
	}
}

// ask makes the request. What is no answer, or a fault of the gateway's, may have
// been done or not.
func (h *historian) ask(a question) reply {
	method, path, body := a.request()
	text, err := json.Marshal(body)
	if err != nil {
		h.Error(err)
	}
	r, err := http.NewRequestWithContext(h.Context(), method, h.gateways[rand.IntN(len(h.gateways))]+path, bytes.NewReader(text))
	if err != nil {
		h.Error(err)
		return reply{}
	}
	r.Header.Set("Authorization", "Bearer "+h.token)
	r.Header.Set("Content-Type", "application/scim+json")
	if a.ifMatch != "" {
		r.Header.Set("If-Match", a.ifMatch)
	}
	res, err := h.client.Do(r)
	if err != nil {
		return reply{}
	}
	defer func() { _ = res.Body.Close() }()
	text, err = io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 500 {
		return reply{}
	}
	return reply{status: res.StatusCode, held: heldIn(text)}
}

// request is how an operation is asked for.
func (a question) request() (method, path string, body any) {
	user := newUser(a.name)
	switch a.op {
	case "create":
		user["title"] = a.title
		return "POST", "/Users", user
	case "find":
		return "GET", "/Users?filter=" + url.QueryEscape(`userName eq "`+a.name+`"`), nil
	case "patchTitle":
		return "PATCH", "/Users/" + a.id, replaced("title", a.title)
	case "patchNick":
		return "PATCH", "/Users/" + a.id, replaced("nickName", a.nick)
	case "put":
		user["title"], user["nickName"] = a.title, a.nick
		return "PUT", "/Users/" + a.id, user
	case "delete":
		return "DELETE", "/Users/" + a.id, nil
	default:
		return "GET", "/Users/" + a.id, nil
	}
}

// heldIn reads a user, or the first of a list.
func heldIn(text []byte) holds {
	type user struct {
		ID, Title, NickName string
		Meta                struct{ Version string }
	}
	var got struct {
		user
		Schemas   []string
		Resources []user
	}
	if json.Unmarshal(text, &got) != nil {
		return holds{}
	}
	one := got.user
	if len(got.Resources) > 0 {
		one = got.Resources[0]
	}
	return holds{one.ID, one.Title, one.NickName, one.Meta.Version}
}
