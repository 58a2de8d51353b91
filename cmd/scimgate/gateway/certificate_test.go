package gateway

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// mint makes a certificate of this machine with a serial number, and its key.
func mint(t *testing.T, serial int64) (chain, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}

// place is where a test's certificate lies.
type place struct{ cert, key string }

func newPlace(t *testing.T) place {
	t.Helper()
	dir := t.TempDir()
	p := place{filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")}
	chain, key := mint(t, 1)
	put(t, p.cert, chain)
	put(t, p.key, key)
	return p
}

// put replaces a file as Kubernetes and cert-manager do: whole or not at all.
func put(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+".new", file); err != nil {
		t.Fatal(err)
	}
}

// serveTLS serves "ok" with the certificate that lies there, looked at every 5 ms,
// and returns the URL and what is logged.
func serveTLS(t *testing.T, p place) (url string, logged *lines) {
	t.Helper()
	logged = new(lines)
	l, err := listenOn(t.Context(), "127.0.0.1:0", p.cert, p.key, 100, slog.New(slog.NewTextHandler(logged, nil)))
	if err != nil {
		t.Fatal(err)
	}
	l.server = httpServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }), slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	var both sync.WaitGroup
	both.Go(func() { l.certificate.follow(ctx, 5*time.Millisecond) })
	both.Go(func() {
		if err := l.serve(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); _ = l.server.Close(); both.Wait() })
	return strings.Replace(l.url(), "127.0.0.1", "localhost", 1), logged
}

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

// anyone is a client that takes every certificate; a connection a request unless kept.
func anyone(kept bool, change func(*tls.Config)) *http.Client {
	config := &tls.Config{InsecureSkipVerify: true} // the tests look at the serial number instead
	if change != nil {
		change(config)
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true, DisableKeepAlives: !kept}, Timeout: 10 * time.Second}
}

// ask makes a request and returns its TLS state and protocol.
func ask(ctx context.Context, c *http.Client, url string) (*tls.ConnectionState, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, "", err
	}
	res, err := c.Do(req)
	if err != nil {
		return nil, "", err
	}
	_ = res.Body.Close()
	return res.TLS, res.Proto, nil
}

func serial(t *testing.T, url string) int64 {
	t.Helper()
	state, _, err := ask(t.Context(), anyone(false, nil), url)
	if err != nil {
		t.Fatal(err)
	}
	return state.PeerCertificates[0].SerialNumber.Int64()
}

// TestACertificateIsReplacedUnderLoad is vector 80: whatever lies there in between
// (a certificate whose key is not there yet, half a file), no request fails.
func TestACertificateIsReplacedUnderLoad(t *testing.T) {
	p := newPlace(t)
	url, logged := serveTLS(t, p)
	var asked, failed atomic.Int64
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for i := range 4 {
		clients.Go(func() {
			c := anyone(i%2 == 0, nil)
			defer c.CloseIdleConnections()
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, _, err := ask(t.Context(), c, url); err != nil {
					failed.Add(1)
				}
				asked.Add(1)
			}
		})
	}
	for n := int64(2); n <= 6; n++ {
		chain, key := mint(t, n)
		put(t, p.cert, chain[:len(chain)/2])
		until(t, "half a file is told", func() bool { return logged.count("cannot be used") == int(n-2)*2+1 })
		put(t, p.cert, chain)
		until(t, "a certificate without its key is told", func() bool { return logged.count("cannot be used") == int(n-2)*2+2 })
		if got := serial(t, url); got != n-1 {
			t.Errorf("before the key is there: certificate %d, want %d", got, n-1)
		}
		put(t, p.key, key)
		until(t, "the new certificate is served", func() bool { return serial(t, url) == n })
	}
	close(stop)
	clients.Wait()
	if failed.Load() > 0 || asked.Load() < 20 {
		t.Errorf("%d of %d requests failed", failed.Load(), asked.Load())
	}
}

func TestTheListenerSpeaksWhatEntraNeeds(t *testing.T) {
	url, _ := serveTLS(t, newPlace(t))
	entra := anyone(false, func(c *tls.Config) {
		c.MaxVersion = tls.VersionTLS12
		c.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384}
	})
	state, _, err := ask(t.Context(), entra, url)
	if err != nil || state.Version != tls.VersionTLS12 {
		t.Errorf("TLS 1.2 with ECDHE-AES-GCM: %v", err)
	}
	state, protocol, err := ask(t.Context(), anyone(false, nil), url)
	if err != nil || state.Version != tls.VersionTLS13 || protocol != "HTTP/2.0" {
		t.Errorf("a new client: %s, %v", protocol, err)
	}
	refused := map[string]func(*tls.Config){
		"TLS 1.1": func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 },
		"CBC": func(c *tls.Config) {
			c.MaxVersion, c.CipherSuites = tls.VersionTLS12, []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
		},
	}
	for name, change := range refused {
		if _, _, err := ask(t.Context(), anyone(false, change), url); err == nil {
			t.Errorf("%s is spoken", name)
		}
	}
}

func TestABrokenCertificateIsRefusedAtTheStart(t *testing.T) {
	p := newPlace(t)
	_, other := mint(t, 2)
	put(t, p.key, other)
	if _, err := listenOn(t.Context(), "127.0.0.1:0", p.cert, p.key, 1, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a certificate with another's key is taken")
	}
}

func TestAListenerHoldsSoManyConnections(t *testing.T) {
	l, err := listenOn(t.Context(), "127.0.0.1:0", "", "", 2, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	inside, release := make(chan struct{}, 10), make(chan struct{})
	l.server = httpServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inside <- struct{}{}; <-release }), slog.New(slog.DiscardHandler))
	var all sync.WaitGroup
	all.Go(func() { _ = l.serve() })
	for range 3 {
		all.Go(func() {
			if _, _, err := ask(t.Context(), anyone(false, nil), l.url()); err != nil {
				t.Error(err)
			}
		})
	}
	<-inside
	<-inside
	select {
	case <-inside:
		t.Error("a third connection is served beside two")
	case <-time.After(50 * time.Millisecond):
	}
	close(release)
	<-inside // the third had to wait, and was served
	_ = l.server.Shutdown(t.Context())
	all.Wait()
}
