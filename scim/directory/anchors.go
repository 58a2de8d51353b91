package directory

import (
	"strings"
	"sync"
)

// anchorStep is how many resources stand between two anchors.
const anchorStep = 1000

// anchors remember where in the order of creation every thousandth resource of a
// part stands, so that a page by index does not count all that come before it. The
// zero value is ready. They hold for one process that makes all the writes.
type anchors struct {
	mu     sync.Mutex
	known  map[string][]int64 // rids, by part: of the 1,000th, the 2,000th, …
	change map[string]uint64  // raised when somebody of the part goes
}

// before returns the last anchor known at or before an offset: how many resources
// stand up to it, and its rid. The mark is for learn.
func (a *anchors) before(part string, offset int) (skipped int, rid int64, mark uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	known := a.known[part]
	n := min(offset/anchorStep, len(known))
	if n > 0 {
		rid = known[n-1]
	}
	return n * anchorStep, rid, a.change[part]
}

// learn adds the anchor that follows those known, unless one of the part went since
// the mark was given: it may have been counted.
func (a *anchors) learn(part string, skipped int, rid int64, mark uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.change[part] != mark || skipped != (len(a.known[part])+1)*anchorStep {
		return
	}
	if a.known == nil {
		a.known = map[string][]int64{}
	}
	a.known[part] = append(a.known[part], rid)
}

// leaver is a resource that is gone.
type leaver struct {
	part string
	rid  int64
}

// forget drops the anchors at and after resources that are gone. It is called when
// that is committed, so that whoever learns anything later has seen it.
func (a *anchors) forget(gone []leaver) {
	if len(gone) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, l := range gone {
		a.raise(l.part)
		known := a.known[l.part]
		for len(known) > 0 && known[len(known)-1] >= l.rid {
			known = known[:len(known)-1]
		}
		if len(known) < len(a.known[l.part]) {
			a.known[l.part] = known
		}
	}
}

func (a *anchors) raise(part string) {
	if a.change == nil {
		a.change = map[string]uint64{}
	}
	a.change[part]++
}

// forgetAll drops the anchors of all parts that begin with prefix.
func (a *anchors) forgetAll(prefix string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for part := range a.known {
		if strings.HasPrefix(part, prefix) {
			delete(a.known, part)
			a.raise(part)
		}
	}
}
