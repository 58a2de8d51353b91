package sandbox

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// stage is a sandbox on a real listener, and a client as any.
type stage struct {
	*testing.T
	box    *Sandbox
	url    string
	client *http.Client
}

func newStage(t *testing.T, faults ...string) *stage {
	t.Helper()
	box := open(t, Config{})
	server := httptest.NewUnstartedServer(box.Handler())
	server.Listener = box.Listener(server.Listener)
	server.Config.ErrorLog = log.New(complaints{t}, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	t.Cleanup(client.CloseIdleConnections)
	s := &stage{T: t, box: box, url: server.URL, client: client}
	s.fail(faults...)
	return s
}

// complaints fail the test with what the server has to say of a handler.
type complaints struct{ *testing.T }

func (c complaints) Write(text []byte) (int, error) {
	c.Errorf("the server complains: %s", text)
	return len(text), nil
}

// fail replaces the faults that are set.
func (s *stage) fail(texts ...string) {
	s.Helper()
	faults, err := ParseFaults(texts...)
	if err == nil {
		err = s.box.SetFaults(faults...)
	}
	if err != nil {
		s.Fatal(err)
	}
}

// said is what the client got.
type said struct {
	status int
	header http.Header
	body   string
	err    error
}

func (s *stage) ask(method, path, body string) said {
	s.Helper()
	req, err := http.NewRequestWithContext(s.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer t0ken")
	if body != "" {
		req.Header.Set("Content-Type", "application/scim+json")
	}
	res, err := s.client.Do(req)
	if err != nil {
		return said{err: err}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return said{res.StatusCode, res.Header, string(text), err}
}

const penny = `{"userName":"penny@example.com","title":"Cook","active":true,"emails":[{"value":"penny@example.com","primary":true}],` +
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"M1"}}}`

// add makes a user while nothing fails, and returns its path.
func (s *stage) add() string {
	s.Helper()
	got := s.ask("POST", users, penny)
	if got.status != 201 {
		s.Fatalf("%+v", got)
	}
	return strings.TrimPrefix(got.header.Get("Location"), "http://sandbox.test")
}

const retitled = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"Chef"}]}`

func lookUp(name string) string {
	return users + "?" + url.Values{"filter": {`userName eq "` + name + `"`}}.Encode()
}

const other = `{"userName":"other@example.com"}`

// isTimeout reports whether it was the client who gave up.
func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
