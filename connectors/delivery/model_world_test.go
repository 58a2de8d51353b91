package delivery

import (
	"cmp"
	"slices"
)

// newest is the number of writes that clients make in the model.
const newest = 2

// A policy says what follows an attempt of unknown outcome.
type policy byte

const (
	naive   policy = iota // forget it and try again
	quiet                 // wait until its requests have landed or died
	verify                // push at once, compare when all is quiet
	ifMatch               // let the account refuse what is out of date
)

// A protocol is a policy less what a mutant leaves out.
type protocol struct {
	policy                                                    policy
	noIntent, looseCommit, commitFirst, blindClean, noSweeper bool
	noSendBy, zombie, twoSteps, noFence, lateTag              bool
}

// A phase is where a worker stands.
type phase byte

const (
	idle    phase = iota
	holding       // believes to hold the lease
	reading       // has read what it will claim (mutants, If-Match)
	tagging       // has claimed, reads the tag (mutant)
	claimed       // about to send
	waiting       // for the answer
	acked         // has a success to commit
)

type worker struct {
	phase   phase
	fence   uint8
	version int8
	tag     uint8
	seen    uint8 // the intent it read
}

// A fate is what became of a request.
type fate byte

const (
	applied fate = iota // the answer is on its way
	sent                // under way; can land
	refused             // the refusal is on its way
)

type request struct {
	version, tag uint8
	from         int8 // the worker that waits for it; nobody: its answer is lost
	fate         fate
}

const nobody = -1

// A world is the store's document, the account, the lease, what is under way and
// the workers. It is small and comparable, to be a key.
type world struct {
	desired, delivered uint8
	remote, remoteTag  uint8
	clean, doubtful    bool // doubtful: to be verified
	owner              int8 // of the lease, which lives in another document
	lastFence          uint8
	intent, fence      uint8 // 0: none
	inFlight           uint8
	requests           [5]request // the first inFlight, sorted
	workers            [2]worker
	timeouts, crashes  uint8 // that may still happen
	expiries           uint8
}

var start = world{clean: true, owner: nobody, timeouts: 1, crashes: 1, expiries: 2}

func (w *world) under() []request { return w.requests[:w.inFlight] }

// add puts a request under way, remove takes one away; both keep the order.
func (w *world) add(r request) {
	w.requests[w.inFlight] = r
	w.inFlight++
	slices.SortFunc(w.under(), func(a, b request) int {
		return cmp.Or(cmp.Compare(a.version, b.version), cmp.Compare(a.tag, b.tag),
			cmp.Compare(a.from, b.from), cmp.Compare(a.fate, b.fate))
	})
}

func (w *world) remove(i int) {
	copy(w.requests[i:], w.requests[i+1:w.inFlight])
	w.inFlight--
	w.requests[w.inFlight] = request{}
}

func (w *world) converged() bool {
	return w.desired == newest && w.delivered == newest && w.clean && w.intent == 0 && !w.doubtful
}

// fault judges a world in which the store says that all is done.
func (p *protocol) fault(w *world) verdict {
	if !w.clean || w.intent != 0 || w.doubtful {
		return ""
	}
	if w.remote != w.desired {
		return wrongAccount
	}
	for _, r := range w.under() {
		if r.fate == sent && r.version != w.desired && (p.policy != ifMatch || r.tag == w.remoteTag) {
			return lateRequest
		}
	}
	return ""
}

// quietFor reports whether nothing that others sent can still land on the
// account, as far as worker i may know: what QuietUntil stands for.
func (p *protocol) quietFor(i int, w *world) bool {
	if p.zombie {
		return true
	}
	for _, r := range w.under() {
		if r.fate == sent {
			return false
		}
	}
	return p.noSendBy || w.workers[1-i].phase != claimed
}
