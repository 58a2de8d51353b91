package entra

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
)

// Result is what a Cycle took, as Entra would see it.
type Result struct {
	OK          bool    `json:"ok"`
	Users       int     `json:"users"`
	Connections int     `json:"connections"`
	Prefix      string  `json:"prefix"`
	Phases      []Phase `json:"phases"`
	Total       Phase   `json:"total"`
	// Reasons are the failures by what was wrong, the most frequent first.
	Reasons []Reason `json:"reasons,omitempty"`

	latencies []time.Duration
}

// Phase is one phase of a cycle, or all of them.
type Phase struct {
	Name              string  `json:"name"`
	Requests          int     `json:"requests"`
	Failures          int     `json:"failures"`   // users with whom it went wrong
	Waits             int     `json:"waits"`      // requests that were told to come later
	Unanswered        int     `json:"unanswered"` // requests without an answer, whose users were taken again
	Seconds           float64 `json:"seconds"`
	RequestsPerSecond float64 `json:"requestsPerSecond"`
	P50Milliseconds   float64 `json:"p50Milliseconds"`
	P99Milliseconds   float64 `json:"p99Milliseconds"`
}

// Reason is one thing that went wrong, and how often.
type Reason struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// measure counts one phase while many goroutines work on it.
type measure struct {
	name  string
	begin time.Time

	mu        sync.Mutex
	latencies []time.Duration
	waits     int
	cut       int // requests without an answer, whose users were taken again
	reasons   map[string]int
}

func newMeasure(name string) *measure {
	return &measure{name: name, begin: time.Now(), reasons: map[string]int{}}
}

// count counts a request by its answer; nil is no answer.
func (m *measure) count(a *answer) {
	if a == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.latencies = append(m.latencies, a.took)
	m.waits += a.waits
}

// unanswered counts a request that got no answer.
func (m *measure) unanswered() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cut++
}

func (m *measure) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reasons[kindOf(err)]++
}

// kindOf is what failures of one sort have in common: not the user's id or name.
func kindOf(err error) string {
	var u *UnexpectedError
	if !errors.As(err, &u) {
		return err.Error()
	}
	method, _, _ := strings.Cut(u.Request, " ")
	return (&UnexpectedError{Request: method, Status: u.Status, Reason: u.Reason}).Error()
}

// add takes a phase that has ended into the result.
func (r *Result) add(m *measure) {
	p := summary(m.name, m.latencies, time.Since(m.begin))
	p.Waits, p.Unanswered = m.waits, m.cut
	for reason, n := range m.reasons {
		p.Failures += n
		r.reason(reason, n)
	}
	r.latencies = append(r.latencies, m.latencies...)
	r.Total.Failures += p.Failures
	r.Total.Waits += p.Waits
	r.Total.Unanswered += p.Unanswered
	r.Phases = append(r.Phases, p)
}

func (r *Result) reason(reason string, n int) {
	i := slices.IndexFunc(r.Reasons, func(known Reason) bool { return known.Reason == reason })
	if i < 0 {
		r.Reasons = append(r.Reasons, Reason{reason, n})
		return
	}
	r.Reasons[i].Count += n
}

// finish sums up; cut is why the cycle ended early, or nil.
func (r *Result) finish(took time.Duration, cut error) {
	failures, waits, cutOff := r.Total.Failures, r.Total.Waits, r.Total.Unanswered
	r.Total = summary("total", r.latencies, took)
	r.Total.Failures, r.Total.Waits, r.Total.Unanswered = failures, waits, cutOff
	if cut != nil {
		r.reason("the cycle was ended before it was done", 1)
	}
	slices.SortFunc(r.Reasons, func(a, b Reason) int { return b.Count - a.Count })
	r.OK = failures == 0 && cut == nil
}

func summary(name string, latencies []time.Duration, took time.Duration) Phase {
	slices.Sort(latencies)
	return Phase{
		Name:              name,
		Requests:          len(latencies),
		Seconds:           took.Seconds(),
		RequestsPerSecond: float64(len(latencies)) / max(took.Seconds(), 1e-9),
		P50Milliseconds:   milliseconds(quantile(latencies, 50)),
		P99Milliseconds:   milliseconds(quantile(latencies, 99)),
	}
}

// quantile is the least value that p percent of the sorted ones do not exceed.
func quantile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)*p+99)/100-1]
}
