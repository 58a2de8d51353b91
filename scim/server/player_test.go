package server_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// player is one client with one tenant.
type player struct {
	handler http.Handler
	tenant  *tenant.Tenant
	kept    map[string]string
}

func newPlayer(t *testing.T, store directory.Store, comment string) *player {
	t.Helper()
	account := newTenant()
	users := 0
	for line := range strings.Lines(comment) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "#" {
			continue
		}
		switch words[1] {
		case "strict":
			account.Settings.Strict = true
		case "attribute":
			account.Attributes = append(account.Attributes, tenant.Attribute{Property: words[2], Type: words[3]})
		case "users":
			users, _ = strconv.Atoi(words[2])
		default:
			t.Fatalf("unknown preparation %q", line)
		}
	}
	p := &player{handler: newHandler(store, account), tenant: account, kept: map[string]string{}}
	for i := range users {
		body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u%03d@example.com"}`, i+1)
		if answer := p.send(t, "POST /Users\n\n"+body); answer.Code != http.StatusCreated {
			t.Fatalf("user %d: %d %s", i+1, answer.Code, answer.Body)
		}
	}
	return p
}

func (p *player) step(t *testing.T, where, ask, answer string) {
	t.Helper()
	status, headers, body := readResponse(answer)
	refused := !strings.HasPrefix(status, "2")
	before := ""
	if refused {
		before = p.users(t)
	}
	got := p.send(t, ask)
	if err := p.compare(got, status, headers, body); err != nil {
		t.Fatalf("%s: %v\nanswer: %d %s", where, err, got.Code, clip(got.Body.String()))
	}
	if refused && p.users(t) != before {
		t.Fatalf("%s: the request was refused and changed something", where)
	}
}

// users is all that the tenant holds, as far as a page goes.
func (p *player) users(t *testing.T) string {
	t.Helper()
	return p.send(t, "GET /Users?count=200\n").Body.String() + p.send(t, "GET /Groups?count=200\n").Body.String()
}

func (p *player) send(t *testing.T, text string) *httptest.ResponseRecorder {
	t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	line, headers, _ := strings.Cut(strings.TrimRight(head, "\n"), "\n")
	method, target, _ := strings.Cut(line, " ")
	target = "/t/" + string(p.tenant.ID) + "/identity/scim" + escapeTarget(p.expand(t, target))
	request, err := http.NewRequestWithContext(t.Context(), method, target,
		strings.NewReader(p.expand(t, strings.TrimSuffix(body, "\n"))))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+string(p.tenant.ID))
	if body != "" {
		request.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	for line := range strings.Lines(headers) {
		name, text, _ := strings.Cut(strings.TrimSpace(line), ":")
		request.Header.Del(name)
		if text = strings.TrimSpace(text); text != "" {
			request.Header.Set(name, p.expand(t, text))
		}
	}
	answer := httptest.NewRecorder()
	p.handler.ServeHTTP(answer, request)
	return answer
}

// escapeTarget lets conversations show filters as people write them.
func escapeTarget(target string) string {
	var b strings.Builder
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c >= 0x7f || strings.IndexByte("\"<>\\^`{|}", c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

var marks = regexp.MustCompile(`\{\{(\w+)(?:[ :]([^{}]*|[^}]*?"))?\}\}`)

// expand fills the marks of a request in.
func (p *player) expand(t *testing.T, text string) string {
	t.Helper()
	return marks.ReplaceAllStringFunc(text, func(mark string) string {
		parts := marks.FindStringSubmatch(mark)
		switch parts[1] {
		case "id":
			id, ok := p.kept[parts[2]]
			if !ok {
				t.Fatalf("%s is used before it is kept", mark)
			}
			return id
		case "base":
			return p.base()
		case "repeat", "each":
			return generate(t, parts[1], parts[2])
		case "hex":
			raw, err := hex.DecodeString(parts[2])
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		default:
			t.Fatalf("unknown mark %s", mark)
			return ""
		}
	})
}

func generate(t *testing.T, how, arguments string) string {
	t.Helper()
	number, quoted, _ := strings.Cut(arguments, " ")
	n, err := strconv.Atoi(number)
	if err != nil {
		t.Fatal(err)
	}
	piece, err := strconv.Unquote(quoted)
	if err != nil {
		t.Fatalf("%s: %v", quoted, err)
	}
	if how == "repeat" {
		return strings.Repeat(piece, n)
	}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, piece, i)
	}
	return b.String()
}

func (p *player) base() string {
	return publicURL + "/t/" + string(p.tenant.ID) + "/identity/scim"
}
