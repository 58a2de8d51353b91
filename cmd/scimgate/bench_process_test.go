package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// usage is what a server process has used so far, as the process itself knows
// it. CPU time is the figure to compare: it hardly feels the neighbours that
// make wall-clock time on a shared machine a lottery.
type usage struct {
	CPU     time.Duration // user and system
	Mallocs uint64        // heap objects allocated
	RSS     uint64        // bytes resident at most
}

// serveUsage lets a test measure its child: on the address in
// SCIMGATE_TEST_USAGE, if there is one, it answers with the child's usage, and
// with a CPU profile on /profile?seconds=5, and with what it holds on /held.
func serveUsage() {
	address := os.Getenv("SCIMGATE_TEST_USAGE")
	if address == "" {
		return
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		panic(err) // in a process of the tests: whoever started it is told by its end
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/profile", pprof.Profile)
	mux.HandleFunc("/held", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(heldNow()) })
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(used()) })
	server := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }()
}

func used() usage {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{
		CPU:     time.Duration(r.Utime.Nano() + r.Stime.Nano()),
		Mallocs: m.Mallocs,
		RSS:     uint64(r.Maxrss) << 10,
	}
}

// usageOf asks a child for its usage.
func usageOf(tb testing.TB, address string) usage {
	tb.Helper()
	req, err := http.NewRequestWithContext(context.Background(), "GET", "http://"+address, nil)
	if err != nil {
		tb.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var u usage
	if err := json.NewDecoder(res.Body).Decode(&u); err != nil {
		tb.Fatal(err)
	}
	return u
}

// freeAddress is a loopback address that nobody listens on.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
