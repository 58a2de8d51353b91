package sandbox

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// trusting is the TLS configuration of who trusts the sandbox's authority.
func trusting(t *testing.T) *tls.Config {
	t.Helper()
	text, err := open(t, Config{}).Authority()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		t.Fatalf("no certificate: %s", text)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// secured is a stage whose client speaks TLS, on a fresh connection each time.
func secured(t *testing.T, faults ...string) *stage {
	t.Helper()
	s := newStage(t, faults...)
	s.url = strings.Replace(s.url, "http://", "https://", 1)
	s.client.Transport = &http.Transport{TLSClientConfig: trusting(t), DisableKeepAlives: true}
	return s
}

func TestCertificateFits(t *testing.T) {
	s := secured(t)
	for _, host := range []string{"127.0.0.1", "localhost"} {
		s.url = strings.Replace(s.url, "127.0.0.1", host, 1)
		if got := s.ask("POST", users, `{"userName":"`+host+`@example.com"}`); got.status != 201 {
			t.Errorf("%+v", got)
		}
	}
	s.url = strings.Replace(s.url, "https://", "http://", 1)
	if got := s.ask("GET", users, ""); got.status != 200 {
		t.Errorf("plain HTTP beside it: %+v", got)
	}
}

func TestCertificateDoesNotFit(t *testing.T) {
	for wrong, is := range map[string]func(error) bool{
		"name":      is[x509.HostnameError],
		"expired":   func(err error) bool { return strings.Contains(err.Error(), "expired") },
		"authority": is[x509.UnknownAuthorityError],
	} {
		s := secured(t, "certificate=wrong="+wrong)
		if got := s.ask("POST", users, other); got.err == nil || !is(got.err) {
			t.Errorf("%s: %+v", wrong, got)
		}
		s.fail()
		if got := s.ask("GET", users, ""); got.status != 200 || !strings.Contains(got.body, `"totalResults":0`) {
			t.Errorf("%s, cleared: %+v", wrong, got)
		}
	}
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

func TestCertificateIsCountedByConnection(t *testing.T) {
	s := secured(t, "certificate=count=1", "string-booleans")
	if got := s.ask("GET", users, ""); got.err == nil {
		t.Errorf("%+v", got)
	}
	if got := s.ask("GET", users, ""); got.status != 200 {
		t.Errorf("%+v", got)
	}
	if set := s.box.Faults(); set[0].Met != 1 || set[1].Met != 1 {
		t.Errorf("%+v", set)
	}
}

// TestSilentClientsHoldUpNobody connects and says nothing, or nonsense.
func TestSilentClientsHoldUpNobody(t *testing.T) {
	s := newStage(t)
	for _, says := range []string{"", "\x16", "\x16\x03\x01\x00\x05hello", "\x00\xff"} {
		c, err := net.DialTimeout("tcp", strings.TrimPrefix(s.url, "http://"), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		_, _ = c.Write([]byte(says))
	}
	if got := s.ask("GET", users, ""); got.status != 200 {
		t.Errorf("%+v", got)
	}
}
