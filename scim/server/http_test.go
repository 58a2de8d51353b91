package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// wire is a real server, spoken to byte by byte: bad inputs 68 to 72 and 74.
type wire struct {
	address string
	token   string
	base    string
}

func newWire(t *testing.T) *wire {
	t.Helper()
	account := newTenant()
	server := httptest.NewUnstartedServer(newHandler(stores(t)["sqlite"], account))
	server.Config.ReadHeaderTimeout = 5 * time.Second
	server.Config.MaxHeaderBytes = 16 << 10
	server.Start()
	t.Cleanup(server.Close)
	return &wire{server.Listener.Addr().String(), string(account.ID), "/t/" + string(account.ID) + "/identity/scim"}
}

// expand fills BASE and TOKEN in, and ends lines as HTTP does.
func (w *wire) expand(text string) string {
	return strings.NewReplacer("\n", "\r\n", "BASE", w.base, "TOKEN", w.token).Replace(text)
}

// ask sends bytes and returns the statuses of all that is answered to them until
// the server closes or has nothing to say for a while.
func (w *wire) ask(t *testing.T, sent string) (statuses []int, last string) {
	t.Helper()
	var dialer net.Dialer
	connection, err := dialer.DialContext(t.Context(), "tcp", w.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(5 * time.Second))
	go func() { _, _ = io.WriteString(connection, sent) }() // a refusal may come before the end
	reader := bufio.NewReader(connection)
	for {
		answer, err := http.ReadResponse(reader, nil)
		if err != nil {
			return statuses, last
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil {
			return statuses, last
		}
		statuses, last = append(statuses, answer.StatusCode), string(body)
		_ = connection.SetDeadline(time.Now().Add(300 * time.Millisecond))
	}
}

const userBody = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"wire@x.example"}`

func TestWire(t *testing.T) {
	w := newWire(t)
	length := fmt.Sprintf("Content-Length: %d\n", len(userBody))
	chunk := func(line string) string {
		return "POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\nTransfer-Encoding: chunked\n\n" + line
	}
	cases := []struct {
		name, sent string
		want       string // statuses
	}{
		{"68, doubled Authorization", "GET BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\nAuthorization: Bearer TOKEN\n\n", "[401]"},
		{"68, none", "GET BASE/Users HTTP/1.1\nHost: h\n\n", "[401]"},
		{"68, the scheme alone", "GET BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer \n\n", "[401]"},
		{"68, 1 MiB of it", "GET BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer " + strings.Repeat("a", 1<<20) + "\n\n", "[431]"},
		{"68, folded over two lines: one value (RFC 9112 §5.2)", "GET BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer\n TOKEN\n\n", "[200]"},
		{"70, an escaped way to another tenant", "GET /t/x%2f..%2fTOKEN/identity/scim/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[404]"},
		{"70, the same unescaped", "GET /t/x/../TOKEN/identity/scim/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[404]"},
		{"70, two slashes before it", "GET //tBASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[404]"},
		{"70, two slashes in it", "GET BASE//Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[404]"},
		{"70, a semicolon", "GET BASE;x/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[404]"},
		{"70, a slash behind it", "GET BASE/Users/ HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[404]"},
		{"70, another case of the prefix", "GET /T/TOKEN/identity/scim/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[404]"},
		{"70, a backslash", "GET BASE\\Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[404]"},
		{"70, a NUL behind a known path", "GET BASE/Users%00 HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[404]"},
		{"70, an escape of nothing", "GET BASE/Users/%zz HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[400]"},
		{"70, an id that is no UTF-8", "GET BASE/Users/%ff HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[404]"},
		{"70, as a proxy is asked", "GET http://elsewhere.exampleBASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[200]"},
		// Chunks win (RFC 9112 §6.3); what follows them is a request with a credential of its own.
		{"72, length and chunks", "POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\nContent-Length: 4\nTransfer-Encoding: chunked\n\n0\n\nGET BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n", "[400 200]"},
		{"72, two lengths", "POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n" + length + "Content-Length: 4\n\n" + userBody, "[400]"},
		{"72, a length with a sign", "POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\nContent-Length: +4\n\n{}  ", "[400]"},
		{"72, a coding in disguise", "POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\nTransfer-Encoding: xchunked\n\n0\n\n", "[501]"},
		{"72, two codings", "POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\nTransfer-Encoding: chunked\nTransfer-Encoding: chunked\n\n0\n\n", "[501]"},
		{"72, no host", "GET BASE/Users HTTP/1.1\nAuthorization: Bearer TOKEN\n\n", "[400]"},
		{"72, a space before the colon", "GET BASE/Users HTTP/1.1\nHost: h\nAuthorization : Bearer TOKEN\n\n", "[400]"},
		{"72, a size that is no number", chunk("zz\n{}\n0\n\n"), "[400]"},
		{"72, a chunk longer than it says", chunk("1\n{}\n0\n\n"), "[400]"},
		{"72, a flood of chunk extensions", chunk("2;" + strings.Repeat("a=b;", 1<<14) + "\n{}\n0\n\n"), "[400]"},
		{"20, chunks that come to more than 1 MiB", chunk("200000\n" + strings.Repeat(" ", 0x200000) + "\n0\n\n"), "[413]"},
		{"71, what proxies add is not believed", "POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\nX-Forwarded-Host: evil.example\nX-Forwarded-For: 10.0.0.1\nX-HTTP-Method-Override: DELETE\n" + length + "\n" + userBody, "[201]"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, last := w.ask(t, w.expand(c.sent)); fmt.Sprint(got) != c.want {
				t.Errorf("%v, not %s: %s", got, c.want, clip(last))
			}
		})
	}
}

// A chunk line that ends in LF alone hides a request from a proxy that reads it
// otherwise (CVE-2025-22871).
func TestWireBareLF(t *testing.T) {
	w := newWire(t)
	sent := w.expand("POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\nTransfer-Encoding: chunked\n\n") +
		"2\n{}\r\n0\r\n\r\n" + w.expand("GET BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n")
	if got, last := w.ask(t, sent); fmt.Sprint(got) != "[400]" || !strings.Contains(last, "invalidSyntax") {
		t.Errorf("%v %s", got, clip(last))
	}
	sent = w.expand("POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\nTransfer-Encoding: chunked\n\n") +
		fmt.Sprintf("%x;a\n%s\r\n0\r\n\r\n", len(userBody), userBody)
	if got, last := w.ask(t, sent); fmt.Sprint(got) != "[400]" {
		t.Errorf("in an extension: %v %s", got, clip(last))
	}
	got, last := w.ask(t, w.expand("GET BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n\n"))
	if fmt.Sprint(got) != "[200]" || !strings.Contains(last, `"totalResults":0`) {
		t.Errorf("something was stored: %v %s", got, clip(last))
	}
}

// The Host header and what proxies add do not get into meta.location.
func TestWireLocation(t *testing.T) {
	w := newWire(t)
	got, last := w.ask(t, w.expand("POST BASE/Users HTTP/1.1\nHost: evil.example\nX-Forwarded-Host: evil.example\nForwarded: host=evil.example\nAuthorization: Bearer TOKEN\n")+
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(userBody), userBody))
	if fmt.Sprint(got) != "[201]" || strings.Contains(last, "evil") || !strings.Contains(last, publicURL+w.base+"/Users/") {
		t.Errorf("%v %s", got, last)
	}
}

// Who asks for leave to send a body is told of a refusal at once (bad input 74).
func TestWireExpect(t *testing.T) {
	w := newWire(t)
	got, _ := w.ask(t, w.expand("POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer wrong\nExpect: 100-continue\nContent-Length: 1000\n\n"))
	if fmt.Sprint(got) != "[401]" {
		t.Errorf("bad token: %v", got)
	}
	got, _ = w.ask(t, w.expand("POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\nExpect: 100-continue\nContent-Length: 9000000\n\n"))
	if fmt.Sprint(got) != "[413]" {
		t.Errorf("too large: %v", got)
	}
}

// A body of which the end never comes is not stored.
func TestWireCutBody(t *testing.T) {
	w := newWire(t)
	var dialer net.Dialer
	connection, err := dialer.DialContext(t.Context(), "tcp", w.address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(connection, w.expand("POST BASE/Users HTTP/1.1\nHost: h\nAuthorization: Bearer TOKEN\n")+
		fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(userBody)+1, userBody))
	if err != nil {
		t.Fatal(err)
	}
	_ = connection.(*net.TCPConn).CloseWrite()
	answer, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("cut body: %d", answer.StatusCode)
	}
}
