package ratelimit

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
)

// server is a Redis of the test's own, which it can kill.
type server struct {
	port    int
	process *exec.Cmd
}

func startServer(t *testing.T) *server {
	t.Helper()
	if os.Getenv(redisURL) == "" {
		t.Skip(redisURL + " is not set")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{port: l.Addr().(*net.TCPAddr).Port}
	_ = l.Close()
	t.Cleanup(s.kill)
	s.start(t)
	return s
}

func (s *server) url() string { return fmt.Sprintf("redis://127.0.0.1:%d/0", s.port) }

func (s *server) start(t *testing.T) {
	t.Helper()
	s.process = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", fmt.Sprint(s.port), "--save", "", "--dir", t.TempDir())
	if err := s.process.Start(); err != nil {
		t.Fatalf("this test kills a Redis of its own, from PATH: %v", err)
	}
	for deadline := time.Now().Add(10 * time.Second); !s.answers(); {
		if time.Now().After(deadline) {
			t.Fatal("Redis did not start")
		}
		<-time.After(5 * time.Millisecond)
	}
}

func (s *server) answers() bool {
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		return false
	}
	defer func() { _ = conn.Close() }()
	_, _ = conn.Write([]byte("PING\r\n"))
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return line == "+PONG\r\n"
}

func (s *server) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// flood is eight processes' worth of one tenant that sends as fast as it can.
type flood struct {
	stores   []Store
	limit    Limit
	mu       sync.Mutex
	admitted []time.Time // when each request may start
	longest  time.Duration
	errors   atomic.Int64
}

const flooders = 8

func (f *flood) run(t *testing.T, until <-chan struct{}) {
	t.Helper()
	var clients sync.WaitGroup
	for i := range 4 * len(f.stores) {
		clients.Go(func() {
			for {
				select {
				case <-until:
					return
				case <-time.After(8 * time.Millisecond): // a request costs its sender something
				}
				f.send(t, f.stores[i%len(f.stores)])
			}
		})
	}
	clients.Wait()
}

func (f *flood) send(t *testing.T, s Store) {
	began := time.Now()
	d, err := s.Take(t.Context(), "acme", f.limit, 1)
	took := time.Since(began)
	if err != nil {
		f.errors.Add(1)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.longest = max(f.longest, took)
	if d.Allowed {
		f.admitted = append(f.admitted, time.Now().Add(d.Wait))
	}
}

// local is how often the stores have answered without Redis.
func (f *flood) local() (n uint64) {
	for _, s := range f.stores {
		n += s.(*Fallback).Counts().Local
	}
	return n
}

// between counts the requests that start from one moment to another.
func (f *flood) between(from, to time.Time) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, at := range f.admitted {
		if !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

// Eight processes let a flooding tenant have its limit, within 2 %.
func TestRedisFloodIsHeldToItsLimit(t *testing.T) {
	t.Parallel()
	f := &flood{limit: Limit{Rate: 200, Burst: 100}}
	names := []byte(uuid.NewString())
	for range flooders {
		f.stores = append(f.stores, NewLeases(NewRedis(connect(t, ""), names), replicas(flooders)))
	}
	for _, s := range f.stores { // connections are made
		take(t, s, "nobody", f.limit, 1)
	}
	const last = 4 * time.Second
	began, until := time.Now(), make(chan struct{})
	time.AfterFunc(last, func() { close(until) })
	f.run(t, until)
	got, want := f.between(began, began.Add(last)), 100+200*last.Seconds()
	off := float64(got)/want - 1
	t.Logf("%d admitted of %.0f, %+.2f %%", got, want, 100*off)
	if off < -0.02 || off > 0.02 || f.errors.Load() > 0 {
		t.Errorf("%d admitted in %v, want %.0f within 2 %%; %d errors", got, last, want, f.errors.Load())
	}
}

// dead is for how long Redis is: in the long form, as long as that is.
func dead(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("SCIMGATE_LONG")
	if text == "" {
		return 2 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Redis hangs, dies and comes back under load: nobody notices but the limit,
// which is held within twice its measure, and all is normal within 5 s.
func TestRedisAwayUnderLoad(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	f := &flood{limit: Limit{Rate: 200, Burst: 50}}
	names := []byte(uuid.NewString())
	var away atomic.Int64
	changed := func(gone bool, _ error) {
		if gone {
			away.Add(1)
		} else {
			away.Add(-1)
		}
	}
	for range flooders {
		f.stores = append(f.stores, NewFallback(NewLeases(NewRedis(connect(t, server.url()), names), replicas(flooders)), replicas(flooders), changed))
	}
	until, ended := make(chan struct{}), make(chan struct{})
	go func() { f.run(t, until); close(ended) }()
	awaits := func(what string, n int64, within time.Duration) time.Duration {
		began := time.Now()
		for away.Load() != n {
			if time.Since(began) > within {
				t.Fatalf("%s: %d of %d go by themselves after %v, want %d", what, away.Load(), flooders, within, n)
			}
			<-time.After(5 * time.Millisecond)
		}
		return time.Since(began)
	}
	// held judges a while that begins once what was let through before has started:
	// at most twice the limit, and no more than it where Redis has always answered.
	held := func(what string, last time.Duration) {
		alone := f.local()
		<-time.After(MaxPace)
		from := time.Now()
		<-time.After(last)
		got, want, most := f.between(from, from.Add(last)), 200*last.Seconds(), 2.0
		if alone = f.local() - alone; alone == 0 {
			most = 1.02
		}
		t.Logf("%s: %d admitted in %v, the limit is %.0f; %d answers without Redis", what, got, last, want, alone)
		if float64(got) > most*want || float64(got) < want*0.9 {
			t.Errorf("%s: %d admitted in %v, the limit is %.0f, of which %.2f may be", what, got, last, want, most)
		}
	}
	held("Redis is there", 2*time.Second)
	_ = server.process.Process.Signal(syscall.SIGSTOP)
	awaits("it hangs", flooders, 2*time.Second)
	held("it hangs", 2*time.Second)
	server.kill()
	held("it is dead", dead(t))
	server.start(t)
	back := time.Now()
	t.Logf("back after %v", awaits("it is back", 0, 5*time.Second))
	<-time.After(time.Until(back.Add(5*time.Second - MaxPace)))
	held("it is back", 2*time.Second)
	close(until)
	<-ended
	if n := f.errors.Load(); n > 0 || f.longest > 500*time.Millisecond {
		t.Errorf("%d errors; the longest Take took %v", n, f.longest)
	}
	t.Logf("no errors in %d requests; the longest Take took %v", len(f.admitted), f.longest)
}
