package connectors

import (
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Guard says where the outbound client may go. The zero Guard lets nothing out.
type Guard struct {
	// Hosts are the hosts that may be called, over TLS on port 443 only:
	// "cloud.appspace.com" is that host, ".appspace.com" every host below it.
	Hosts []string
	// Loopback also permits localhost, 127.0.0.0/8 and ::1, on any port and
	// without TLS: for the demo, and for a target on the same machine.
	Loopback bool
	// Timeout ends one exchange, the reading of the answer included. Zero: 10 s.
	Timeout time.Duration
	// RootCAs verify the target's certificate. Nil: those of the system.
	RootCAs *x509.CertPool
}

func (g Guard) timeout() time.Duration {
	if g.Timeout > 0 {
		return g.Timeout
	}
	return 10 * time.Second
}

// What the guard refuses. A refusal is Transient: a person mends the settings or
// the DNS, and what is owed then goes out by itself.
var (
	errUserinfo = refusal("the target's URL holds a user name, which is never sent")
	errHost     = refusal("the target's host is not among those that may be called")
	errScheme   = refusal("the target's URL must begin with https://")
	errPort     = refusal("the target must be called on port 443")
	errAddress  = refusal("the target's host name leads to an address that is not public")
)

func refusal(reason string) *Error { return &Error{Fault: Transient, Reason: reason} }

// allow judges a request by its URL, before any name is resolved.
func (g Guard) allow(req *http.Request) error {
	u := req.URL
	switch {
	case u.User != nil:
		return errUserinfo
	case req.Host != "" && req.Host != u.Host:
		return errHost
	case g.Loopback && IsLoopback(u.Hostname()):
		return allowScheme(u, "http", "https")
	case !g.listed(u.Hostname()):
		return errHost
	case u.Port() != "" && u.Port() != "443":
		return errPort
	}
	return allowScheme(u, "https")
}

func allowScheme(u *url.URL, schemes ...string) error {
	if slices.Contains(schemes, u.Scheme) {
		return nil
	}
	return errScheme
}

// listed compares the host as text: other spellings of an address (2130706433,
// 0x7f.1) or of a name (a final dot, a look-alike) are other hosts.
func (g Guard) listed(host string) bool {
	host = strings.ToLower(host)
	return host != "" && slices.ContainsFunc(g.Hosts, func(entry string) bool {
		entry = strings.ToLower(entry)
		if strings.HasPrefix(entry, ".") {
			return len(host) > len(entry) && strings.HasSuffix(host, entry)
		}
		return host == entry
	})
}

// IsLoopback reports whether a URL names this machine, by a name or an address
// that Guard.Loopback lets through.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// control returns the check of the address that a host (as the URL spelled it)
// was resolved to. The dialer runs it on the socket about to be connected, so an
// answer of the DNS that changes between look-up and dial does not get past it.
func (g Guard) control(host string) func(network, address string, _ syscall.RawConn) error {
	accept := public
	if g.Loopback && IsLoopback(host) {
		accept = netip.Addr.IsLoopback
	}
	return func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil || !accept(ap.Addr().Unmap()) {
			return errAddress
		}
		return nil
	}
}

// public reports whether an address is one of the public Internet. Go's own
// predicates pass CGNAT, benchmarking and the forms that embed an IPv4 address.
func public(a netip.Addr) bool {
	a = a.Unmap()
	if a.Zone() != "" || a.Is6() && !globalUnicast.Contains(a) {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// globalUnicast is all of IPv6 that is given out (RFC 4291 §2.4). Outside of it
// lie loopback, link-local, fc00::/7, multicast, IPv4-mapped and -compatible
// addresses, and NAT64 64:ff9b::/96, which leads to any IPv4 address.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// special are the networks within that which the IANA's special-purpose
// registries set apart (RFC 6890), and one public address that is not.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // carrier-grade NAT
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("168.63.129.16/32"), // Azure's platform, from inside a virtual machine
	netip.MustParsePrefix("169.254.0.0/16"),   // link-local, cloud metadata
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), // 6to4 relays
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("198.18.0.0/15"), // benchmarking
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("224.0.0.0/4"), // multicast
	netip.MustParsePrefix("240.0.0.0/4"), // reserved, broadcast
	netip.MustParsePrefix("2001::/23"),   // Teredo, ORCHID, benchmarking
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4: embeds an IPv4 address
	netip.MustParsePrefix("3fff::/20"),
}

// dialer returns the dialer for one target, "host:port" as in its URL.
func (g Guard) dialer(target string) (*net.Dialer, error) {
	host, _, err := net.SplitHostPort(target)
	if err != nil {
		return nil, errors.Join(errHost, err)
	}
	return &net.Dialer{Timeout: g.timeout() / 2, KeepAlive: 30 * time.Second, Control: g.control(host)}, nil
}
