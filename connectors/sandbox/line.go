package sandbox

import (
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// line stands between the client and the account, and fails as it is told.
type line struct {
	account http.Handler
	counts  *counts
	set     atomic.Pointer[faultSet] // nil: the account is healthy

	closing chan struct{} // closed when nothing may wait any longer

	mu     sync.Mutex
	closed bool           // closing is; nothing more is added to late
	late   sync.WaitGroup // requests that are still to be applied
}

// faultSet is what is set together. It is replaced as a whole.
type faultSet struct {
	faults  []*activeFault
	handler http.Handler // the faults that meet requests, and the account behind them
}

// activeFault is a fault that is set.
type activeFault struct {
	Fault
	kind FaultKind
	act  behaviour // nil where the kind meets no requests
	mix  uint64    // the seed, told apart from that of the fault beside it

	seen, met atomic.Uint64
}

func newLine(account http.Handler, c *counts) *line {
	return &line{account: account, counts: c, closing: make(chan struct{})}
}

// ServeHTTP implements http.Handler. Faults meet the SCIM service only: the page
// and the control endpoint always answer.
func (l *line) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, scim := below(r); scim {
		l.counts.see(r.Method)
		if set := l.set.Load(); set != nil {
			set.handler.ServeHTTP(w, r)
			return
		}
	}
	l.account.ServeHTTP(w, r)
}

// below returns the path of a request below Prefix.
func below(r *http.Request) (string, bool) {
	rest, ok := strings.CutPrefix(r.URL.Path, Prefix)
	return rest, ok && (rest == "" || rest[0] == '/')
}

// replace sets these faults instead of those that were set.
func (l *line) replace(faults []Fault) error {
	if err := checkFaults(faults); err != nil {
		return err
	}
	if len(faults) == 0 {
		l.set.Store(nil)
		return nil
	}
	set := &faultSet{handler: l.account}
	for i, f := range faults {
		set.faults = append(set.faults, newActive(f, i))
	}
	for _, f := range slices.Backward(set.faults) {
		if f.act != nil {
			set.handler = f.before(set.handler, l)
		}
	}
	l.set.Store(set)
	return nil
}

func newActive(f Fault, position int) *activeFault {
	kind, _ := kindNamed(f.Name)
	a := &activeFault{Fault: f, kind: kind, mix: f.Seed + uint64(position)<<32}
	if kind.open != nil {
		a.act = kind.open(completed(kind, f.Args))
	}
	return a
}

// before is the middleware: it passes on what the fault does not meet.
func (a *activeFault) before(next http.Handler, l *line) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if luck := a.meet(r); luck != nil {
			a.act(strike{line: l, w: w, r: r, next: next, luck: luck})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// meet returns the luck of a request that the fault meets, else nil.
func (a *activeFault) meet(r *http.Request) *rand.Rand {
	path, _ := below(r)
	if !admits(a.kind.Methods, r.Method) || !admits(a.Methods, r.Method) || !strings.HasPrefix(path, a.Path) {
		return nil
	}
	return a.draw()
}

func admits(methods []string, method string) bool {
	return len(methods) == 0 || slices.Contains(methods, method)
}

// draw decides by lot. The lot depends on the seed and on how many requests came
// before, and on nothing else.
func (a *activeFault) draw() *rand.Rand {
	luck := rand.New(rand.NewPCG(a.mix, a.seen.Add(1)))
	if luck.Float64() >= a.share() {
		return nil
	}
	if met := a.met.Add(1); a.Count > 0 && met > uint64(a.Count) {
		return nil
	}
	return luck
}

// state lists what is set.
func (l *line) state() []FaultState {
	states := []FaultState{}
	if set := l.set.Load(); set != nil {
		for _, a := range set.faults {
			states = append(states, a.state())
		}
	}
	return states
}

func (a *activeFault) state() FaultState {
	met := a.met.Load()
	if a.Count > 0 {
		met = min(met, uint64(a.Count))
	}
	return FaultState{Fault: a.Fault, Met: met}
}

// release ends every wait, and with it what was still to be applied.
func (l *line) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		close(l.closing)
	}
}
