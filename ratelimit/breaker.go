package ratelimit

import "time"

// breaker decides when to leave somebody alone who does not answer. Pure: the
// caller holds a lock and brings the time.
//
//	closed ── failures in a row ──► open ── after openFor ──► one call tries
//	   ▲                             ▲                           │
//	   └────────── it succeeds ──────┴───────── it fails ────────┘
type breaker struct {
	failures int       // in a row while closed
	open     bool      // calls are spared
	until    time.Time // if open: when one may try
	trying   bool      // one does
}

const (
	mostFailures = 3 // in a row; one alone may be a packet lost
	openFor      = time.Second
)

// allows reports whether a call may be made now; its outcome must be told.
func (b *breaker) allows(now time.Time) bool {
	if !b.open {
		return true
	}
	if b.trying || now.Before(b.until) {
		return false
	}
	b.trying = true
	return true
}

// succeeded notes an answer and reports whether that closed the breaker.
func (b *breaker) succeeded() bool {
	closed := b.open
	*b = breaker{}
	return closed
}

// failed notes that none came and reports whether that opened the breaker.
func (b *breaker) failed(now time.Time) bool {
	b.trying = false
	b.failures++
	if !b.open && b.failures < mostFailures {
		return false
	}
	opened := !b.open
	b.open, b.until = true, now.Add(openFor)
	return opened
}
