package delivery

import (
	"slices"
	"strings"
	"testing"
)

// The protocol by which a change reaches an account, checked over every order in
// which things can happen: one resource, two workers that may both believe to own
// it, two writes, one time-out, one crash, two lease expiries; requests land late,
// get lost or are answered. This is push_model.py of the design, state for state;
// reliability-and-security.md §3.6 holds the table.
//
// Safe means: while the store says "clean", the account holds the newest version
// and nothing in flight can change that. Live means: from every state that can be
// reached, a clean newest state can still be reached.

// verdict is what the search says of a variant.
type verdict string

const (
	safeAndLive    verdict = "safe and live"
	wrongAccount   verdict = "clean, but the account holds something else"
	lateRequest    verdict = "clean, but an old request can still land"
	neverConverges verdict = "not live"
)

// The variants. What we run is P1 for what creates and P2 for everything else;
// each M is the protocol with one part left out, and must be refuted.
var variants = []struct {
	name   string
	rules  protocol
	states int // seen until the verdict
	want   verdict
}{
	{"P1 wait until quiet", protocol{policy: quiet}, 21_256, safeAndLive},
	{"P2 push now, verify after", protocol{policy: verify}, 84_896, safeAndLive},
	{"P3 If-Match at the remote", protocol{policy: ifMatch}, 692_831, safeAndLive},
	{"P3b If-Match without an intent record", protocol{policy: ifMatch, noIntent: true}, 507_076, safeAndLive},
	{"N0 plain retry, unknown outcomes forgotten", protocol{policy: naive}, 7_295, lateRequest},
	{"M0 no send-by deadline", protocol{policy: quiet, noSendBy: true}, 7_558, lateRequest},
	{"M1 intent not persisted", protocol{policy: quiet, noIntent: true}, 7_275, lateRequest},
	{"M2 commit not tied to the own intent", protocol{policy: quiet, looseCommit: true}, 17_635, lateRequest},
	{"M3 marked delivered before the call", protocol{policy: quiet, commitFirst: true}, 23, wrongAccount},
	{"M4 cleared without comparing versions", protocol{policy: quiet, blindClean: true}, 1_173, wrongAccount},
	{"M5 wake-up lost, no sweeper", protocol{policy: quiet, noSweeper: true}, 3, neverConverges},
	{"M6 a request outlives the quiet time", protocol{policy: quiet, zombie: true}, 7_295, lateRequest},
	{"M7 the same, with verify", protocol{policy: verify, zombie: true}, 13_675, lateRequest},
	{"M8 read and intent as two steps", protocol{policy: quiet, twoSteps: true}, 41_678, wrongAccount},
	{"M9 no fence on the resource", protocol{policy: quiet, noFence: true}, 35_805, safeAndLive},
	{"M9b no fence, with verify", protocol{policy: verify, noFence: true}, 158_623, safeAndLive},
	{"M10 tag read after the document", protocol{policy: ifMatch, lateTag: true}, 18_963, lateRequest},
}

func TestProtocol(t *testing.T) {
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			var s search
			got := s.run(v.rules)
			if got != v.want || len(s.worlds) != v.states {
				t.Errorf("got %q after %d states, want %q after %d\n%s", got, len(s.worlds), v.want, v.states, s.trace())
			}
			if got != safeAndLive {
				t.Logf("refuted by: %s", s.trace())
			}
		})
	}
}

// search walks all worlds breadth first, so that what refutes a variant is as
// short a story as there is.
type search struct {
	worlds []world
	index  map[world]int32
	cause  []int32  // the world that each was first reached from
	step   []string // and how
	edges  [][2]int32
	at     int32 // where the search ended: the witness
}

func (s *search) run(rules protocol) verdict {
	s.index = make(map[world]int32, 1<<12)
	s.add(start, 0, "start")
	for at := 0; at < len(s.worlds); at++ {
		s.at = int32(at)
		w := s.worlds[at]
		if fault := rules.fault(&w); fault != "" {
			return fault
		}
		rules.next(w, func(step string, to world) {
			s.edges = append(s.edges, [2]int32{s.at, s.add(to, s.at, step)})
		})
	}
	if stuck, ok := s.stuck(); ok {
		s.at = stuck
		return neverConverges
	}
	return safeAndLive
}

func (s *search) add(w world, cause int32, step string) int32 {
	if known, ok := s.index[w]; ok {
		return known
	}
	i := int32(len(s.worlds))
	s.index[w] = i
	s.worlds, s.cause, s.step = append(s.worlds, w), append(s.cause, cause), append(s.step, step)
	return i
}

// stuck returns a world from which no clean newest one can be reached.
func (s *search) stuck() (int32, bool) {
	first, back := s.reversed()
	reached := make([]bool, len(s.worlds))
	var queue []int32
	for i := range s.worlds {
		if s.worlds[i].converged() {
			reached[i] = true
			queue = append(queue, int32(i))
		}
	}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, from := range back[first[at]:first[at+1]] {
			if !reached[from] {
				reached[from] = true
				queue = append(queue, from)
			}
		}
	}
	i := slices.Index(reached, false)
	return int32(i), i >= 0
}

// reversed sorts the edges by where they lead: those to world i come from
// back[first[i]:first[i+1]].
func (s *search) reversed() (first, back []int32) {
	first = make([]int32, len(s.worlds)+2)
	for _, e := range s.edges {
		first[e[1]+2]++
	}
	for i := 2; i < len(first); i++ {
		first[i] += first[i-1]
	}
	back = make([]int32, len(s.edges))
	for _, e := range s.edges {
		back[first[e[1]+1]] = e[0]
		first[e[1]+1]++
	}
	return first, back
}

// trace tells how the witness came about.
func (s *search) trace() string {
	var steps []string
	for i := s.at; i != 0; i = s.cause[i] {
		steps = append(steps, s.step[i])
	}
	slices.Reverse(steps)
	return strings.Join(steps, " > ")
}
