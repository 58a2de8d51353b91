package connectors

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// What an attacker controls of a target is its URL, and the DNS of its own names:
// this is all that we know of either that leads inside.
var (
	innerURLs = []string{
		"http://127.0.0.1/", "https://127.0.0.1/", "https://127.0.0.1:443/", "https://127.1/", "https://127.000.000.001/", "https://0/", "https://0.0.0.0/",
		"https://2130706433/", "https://0x7f000001/", "https://0x7f.1/", "https://017700000001/", "https://127.0.0.1.:443/",
		"https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[::127.0.0.1]/", "https://[0:0:0:0:0:0:0:1]/",
		"https://[64:ff9b::7f00:1]/", "https://[64:ff9b::a9fe:a9fe]/", "https://[2002:7f00:1::]/", "https://[fe80::1%25lo]/", "https://[fd00:ec2::254]/",
		"https://localhost/", "https://LOCALHOST/", "https://localhost./", "https://ip6-localhost/", "https://localhost:8081/console",
		"https://169.254.169.254/latest/meta-data/", "https://169.254.169.254./", "https://2852039166/", "https://0xa9fea9fe/", "https://metadata.google.internal/",
		"https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.0.1/", "https://100.64.0.1/", "https://198.18.0.1/", "https://168.63.129.16/",
		"https://allowed.example@127.0.0.1/", "https://127.0.0.1@allowed.example/", "https://allowed.example:80@127.0.0.1/", "https://127.0.0.1#allowed.example",
		"https://127.0.0.1?allowed.example", "https://127.0.0.1/allowed.example", "https://127.0.0.1%00.allowed.example/", "https://allowed.example%2f@127.0.0.1/",
		"https://allowed.example.127.0.0.1.nip.example/", "https://allowed.example:8081/", "http://allowed.example/", "gopher://127.0.0.1:6379/", "file:///etc/passwd",
		"https://127。0。0。1/", "https://①②⑦.0.0.1/", "https://ⓛocalhost/",
	}
	innerAddresses = []string{ // answers of the DNS for a name that may be called
		"127.0.0.1", "127.255.0.1", "0.0.0.0", "10.1.2.3", "172.31.255.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.192", "198.18.0.1",
		"168.63.129.16", "224.0.0.1", "255.255.255.255", "::1", "::", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
		"2002:7f00:1::1", "2001::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "100::1", "3fff::1",
	}
)

// canary counts who gets to this machine's port 443, where that is ours to open.
func canary(t *testing.T) *atomic.Int64 {
	t.Helper()
	hits := new(atomic.Int64)
	for _, address := range []string{"127.0.0.1:443", "[::1]:443"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Logf("%v: what is refused is told by the guard's own word", err)
			continue
		}
		t.Cleanup(func() { _ = l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				hits.Add(1)
				_ = c.Close()
			}
		}()
	}
	return hits
}

// names is a DNS server that gives a name the addresses that answer says, never the
// same longer than for one question.
func names(t *testing.T, answer func(name string) []netip.Addr) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	was := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = was; _ = conn.Close() })
	go func() {
		question := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(question)
			if err != nil {
				return
			}
			if reply := replyTo(question[:n], answer); reply != nil {
				_, _ = conn.WriteTo(reply, from)
			}
		}
	}()
}

func replyTo(question []byte, answer func(name string) []netip.Addr) []byte {
	var m dnsmessage.Message
	if m.Unpack(question) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	for _, a := range answer(strings.TrimSuffix(q.Name.String(), ".")) {
		header := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
		switch {
		case a.Is4() && q.Type == dnsmessage.TypeA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
		case a.Is6() && q.Type == dnsmessage.TypeAAAA:
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	reply, err := m.Pack()
	if err != nil {
		return nil
	}
	return reply
}

// refusals are what the guard says before a connection is made.
var refusals = []*Error{errUserinfo, errHost, errScheme, errPort, errAddress}

// stays requires that a call went nowhere: the guard refused it, or it is no URL.
func stays(t *testing.T, c *http.Client, url string) {
	t.Helper()
	_, err := call(t.Context(), c, http.MethodGet, url)
	var e *Error
	if errors.As(err, &e) && slices.ContainsFunc(refusals, func(r *Error) bool { return r.Reason == e.Reason }) {
		return
	}
	if _, noURL := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil); noURL != nil {
		return
	}
	t.Errorf("%s: %v", url, err)
}

// Promise 25: whatever a target's URL and its DNS say, nothing inside is called.
func TestNothingInsideIsCalled(t *testing.T) {
	hits := canary(t)
	guard := Guard{Hosts: []string{"allowed.example", ".allowed.example", "localhost"}, Timeout: 2 * time.Second}
	c := NewClient(guard)
	for _, url := range innerURLs {
		stays(t, c, url)
	}
	var asked atomic.Int64
	names(t, func(name string) []netip.Addr {
		var index int
		if _, err := fmt.Sscanf(name, "n%d.allowed.example", &index); err == nil {
			return []netip.Addr{netip.MustParseAddr(innerAddresses[index])}
		}
		// A name whose answer is another one each time, and never a good one.
		n := int(asked.Add(1))
		return []netip.Addr{netip.MustParseAddr(innerAddresses[n%len(innerAddresses)]), netip.MustParseAddr(innerAddresses[(n+7)%len(innerAddresses)])}
	})
	for i := range innerAddresses {
		stays(t, c, fmt.Sprintf("https://n%d.allowed.example/", i))
	}
	const rebindings = 20
	for range rebindings {
		stays(t, c, "https://rebinding.allowed.example/")
	}
	tried := len(innerURLs) + len(innerAddresses) + rebindings
	t.Logf("reached inside: %d of %d tried", hits.Load(), tried)
	if hits.Load() > 0 || tried < 60 {
		t.Errorf("%d connections came in", hits.Load())
	}
}

// An answer that leads inside is followed by nobody: see TestClientFollowsNoRedirect
// for the statuses.
func TestNoRedirectLeadsInside(t *testing.T) {
	var hits atomic.Int64
	inside := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	for _, to := range append(slices.Clone(innerURLs), inside.URL) {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Location"] = []string{to}
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		_, err := call(t.Context(), NewClient(loopback), http.MethodPost, s.URL)
		if e := fault(t, err, Protocol, true); e.Status != http.StatusTemporaryRedirect {
			t.Errorf("%s: %v", to, err)
		}
	}
	if hits.Load() > 0 {
		t.Errorf("%d redirects were followed", hits.Load())
	}
}
