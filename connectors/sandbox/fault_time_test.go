package sandbox

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestHangEndsWhenTheClientGoes(t *testing.T) {
	s := newStage(t, "hang")
	s.client.Timeout = 50 * time.Millisecond
	for _, method := range []string{"GET", "POST"} {
		if got := s.ask(method, users, strings.Repeat(other, len(method)-3)); !isTimeout(got.err) {
			t.Errorf("%+v", got)
		}
	}
	if taken := s.box.Counters().Taken; len(taken) != 0 {
		t.Errorf("the account took %v", taken)
	} // httptest.Server.Close waits for the handlers, and goleak for all else
}

// TestWaitsOutliveTheServersDeadlines waits for longer than the server would let
// a request be read or answered.
func TestWaitsOutliveTheServersDeadlines(t *testing.T) {
	box := open(t, Config{})
	server := &http.Server{Handler: box.Handler(), ReadTimeout: 200 * time.Millisecond, WriteTimeout: 200 * time.Millisecond}
	server.RegisterOnShutdown(box.Release)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	s := &stage{T: t, box: box, url: "http://" + l.Addr().String(), client: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}}
	s.fail("latency=delay=500ms")
	if got := s.ask("POST", users, other); got.status != 201 {
		t.Errorf("%+v", got)
	}
	s.fail("hang")
	s.client.Timeout = 500 * time.Millisecond
	if got := s.ask("GET", users, ""); !isTimeout(got.err) {
		t.Errorf("%+v", got)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestShutdownDoesNotWaitForAFault(t *testing.T) {
	for _, fault := range []string{"hang", "latency=delay=1h"} {
		s := newStage(t, fault)
		answered := make(chan said, 1)
		go func() { answered <- s.ask("GET", users, "") }()
		s.until("the request is met", func() bool { return s.box.Faults()[0].Met == 1 })
		s.box.Release()
		select {
		case got := <-answered:
			if got.err == nil || isTimeout(got.err) {
				t.Errorf("%s: %+v", fault, got)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s: it still waits", fault)
		}
	}
}

func TestLatencyWaits(t *testing.T) {
	s := newStage(t, "latency=delay=40ms,jitter=40ms")
	for range 5 {
		begin := time.Now()
		if got := s.ask("GET", users, ""); got.status != 200 || time.Since(begin) < 40*time.Millisecond {
			t.Errorf("%+v after %v", got, time.Since(begin))
		}
	}
	s.fail("latency=delay=200ms")
	s.client.Timeout = 50 * time.Millisecond
	if got := s.ask("POST", users, other); !isTimeout(got.err) {
		t.Errorf("%+v", got)
	}
	s.client.Timeout = 10 * time.Second
	if got := s.ask("GET", users, ""); got.status != 200 { // it began later and took as long
		t.Errorf("%+v", got)
	}
	if n := s.box.Counters().Taken["Users"].Created; n != 0 {
		t.Errorf("%d were created for a client that had gone", n)
	}
}

func TestJitterIsSpreadAndRepeatsItself(t *testing.T) {
	a := arguments{"delay": "1s", "jitter": "1s"}
	spreads := func(seed uint64) (all [200]time.Duration) {
		active := newActive(Fault{Name: "latency", Seed: seed}, 0)
		for i := range all {
			all[i] = strike{luck: active.draw()}.spread(a)
		}
		return all
	}
	least, most := time.Hour, time.Duration(0)
	for _, d := range spreads(1) {
		least, most = min(least, d), max(most, d)
	}
	if least < time.Second || least > 1100*time.Millisecond || most > 2*time.Second || most < 1900*time.Millisecond {
		t.Errorf("from %v to %v", least, most)
	}
	if first := spreads(1); first != spreads(1) || first == spreads(2) {
		t.Error("the seed does not decide")
	}
}

func TestLateIsAppliedAfterTheCut(t *testing.T) {
	const delay = 700 * time.Millisecond
	s := newStage(t)
	user := s.add()
	s.fail("late=delay=" + delay.String())
	begin := time.Now()
	for _, change := range []struct{ method, path, body string }{
		{"POST", users, other}, {"PATCH", user, retitled}, {"POST", users, penny},
	} {
		if got := s.ask(change.method, change.path, change.body); got.err == nil {
			t.Errorf("%+v", got)
		}
	}
	if cut := time.Since(begin); cut > delay {
		t.Fatalf("the connections were cut after %v only", cut)
	}
	if got := s.box.Counters(); got.Late != (Late{Pending: 3}) || got.Taken["Users"].Created != 1 {
		t.Errorf("before its time: %+v", got)
	}
	if got := s.ask("GET", user, ""); !strings.Contains(got.body, "Cook") { // a read has nothing to be late with
		t.Errorf("before its time: %+v", got)
	}
	s.fail() // what is under way lands all the same
	s.until("all have landed", func() bool { return s.box.Counters().Late.Pending == 0 })
	if took := time.Since(begin); took < delay {
		t.Errorf("applied after %v", took)
	}
	got := s.box.Counters()
	if want := (Taken{Read: 1, Created: 2, Changed: 1, Duplicates: 1}); got.Late != (Late{Applied: 2, Refused: 1}) || got.Taken["Users"] != want {
		t.Errorf("after its time: %+v", got)
	}
	if got := s.ask("GET", user, ""); !strings.Contains(got.body, "Chef") {
		t.Errorf("after its time: %+v", got)
	}
}

// TestLateBringsTheWholeRequest looks at what the account gets when the client is
// long gone.
func TestLateBringsTheWholeRequest(t *testing.T) {
	got := make(chan string, 1)
	l := newLine(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		got <- fmt.Sprint(r.Method, r.URL.Path, r.Header.Get("Authorization"), string(body), err, r.Context().Err())
		w.WriteHeader(http.StatusTeapot)
	}), newCounts())
	if err := l.replace([]Fault{{Name: "late", Args: map[string]string{"delay": "50ms"}}, {Name: "reset"}}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(l)
	defer server.Close()
	s := &stage{T: t, url: server.URL, client: &http.Client{}}
	body := strings.Repeat(other, 1<<12) // more than net/http buffers
	if answer := s.ask("POST", users, body); answer.err == nil {
		t.Errorf("%+v", answer)
	}
	if got, want := <-got, fmt.Sprint("POST", users, "Bearer t0ken", body, nil, nil); got != want {
		t.Errorf("got  %.200s\nwant %.200s", got, want)
	}
	l.release()
	l.late.Wait()
	if got := l.counts.snapshot().Late; got != (Late{Refused: 1}) {
		t.Errorf("%+v", got)
	}
}

// TestLateLandsAfterANewerChange is the case that the model calls N0: what was
// given up wins over what came after it.
func TestLateLandsAfterANewerChange(t *testing.T) {
	s := newStage(t)
	user := s.add()
	s.fail("late=delay=500ms,count=1")
	_ = s.ask("PATCH", user, retitled)
	newer := strings.Replace(retitled, "Chef", "Baker", 1)
	if got := s.ask("PATCH", user, newer); got.status != 200 || !strings.Contains(got.body, "Baker") {
		t.Fatalf("%+v", got)
	}
	s.until("it has landed", func() bool { return s.box.Counters().Late.Applied == 1 })
	if got := s.ask("GET", user, ""); !strings.Contains(got.body, "Chef") {
		t.Errorf("%+v", got)
	}
}

func TestCloseLosesWhatIsLate(t *testing.T) {
	s := newStage(t, "late=delay=1h")
	_ = s.ask("POST", users, other)
	if err := s.box.Close(); err != nil {
		t.Error(err)
	}
	if got := s.ask("POST", users, other); got.err == nil { // nothing is begun any more
		t.Errorf("%+v", got)
	}
	if got := s.box.Counters(); got.Late != (Late{Refused: 1}) || len(got.Taken) != 0 {
		t.Errorf("%+v", got)
	}
}

// until polls for what the account does by itself.
func (s *stage) until(what string, ok func() bool) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.Context(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.Fatalf("never: %s", what)
		}
	}
}
