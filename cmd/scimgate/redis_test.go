package main

import (
	"fmt"
	"net"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// redisServer is a Redis of the test's own, which it can kill.
type redisServer struct {
	testing.TB
	port    int
	process *exec.Cmd
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
	setting(t, "SCIMGATE_TEST_REDIS_URL") // or there is none to be had here
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &redisServer{TB: t, port: l.Addr().(*net.TCPAddr).Port}
	_ = l.Close()
	s.start()
	t.Cleanup(s.kill)
	return s
}

func (s *redisServer) url() string { return fmt.Sprintf("redis://127.0.0.1:%d/0", s.port) }

func (s *redisServer) start() {
	s.Helper()
	s.process = exec.Command("redis-server", "--bind", "127.0.0.1", "--port", fmt.Sprint(s.port), "--save", "", "--dir", s.TempDir())
	if err := s.process.Start(); err != nil {
		s.Fatal(err)
	}
	eventually(s.TB, 10*time.Second, "Redis listens", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

func (s *redisServer) kill() {
	_ = s.process.Process.Kill()
	_ = s.process.Wait()
}

// Redis dies and comes back under a gateway and a deliverer that are busy: every
// request is answered as if nothing were, and within 5 s hints pass again.
func TestRedisDiesUnderLoad(t *testing.T) {
	t.Run("redis", func(t *testing.T) {
		t.Parallel()
		server := startRedis(t)
		f := newFleet(t, false)
		f.flags = append(f.flags, "--redis-url", server.url(), "--replicas", "2")
		gateway, deliverer := f.run("gateway"), f.run("delivery")
		token := enroll(t, gateway, f.account)
		f.deliversAtOnce(t, gateway, token)

		var writers sync.WaitGroup
		var sent, failed atomic.Int64
		stop := make(chan struct{})
		for range 4 {
			writers.Go(func() {
				for {
					select {
					case <-stop:
						return
					case <-time.After(100 * time.Millisecond):
					}
					name := fmt.Sprintf("load%d@example.com", sent.Add(1))
					if got, answer := call(t.Context(), "POST", tenantURL(t, gateway)+"/Users", token, newUser(name)); got != 201 {
						failed.Add(1)
						t.Errorf("%s: %d %v", name, got, answer)
					}
				}
			})
		}
		<-time.After(time.Second)
		server.kill()
		<-time.After(max(3*time.Second, long(t)))
		server.start()
		<-time.After(5 * time.Second)
		close(stop)
		writers.Wait()
		t.Logf("%d requests, %d failed", sent.Load(), failed.Load())
		for i := range sent.Load() {
			f.reaches(fmt.Sprintf("load%d@example.com", i+1), 30*time.Second)
		}
		must(t, 201, "POST", tenantURL(t, gateway)+"/Users", token, newUser("late@example.com"))
		if took := f.reaches("late@example.com", 10*time.Second); took > time.Second {
			t.Errorf("hints do not pass again: delivered after %v", took)
		}
		if code := deliverer.stop(t); code != 0 {
			t.Errorf("delivery ended with %d: %s", code, deliverer.stderr)
		}
	})
}
