package connectors

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var loopback = Guard{Loopback: true, Timeout: 2 * time.Second}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// call makes one request and reads its answer; the error is that of either.
func call(ctx context.Context, c *http.Client, method, url string) ([]byte, error) {
	var body io.Reader
	if mutates(method) {
		body = strings.NewReader(`{"active":false}`)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	res, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	return io.ReadAll(res.Body)
}

// fault checks the kind of error that every failed exchange must be.
func fault(t *testing.T, err error, want Fault, unknown bool) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("%v is no *Error", err)
	}
	if e.Fault != want || e.Unknown != unknown {
		t.Errorf("got %s, unknown %v (%s), want %s, %v", e.Fault, e.Unknown, e.Reason, want, unknown)
	}
	return e
}

func TestClientExchanges(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = fmt.Fprintf(w, "%s %s", r.Method, body)
	})
	got, err := call(t.Context(), NewClient(loopback), http.MethodPatch, s.URL)
	if err != nil || string(got) != `PATCH {"active":false}` {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestClientGoesOnlyWhereItMay(t *testing.T) {
	var hits atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	_, err := call(t.Context(), NewClient(Guard{Hosts: []string{"cloud.appspace.com"}}), http.MethodPost, s.URL)
	if e := fault(t, err, Transient, false); e.Reason != errHost.Reason {
		t.Errorf("got %q", e.Reason)
	}
	// A permitted name that leads to this machine.
	_, err = call(t.Context(), NewClient(Guard{Hosts: []string{"localhost"}}), http.MethodPost, "https://localhost/")
	if e := fault(t, err, Transient, false); e.Reason != errAddress.Reason {
		t.Errorf("got %q", e.Reason)
	}
	if hits.Load() != 0 {
		t.Errorf("%d requests went out", hits.Load())
	}
}

func TestClientVerifiesCertificates(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)

	patient := loopback
	patient.Timeout = 10 * time.Second
	_, err := call(t.Context(), NewClient(patient), http.MethodPost, s.URL)
	if e := fault(t, err, Transient, false); e.Reason != "the target's certificate cannot be trusted" {
		t.Errorf("got %q", e.Reason)
	}
	trusting := loopback
	trusting.RootCAs = x509.NewCertPool()
	trusting.RootCAs.AddCert(s.Certificate())
	if got, err := call(t.Context(), NewClient(trusting), http.MethodPost, s.URL); string(got) != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
	// The certificate names 127.0.0.1 and example.com, not localhost.
	_, err = call(t.Context(), NewClient(trusting), http.MethodPost, strings.Replace(s.URL, "127.0.0.1", "localhost", 1))
	_ = fault(t, err, Transient, false)
}

func TestClientRefusesAnExpiredCertificate(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	old := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(-24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, old, old, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)

	trusting := loopback
	trusting.RootCAs = x509.NewCertPool()
	trusting.RootCAs.AddCert(s.Certificate())
	_, err = call(t.Context(), NewClient(trusting), http.MethodPost, s.URL)
	e := fault(t, err, Transient, false)
	var invalid x509.CertificateInvalidError
	if !errors.As(e, &invalid) || invalid.Reason != x509.Expired {
		t.Errorf("cause %v", e.Err)
	}
}

func TestClientFollowsNoRedirect(t *testing.T) {
	var hits atomic.Int32
	elsewhere := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		_, err := call(t.Context(), NewClient(loopback), http.MethodPost, s.URL)
		if e := fault(t, err, Protocol, true); e.Status != status {
			t.Errorf("%d: status %d", status, e.Status)
		}
		_, err = call(t.Context(), NewClient(loopback), http.MethodGet, s.URL)
		_ = fault(t, err, Protocol, false)
	}
	if hits.Load() != 0 {
		t.Errorf("%d redirects were followed", hits.Load())
	}
}

func TestClientReadsAtMostOneMiB(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		chunk := bytes.Repeat([]byte("x"), 1<<16)
		n := MaxAnswer / len(chunk)
		if r.URL.Path == "/more" {
			n = 1 << 20 // 64 GiB, if it were read
		}
		for range n {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	got, err := call(t.Context(), NewClient(loopback), http.MethodGet, s.URL)
	if len(got) != MaxAnswer || err != nil {
		t.Errorf("exactly 1 MiB: read %d bytes, %v", len(got), err)
	}
	got, err = call(t.Context(), NewClient(loopback), http.MethodPut, s.URL+"/more")
	if _ = fault(t, err, Protocol, true); len(got) != MaxAnswer {
		t.Errorf("endless: read %d bytes", len(got))
	}
}

func TestClientGivesUpInTime(t *testing.T) {
	release := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/trickle" {
			_, _ = io.WriteString(w, "{")
			_ = http.NewResponseController(w).Flush()
		}
		<-release
	})
	t.Cleanup(func() { close(release) })
	short := Guard{Loopback: true, Timeout: 100 * time.Millisecond}
	for _, path := range []string{"/silent", "/trickle"} {
		start := time.Now()
		_, err := call(t.Context(), NewClient(short), http.MethodPost, s.URL+path)
		if e := fault(t, err, Transient, true); e.Reason != "the target did not answer in time" {
			t.Errorf("%s: %q", path, e.Reason)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s: took %v", path, took)
		}
		_, err = call(t.Context(), NewClient(short), http.MethodGet, s.URL+path)
		_ = fault(t, err, Transient, false)
	}
}

func TestClientStopsWhenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	release := make(chan struct{})
	s := serve(t, func(http.ResponseWriter, *http.Request) { cancel(); <-release })
	t.Cleanup(func() { close(release) })
	_, err := call(ctx, NewClient(loopback), http.MethodPost, s.URL)
	if e := fault(t, err, Transient, true); !errors.Is(e, context.Canceled) {
		t.Errorf("cause %v", e.Err)
	}
}

func TestClientKnowsWhatWasNeverSent(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = nobody.Close()
	_, err = call(t.Context(), NewClient(loopback), http.MethodPost, "http://"+nobody.Addr().String())
	_ = fault(t, err, Transient, false)

	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		c, _, _ := http.NewResponseController(w).Hijack()
		_ = c.Close()
	})
	_, err = call(t.Context(), NewClient(loopback), http.MethodPost, s.URL)
	_ = fault(t, err, Transient, true)
	_, err = call(t.Context(), NewClient(loopback), http.MethodGet, s.URL)
	_ = fault(t, err, Transient, false)
}

// A target that answers gibberish may be quoting what it was sent.
func TestClientQuotesNothingOfTheTarget(t *testing.T) {
	for _, answer := range []string{
		"canary\r\n\r\n", "HTTP/1.1 canary\r\n\r\n", "HTTP/1.1 200 OK\r\ncanary\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: canary\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: canary\r\n\r\n",
		"HTTP/1.1 302 Found\r\nLocation: http://canary:bad\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n",
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(c, answer)
			_ = c.Close()
		})
		_, err := call(t.Context(), NewClient(loopback), http.MethodPost, s.URL)
		var e *Error
		if !errors.As(err, &e) || !e.Unknown {
			t.Errorf("%q: %v", answer, err)
			continue
		}
		if said := fmt.Sprintf("%v %+v %v", e, *e, e.Err); strings.Contains(said, "canary") {
			t.Errorf("%q: the error quotes it: %s", answer, said)
		}
	}
}

func TestSendBy(t *testing.T) {
	var hits atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	past := WithSendBy(t.Context(), time.Now())
	ahead := WithSendBy(t.Context(), time.Now().Add(time.Minute))

	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		_, err := call(past, NewClient(loopback), method, s.URL)
		_ = fault(t, err, Transient, false)
	}
	if hits.Load() != 0 {
		t.Fatalf("%d requests were sent after their time", hits.Load())
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		if _, err := call(past, NewClient(loopback), method, s.URL); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
	if _, err := call(ahead, NewClient(loopback), http.MethodPost, s.URL); err != nil {
		t.Error(err)
	}
}

// A dial, or a pause of the whole process, that lasts until after the time must
// not be followed by a request: on a fresh connection nor on one that was waiting.
func TestSendByHoldsAtTheSocket(t *testing.T) {
	var hits atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	for _, warm := range []bool{false, true} {
		c := NewClient(loopback)
		if warm {
			if _, err := call(t.Context(), c, http.MethodGet, s.URL); err != nil {
				t.Fatal(err)
			}
		}
		hits.Store(0)
		by, reused := time.Now().Add(30*time.Millisecond), false
		pause := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
			reused = reused || info.Reused
			<-time.After(time.Until(by))
		}}
		ctx := httptrace.WithClientTrace(WithSendBy(t.Context(), by), pause)
		_, err := call(ctx, c, http.MethodPost, s.URL)
		if _ = fault(t, err, Transient, false); hits.Load() != 0 {
			t.Errorf("warm %v: sent after its time", warm)
		}
		if reused != warm {
			t.Errorf("a connection was reused: %v, want %v", reused, warm)
		}
	}
}

func BenchmarkClient(b *testing.B) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer s.Close()
	for name, c := range map[string]*http.Client{"guarded": NewClient(loopback), "plain": {Transport: &http.Transport{}}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := call(context.Background(), c, http.MethodPost, s.URL); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
