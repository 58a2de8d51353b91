package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

// holding is what a process holds at one moment.
type holding struct {
	At         time.Duration // since the load began
	Heap       uint64        // bytes in use on the heap, right after a collection
	RSS        uint64        // bytes
	Goroutines int
	Files      int // open
}

// holdings are looks at one process, in order.
type holdings []holding

// heldNow is what this process holds, after a collection. What is free is given
// back, so that resident memory does not tell of the load's worst moment.
func heldNow() holding {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return holding{Heap: m.HeapAlloc, Goroutines: runtime.NumGoroutine()}
}

// watch looks at the process again and again until ctx ends.
func (s *soak) watch(ctx context.Context, every time.Duration) (all holdings) {
	s.Helper()
	for ctx.Err() == nil {
		now := s.held()
		now.At = time.Since(s.began)
		all = append(all, now)
		if len(all)%30 == 1 {
			s.Log(now)
		}
		pauseFor(ctx, every)
	}
	return all
}

func (s *soak) held() (now holding) {
	s.Helper()
	res, err := s.client.Get("http://" + s.usage + "/held")
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(&now); err != nil {
		s.Fatal(err)
	}
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.process.cmd.Process.Pid))
	if err != nil {
		s.Fatal(err)
	}
	now.Files, now.RSS = len(open), inMemory(s, s.process, "VmRSS")
	return now
}

func (h holding) String() string {
	return fmt.Sprintf("%8v  heap %5.1f MiB, resident %5.1f MiB, %d goroutines, %d files",
		h.At.Round(time.Second), mebi(float64(h.Heap)), mebi(float64(h.RSS)), h.Goroutines, h.Files)
}

func mebi(bytes float64) float64 { return bytes / (1 << 20) }

func (all holdings) csv() string {
	var b strings.Builder
	b.WriteString("seconds,heap,rss,goroutines,files\n")
	for _, h := range all {
		fmt.Fprintf(&b, "%.0f,%d,%d,%d,%d\n", h.At.Seconds(), h.Heap, h.RSS, h.Goroutines, h.Files)
	}
	return b.String()
}

// flat is a figure that may not rise: by the line that fits the looks best, by at
// most a share of its mean, or by so much where that is more.
type flat struct {
	name  string
	of    func(holding) float64
	share float64
	least float64
}

var flats = []flat{
	{"heap, bytes", func(h holding) float64 { return float64(h.Heap) }, 0.05, 1 << 20},
	{"resident, bytes", func(h holding) float64 { return float64(h.RSS) }, 0.05, 4 << 20},
	{"goroutines", func(h holding) float64 { return float64(h.Goroutines) }, 0.05, 10},
	{"files", func(h holding) float64 { return float64(h.Files) }, 0.05, 10},
}

// judge fails if any of the figures rises from the first look to the last.
func (all holdings) judge(t *testing.T) {
	t.Helper()
	for _, f := range flats {
		mean, rise := f.line(all)
		most := max(f.share*mean, f.least)
		t.Logf("%-16s mean in the calm %.0f, rises by %.0f (%.2f %%) in %v, at most %.0f",
			f.name, mean, rise, 100*rise/mean, (all[len(all)-1].At - all[0].At).Round(time.Second), most)
		if rise > most {
			t.Errorf("%s rises by %.0f", f.name, rise)
		}
	}
}

// line is the mean of a figure, and by how much the line of least squares rises
// from the first look to the last.
func (f flat) line(all holdings) (mean, rise float64) {
	n := float64(len(all))
	var middle float64
	for _, h := range all {
		mean += f.of(h) / n
		middle += h.At.Seconds() / n
	}
	var up, across float64
	for _, h := range all {
		dt := h.At.Seconds() - middle
		up += dt * (f.of(h) - mean)
		across += dt * dt
	}
	return mean, up / across * (all[len(all)-1].At - all[0].At).Seconds()
}

// A rising figure is found, a level one that trembles is not.
func TestFlatIsJudged(t *testing.T) {
	level, rising := holdings{}, holdings{}
	for i := range 100 {
		at := time.Duration(i) * 10 * time.Second
		level = append(level, holding{At: at, Heap: uint64(50<<20 + (i%7)<<20)})
		rising = append(rising, holding{At: at, Heap: uint64(50<<20 + i<<17)})
	}
	if mean, rise := flats[0].line(level); rise > 0.05*mean {
		t.Errorf("a level line rises by %.0f", rise)
	}
	if mean, rise := flats[0].line(rising); rise < 0.05*mean {
		t.Errorf("a line of 12 MiB rises by %.0f only", rise)
	}
}
