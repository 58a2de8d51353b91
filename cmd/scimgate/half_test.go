package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// raw is JSON that is sent as it stands.
func raw(text string) json.RawMessage { return json.RawMessage(text) }

// joiner is what an identity provider sends of a user.
func joiner(name string) map[string]any {
	return map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:User"}, "userName": name, "displayName": "0",
		"active": true, "emails": []any{map[string]any{"type": "work", "value": name, "primary": true}},
	}
}

// replaced is a PATCH of one attribute.
func replaced(path string, to any) map[string]any {
	return map[string]any{
		"schemas":    []string{"urn:ietf:params:scim:api:messages:2.0:PatchOp"},
		"Operations": []any{map[string]any{"op": "Replace", "path": path, "value": to}},
	}
}

// requests is how many requests of a method the sandbox has seen.
func (p *process) requests(t *testing.T, method string) int {
	t.Helper()
	at := strings.TrimSuffix(p.text(t, "sandboxURL"), "/identity/scim") + "/faults"
	counters := must(t, 200, "GET", at, p.text(t, "sandboxToken"), nil)["counters"].(map[string]any)
	n, _ := counters["requests"].(map[string]any)[method].(float64)
	return int(n)
}

// half is a request of which the second half of the body is still to be sent.
type half struct {
	conn net.Conn
	rest string
}

func sendHalf(t *testing.T, to, token string, body any) *half {
	t.Helper()
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	first, rest := text[:len(text)/2], text[len(text)/2:]
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/scim+json\r\nContent-Length: %d\r\n\r\n%s", u.Path, u.Host, token, len(text), first)
	if err != nil {
		t.Fatal(err)
	}
	return &half{conn, string(rest)}
}

// finish sends the rest and returns the status, 0 if the connection was cut.
func (h *half) finish(t *testing.T) int {
	t.Helper()
	_ = h.conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := h.conn.Write([]byte(h.rest)); err != nil {
		return 0
	}
	answer, err := http.ReadResponse(bufio.NewReader(h.conn), nil)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}
