package connectors

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
)

// closed permits one host and all hosts below another, as production does.
var closed = Guard{Hosts: []string{"cloud.appspace.com", ".appspace.example", "93.184.216.34"}}

// open also permits loopback, as the demo does.
var open = Guard{Hosts: closed.Hosts, Loopback: true}

func TestGuardJudgesURLs(t *testing.T) {
	tests := []struct {
		url          string
		closed, open error // what each guard says
	}{
		{"https://cloud.appspace.com/identity/scim", nil, nil},
		{"https://cloud.appspace.com:443/", nil, nil},
		{"https://CLOUD.Appspace.COM/", nil, nil},
		{"https://eu.appspace.example/", nil, nil},
		{"https://a.b.appspace.example/", nil, nil},
		{"https://93.184.216.34/", nil, nil},
		// Other hosts, and other spellings of hosts.
		{"https://appspace.example/", errHost, errHost},
		{"https://evilappspace.example/", errHost, errHost},
		{"https://appspace.example.evil.test/", errHost, errHost},
		{"https://cloud.appspace.com.evil.test/", errHost, errHost},
		{"https://cloud.appspace.com./", errHost, errHost},
		{"https://cloud.appsp\u0430ce.com/", errHost, errHost}, // Cyrillic а
		{"https://xn--cloud-appspce-p5i.com/", errHost, errHost},
		{"https://evil.test/cloud.appspace.com", errHost, errHost},
		{"https://evil.test?cloud.appspace.com", errHost, errHost},
		{"https://evil.test#cloud.appspace.com", errHost, errHost},
		{"https:///identity/scim", errHost, errHost},
		// User information hides the host from a reader.
		{"https://user@cloud.appspace.com/", errUserinfo, errUserinfo},
		{"https://cloud.appspace.com@evil.test/", errUserinfo, errUserinfo},
		{"http://a:b@127.0.0.1/", errUserinfo, errUserinfo},
		// Scheme and port.
		{"http://cloud.appspace.com/", errScheme, errScheme},
		{"ftp://cloud.appspace.com/", errScheme, errScheme},
		{"file://cloud.appspace.com/etc/passwd", errScheme, errScheme},
		{"https://cloud.appspace.com:8443/", errPort, errPort},
		{"https://cloud.appspace.com:80/", errPort, errPort},
		{"http://cloud.appspace.com:443/", errScheme, errScheme},
		// Loopback, only for whoever permits it.
		{"http://localhost:8080/", errHost, nil},
		{"http://LOCALHOST/", errHost, nil},
		{"http://127.0.0.1:49152/identity/scim", errHost, nil},
		{"https://127.0.0.1:8443/", errHost, nil},
		{"http://127.1.2.3/", errHost, nil},
		{"http://[::1]:8080/", errHost, nil},
		{"gopher://127.0.0.1:6379/", errHost, errScheme},
		// Disguises of loopback are nobody's host.
		{"http://2130706433/", errHost, errHost},
		{"http://0x7f.1/", errHost, errHost},
		{"http://0x7f000001/", errHost, errHost},
		{"http://017700000001/", errHost, errHost},
		{"http://127.1/", errHost, errHost},
		{"http://0/", errHost, errHost},
		{"http://0.0.0.0/", errHost, errHost},
		{"http://[::]/", errHost, errHost},
		{"http://[64:ff9b::7f00:1]/", errHost, errHost},
		{"http://localhost.evil.test/", errHost, errHost},
		{"http://localhost./", errHost, errHost},
		{"http://ip6-localhost/", errHost, errHost},
		{"http://[::1%25lo]/", errHost, nil},
		// Private addresses as they stand.
		{"https://169.254.169.254/latest/meta-data/", errHost, errHost},
		{"https://[fd00:ec2::254]/", errHost, errHost},
		{"https://[::ffff:169.254.169.254]/", errHost, errHost},
		{"https://[64:ff9b::a9fe:a9fe]/", errHost, errHost},
		{"https://10.0.0.1/", errHost, errHost},
		{"https://metadata.google.internal/", errHost, errHost},
	}
	for _, test := range tests {
		u, err := url.Parse(test.url)
		if err != nil {
			t.Errorf("%s: %v", test.url, err)
			continue
		}
		req := &http.Request{URL: u, Host: u.Host}
		if got := closed.allow(req); !errors.Is(got, test.closed) {
			t.Errorf("%s: %v, want %v", test.url, got, test.closed)
		}
		if got := open.allow(req); !errors.Is(got, test.open) {
			t.Errorf("%s with loopback: %v, want %v", test.url, got, test.open)
		}
		if got := (Guard{}).allow(req); got == nil {
			t.Errorf("the zero Guard lets %s out", test.url)
		}
	}
}

func TestGuardRefusesAForgedHostHeader(t *testing.T) {
	u, _ := url.Parse("https://cloud.appspace.com/")
	if err := closed.allow(&http.Request{URL: u, Host: "internal.test"}); !errors.Is(err, errHost) {
		t.Errorf("got %v", err)
	}
}

func TestPublicAddresses(t *testing.T) {
	public4 := []string{"1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.0.1.1", "168.63.129.17", "198.17.255.255", "198.20.0.0", "223.255.255.255"}
	public6 := []string{"2606:4700::1111", "2001:4860:4860::8888", "2a00:1450::1", "::ffff:1.1.1.1", "2003::1"}
	inner := []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
		"168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1",
		"192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
		"239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:7f00:1",
		"64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::101:101", "64:ff9b:1::a00:1", "100::1", "100:0:0:1::1",
		"2001::1", "2001:0:53aa:64c:0:0:f5ff:fffe", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1",
		"2002:7f00:1::", "2002:a9fe:a9fe::", "2002:a00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fd00:ec2::254",
		"fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1%eth0",
	}
	for _, text := range append(public4, public6...) {
		if !public(netip.MustParseAddr(text)) {
			t.Errorf("%s is public", text)
		}
	}
	for _, text := range inner {
		if public(netip.MustParseAddr(text)) {
			t.Errorf("%s is not public", text)
		}
	}
}

func TestControlJudgesTheAddressDialled(t *testing.T) {
	tests := []struct {
		guard   Guard
		host    string // as the URL spelled it
		address string // as it was resolved
		ok      bool
	}{
		{closed, "cloud.appspace.com", "93.184.216.34:443", true},
		{closed, "cloud.appspace.com", "[2606:4700::1]:443", true},
		{closed, "cloud.appspace.com", "127.0.0.1:443", false},
		{closed, "cloud.appspace.com", "[::ffff:127.0.0.1]:443", false},
		{closed, "cloud.appspace.com", "[64:ff9b::a9fe:a9fe]:443", false},
		{closed, "cloud.appspace.com", "not an address", false},
		{closed, "localhost", "127.0.0.1:443", false},
		// A public name that leads to loopback is an attack, loopback or not.
		{open, "cloud.appspace.com", "127.0.0.1:443", false},
		{open, "cloud.appspace.com", "93.184.216.34:443", true},
		{open, "localhost", "127.0.0.1:80", true},
		{open, "localhost", "[::1]:80", true},
		{open, "localhost", "93.184.216.34:80", false},
		{open, "127.0.0.1", "127.0.0.1:8080", true},
	}
	for _, test := range tests {
		err := test.guard.control(test.host)("tcp", test.address, nil)
		if (err == nil) != test.ok {
			t.Errorf("%s at %s (loopback %v): %v", test.host, test.address, test.guard.Loopback, err)
		}
	}
}
