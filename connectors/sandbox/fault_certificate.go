package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"sync"
	"time"
)

// valid is how long the certificates are; no sandbox runs longer.
const valid = 365 * 24 * time.Hour

// certificate is what a TLS handshake is shown: the account's own certificate,
// unless the fault "certificate" meets it. It is a tls.Config.GetCertificate.
func (l *line) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	all, err := makeCertificates()
	if err != nil {
		return nil, err
	}
	if set := l.set.Load(); set != nil {
		for _, f := range set.faults {
			if f.act == nil && f.draw() != nil {
				return all.wrong[completed(f.kind, f.Args)["wrong"]], nil
			}
		}
	}
	return all.fitting, nil
}

// certificates are made at the first handshake, and are the same for all accounts
// of the process.
type certificates struct {
	authority []byte // PEM
	fitting   *tls.Certificate
	wrong     map[string]*tls.Certificate // by the fault's argument
}

var makeCertificates = sync.OnceValues(func() (certificates, error) {
	ours, theirs := newIssuer(), newIssuer()
	all := certificates{
		authority: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ours.der}),
		fitting:   ours.issue("localhost", valid),
		wrong: map[string]*tls.Certificate{
			"name":      ours.issue("elsewhere.invalid", valid),
			"expired":   ours.issue("localhost", -time.Hour),
			"authority": theirs.issue("localhost", valid),
		},
	}
	if ours.err != nil {
		return all, ours.err
	}
	return all, theirs.err
})

// issuer is an authority. It keeps its first error.
type issuer struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
	der  []byte
	err  error
}

func newIssuer() *issuer {
	i := &issuer{}
	if i.key, i.err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); i.err != nil {
		return i
	}
	template := certificateFor("scimgate sandbox authority", valid)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	i.cert = template
	i.der, i.err = x509.CreateCertificate(rand.Reader, template, template, i.key.Public(), i.key)
	return i
}

// issue makes a server's certificate that ends after a time, which may be past.
func (i *issuer) issue(name string, ends time.Duration) *tls.Certificate {
	if i.err != nil {
		return nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.err = err
		return nil
	}
	template := certificateFor(name, ends)
	der, err := x509.CreateCertificate(rand.Reader, template, i.cert, key.Public(), i.key)
	if err != nil {
		i.err = err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// certificateFor names a host; localhost is this machine by its addresses too.
func certificateFor(name string, ends time.Duration) *x509.Certificate {
	now := time.Now()
	c := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: now.Add(-48 * time.Hour), NotAfter: now.Add(ends),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if name == "localhost" {
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	return c
}
