package server_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// TestConversations plays testdata/*/*.txtar, each on a tenant of its own, over
// every store. The comment of a file says where its requests come from; lines of
// it that begin with "#" prepare the tenant:
//
//	# strict                        no leniency
//	# attribute badge String        a custom attribute
//	# users 12                      u001@example.com to u012@example.com are there
//
// A request is a line METHOD /path, headers, an empty line, a body. A response is
// a status (and scimType), headers that must be there, an empty line, and JSON,
// which must be equal but for the order of members and these marks:
//
//	{{id:ana}}   in a response: keeps what stands there as ana, or must be equal to it
//	             in a request: what was kept
//	{{any}} {{time}}   some text, a date-time in UTC
//	{{base}}     the tenant's base URL
//	{{absent}}   there must be no such member
//	{{more}}     as a member: others may be there
//	{{among}}    as the first element: the others must be somewhere in the array
//	{{repeat 9 "x"}} {{each 9 "k%d,"}} {{hex efbbbf}}   in a request: long and odd bodies
//
// An error must change nothing: the tenant's users are compared before and after.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations found: %v", err)
	}
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			for _, file := range files {
				name := strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".txtar")
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					play(t, store, file)
				})
			}
		})
	}
}

func play(t *testing.T, store directory.Store, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	script := txtar.Parse(text)
	if len(script.Files) == 0 || len(script.Files)%2 != 0 {
		t.Fatalf("%s: requests and responses do not pair up", file)
	}
	p := newPlayer(t, store, string(script.Comment))
	for i := 0; i < len(script.Files); i += 2 {
		ask, answer := script.Files[i], script.Files[i+1]
		if !strings.HasPrefix(ask.Name, "request") || !strings.HasPrefix(answer.Name, "response") {
			t.Fatalf("%s: %q and %q are not a request and a response", file, ask.Name, answer.Name)
		}
		p.step(t, fmt.Sprintf("%s, request %d", file, i/2+1), string(ask.Data), string(answer.Data))
	}
}

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
	return p.send(t, "GET /Users?count=200\n").Body.String()
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

// readResponse takes a response of a script apart.
func readResponse(text string) (status string, headers []string, body string) {
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimRight(head, "\n"), "\n")
	return lines[0], lines[1:], strings.TrimSpace(body)
}

func (p *player) compare(got *httptest.ResponseRecorder, status string, headers []string, body string) error {
	code, scimType, _ := strings.Cut(status, " ")
	if strconv.Itoa(got.Code) != code {
		return fmt.Errorf("status is %d, not %s", got.Code, code)
	}
	if got.Body.Len() > 0 && got.Header().Get("Content-Type") != "application/scim+json;charset=utf-8" {
		return fmt.Errorf("Content-Type is %q", got.Header().Get("Content-Type"))
	}
	if got.Code >= 400 {
		if err := compareError(got.Body.Bytes(), code, scimType); err != nil {
			return err
		}
	}
	for _, line := range headers {
		name, want, _ := strings.Cut(line, ":")
		if err := p.same(strings.TrimSpace(want), got.Header().Get(name)); err != nil {
			return fmt.Errorf("header %s: %w", name, err)
		}
	}
	return p.compareBody(got.Body.Bytes(), body, got.Code)
}

// compareError checks what every error looks like (RFC 7644 §3.12).
func compareError(body []byte, status, scimType string) error {
	var e struct {
		Schemas                  []string
		Status, ScimType, Detail string
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return fmt.Errorf("not a SCIM error: %w", err)
	}
	if len(e.Schemas) != 1 || e.Schemas[0] != "urn:ietf:params:scim:api:messages:2.0:Error" || e.Status != status || e.Detail == "" {
		return fmt.Errorf("not a SCIM error of status %s", status)
	}
	if e.ScimType != scimType {
		return fmt.Errorf("scimType is %q, not %q", e.ScimType, scimType)
	}
	return nil
}

func (p *player) compareBody(got []byte, want string, status int) error {
	if status == http.StatusNoContent && len(got) > 0 {
		return fmt.Errorf("204 with a body of %d bytes", len(got))
	}
	if status < http.StatusBadRequest && jsonNull.Match(got) {
		return fmt.Errorf("there is a null in the answer")
	}
	if want == "" {
		return nil
	}
	wanted, err := decode([]byte(want))
	if err != nil {
		return fmt.Errorf("the script's JSON: %w", err)
	}
	answered, err := decode(got)
	if err != nil {
		return err
	}
	return p.match(wanted, answered, "")
}

// jsonNull is a null as a value, which Entra takes amiss in any answer.
var jsonNull = regexp.MustCompile(`[:\[,]\s*null\b`)

func decode(text []byte) (any, error) {
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return v, d.Decode(&v)
}

func (p *player) match(want, got any, path string) error {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return fmt.Errorf("%s is not an object", path)
		}
		return p.matchObject(want, object, path)
	case []any:
		list, ok := got.([]any)
		if !ok {
			return fmt.Errorf("%s is not an array", path)
		}
		return p.matchList(want, list, path)
	case string:
		text, ok := got.(string)
		if !ok {
			return fmt.Errorf("%s is %v, not a text", path, got)
		}
		if err := p.same(want, text); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	default:
		if want != got {
			return fmt.Errorf("%s is %v, not %v", path, got, want)
		}
	}
	return nil
}

func (p *player) matchObject(want, got map[string]any, path string) error {
	_, more := want["{{more}}"]
	for name, w := range want {
		if name == "{{more}}" {
			continue
		}
		g, ok := got[name]
		switch {
		case w == "{{absent}}" && ok:
			return fmt.Errorf("%s.%s is there", path, name)
		case w == "{{absent}}", ok && w == "{{any}}":
			continue
		case !ok:
			return fmt.Errorf("%s.%s is missing", path, name)
		}
		if err := p.match(w, g, path+"."+name); err != nil {
			return err
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok && !more {
			return fmt.Errorf("%s.%s was not expected", path, name)
		}
	}
	return nil
}

func (p *player) matchList(want, got []any, path string) error {
	if len(want) > 0 && want[0] == "{{among}}" {
		return p.matchAmong(want[1:], got, path)
	}
	if len(want) != len(got) {
		return fmt.Errorf("%s has %d elements, not %d", path, len(got), len(want))
	}
	for i := range want {
		if err := p.match(want[i], got[i], path+"."+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) matchAmong(want, got []any, path string) error {
	for _, w := range want {
		found := false
		for _, g := range got {
			found = found || p.match(w, g, path) == nil
		}
		if !found {
			return fmt.Errorf("%s has no element like %v", path, w)
		}
	}
	return nil
}

// same compares a text with one that may hold marks, and keeps new ids.
func (p *player) same(want, got string) error {
	var pattern strings.Builder
	var names []string
	last := 0
	for _, at := range marks.FindAllStringSubmatchIndex(want, -1) {
		pattern.WriteString(regexp.QuoteMeta(want[last:at[0]]))
		last = at[1]
		argument := ""
		if at[4] >= 0 {
			argument = want[at[4]:at[5]]
		}
		text, keeps := p.patternOf(want[at[2]:at[3]], argument)
		pattern.WriteString(text)
		if keeps {
			names = append(names, argument)
		}
	}
	pattern.WriteString(regexp.QuoteMeta(want[last:]))
	found := regexp.MustCompile(`^(?s:` + pattern.String() + `)$`).FindStringSubmatch(got)
	if found == nil {
		return fmt.Errorf("%q is not %q", clip(got), want)
	}
	for i, name := range names {
		p.kept[name] = found[i+1]
	}
	return nil
}

func (p *player) patternOf(mark, argument string) (pattern string, keeps bool) {
	switch mark {
	case "id":
		if known, ok := p.kept[argument]; ok {
			return regexp.QuoteMeta(known), false
		}
		return `([^/"]+)`, true
	case "base":
		return regexp.QuoteMeta(p.base()), false
	case "time":
		return `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`, false
	default:
		return `.+`, false
	}
}

func clip(s string) string {
	if len(s) > 600 {
		return s[:600] + "…"
	}
	return s
}
