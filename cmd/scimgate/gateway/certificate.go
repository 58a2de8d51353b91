package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// rereadEvery is how often certificates are looked at. What replaces them (cert-
// manager, certbot) does so weeks before the old one ends.
const rereadEvery = 10 * time.Second

// suites are those of TLS 1.2, which stays: Entra speaks nothing newer, and RFC
// 7644 section 7.2 asks for it. TLS 1.3 has its own.
var suites = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
}

// certificate is a listener's certificate and key, as its files hold them now:
// they may be replaced, one after the other, under load.
type certificate struct {
	certFile, keyFile string
	log               *slog.Logger
	pair              atomic.Pointer[tls.Certificate]
	seen              [sha256.Size]byte // of what was read last, good or not
}

// openCertificate reads a certificate and its key; at the start they have to be good.
func openCertificate(certFile, keyFile string, log *slog.Logger) (*certificate, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	if _, err := c.read(); err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	return c, nil
}

// read takes what the files hold, if that is new. After an error the earlier pair stays.
func (c *certificate) read() (changed bool, err error) {
	chain, err := os.ReadFile(c.certFile)
	if err != nil {
		return false, err
	}
	key, err := os.ReadFile(c.keyFile)
	if err != nil {
		return false, err
	}
	seen := sha256.Sum256(append(append(chain[:len(chain):len(chain)], 0), key...))
	if seen == c.seen {
		return false, nil
	}
	c.seen = seen
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return false, err
	}
	c.pair.Store(&pair)
	return true, nil
}

// follow reads again until ctx ends.
func (c *certificate) follow(ctx context.Context, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			c.reread(ctx)
		}
	}
}

func (c *certificate) reread(ctx context.Context) {
	changed, err := c.read()
	switch {
	case err != nil:
		c.log.WarnContext(ctx, "the new certificate cannot be used; the earlier one stays", "file", c.certFile, "error", err)
	case changed:
		c.log.InfoContext(ctx, "certificate replaced", "file", c.certFile, "not_after", c.pair.Load().Leaf.NotAfter)
	}
}

// config is that of a server with this certificate: each new connection gets the
// one that is in force then.
func (c *certificate) config() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		CipherSuites:   suites,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.pair.Load(), nil },
	}
}

// followCertificates keeps both listeners' certificates up to date until ctx ends.
func (g *Gateway) followCertificates(ctx context.Context) {
	var group errgroup.Group
	for _, c := range []*certificate{g.public.certificate, g.operator.certificate} {
		if c != nil {
			group.Go(func() error { c.follow(ctx, rereadEvery); return nil })
		}
	}
	_ = group.Wait()
}
