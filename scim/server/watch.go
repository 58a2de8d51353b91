package server

import (
	"context"
	"net/http"
	"time"

	"scimgate/ratelimit"
	"scimgate/tenant"
)

// Watcher sees the requests of a Server. Its methods are called concurrently and
// must not block.
type Watcher interface {
	// Begin is told of a request before anything is known of it, with the id that it
	// has in the log. The context returned is the request's from then on. trace is
	// what is noted of a change that the request makes (scim.Note.Trace); "" is
	// nothing.
	Begin(ctx context.Context, r *http.Request, id string) (watched context.Context, trace string)
	// Decided is told what a limit decided of a request, or of an operation of one.
	Decided(lane Lane, v Verdict)
	// End is told what the request was answered; ctx is as from Begin.
	End(ctx context.Context, a Answered)
}

// Answered is a request that has ended. It holds nothing that the client wrote.
type Answered struct {
	Method string // as in RFC 9110, or "other"
	Route  string // template: "/Users/{id}"; "" where none was found
	Status int    // 0 where nothing could be sent
	Tenant tenant.ID
	Took   time.Duration
	Gone   bool // the client had left
}

// Lane is which limit decided.
type Lane string

// The lanes.
const (
	LaneRead     Lane = "read"     // what a tenant may read
	LaneWrite    Lane = "write"    // what it may change
	LaneReserved Lane = "reserved" // what of it goes before
	LaneNetwork  Lane = "network"  // what strangers may try
	LaneSeat     Lane = "seat"     // how many of a tenant are served at once
	LaneProcess  Lane = "process"  // how many are inside at once
)

// Verdict is what became of a request at a limit.
type Verdict string

// The verdicts.
const (
	VerdictAllowed Verdict = "allowed"
	VerdictPaced   Verdict = "paced" // allowed, a little later
	VerdictRefused Verdict = "refused"
	VerdictShed    Verdict = "shed" // refused because there is too much of everything
)

func verdictOf(d ratelimit.Decision) Verdict {
	switch {
	case !d.Allowed:
		return VerdictRefused
	case d.Wait > 0:
		return VerdictPaced
	default:
		return VerdictAllowed
	}
}

// begin tells whoever watches.
func (c *call) begin() {
	if c.Watch != nil {
		c.ctx, c.trace = c.Watch.Begin(c.ctx, c.r, c.id)
	}
}

func (s *Server) decided(lane Lane, v Verdict) {
	if s.Watch != nil {
		s.Watch.Decided(lane, v)
	}
}

// ended tells whoever watches; took is since the request came.
func (c *call) ended(took time.Duration) {
	if c.Watch == nil {
		return
	}
	a := Answered{Method: knownMethod(c.r.Method), Route: c.template(), Status: c.status, Took: took, Gone: c.r.Context().Err() != nil}
	if c.tenant != nil {
		a.Tenant = c.tenant.ID
	}
	c.Watch.End(c.ctx, a)
}

// Inside returns how many requests are being answered.
func (s *Server) Inside() int64 { return s.crowd.inside.Load() }
