package entra

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"scimgate/scim/value"
)

// Report is what a run of a few steps found.
type Report struct {
	OK    bool   `json:"ok"`
	Steps []Step `json:"steps"`
}

// Step is one request and what came of it, in words.
type Step struct {
	Request      string  `json:"request"`          // "GET /Users?filter=…"
	Status       int     `json:"status,omitempty"` // 0: there was no answer
	Milliseconds float64 `json:"milliseconds"`
	Outcome      string  `json:"outcome"` // a sentence
	OK           bool    `json:"ok"`
}

// reporter collects steps and tells each as it happens.
type reporter struct {
	Report
	tell func(Step)
}

func newReporter(tell func(Step)) *reporter {
	if tell == nil {
		tell = func(Step) {}
	}
	return &reporter{Report: Report{OK: true}, tell: tell}
}

// step records a request that a (or nil) answered; err says what is wrong with
// the answer, and outcome what is right with it. It reports whether to go on.
func (r *reporter) step(request string, a *answer, err error, outcome string) bool {
	s := Step{Request: request, Outcome: outcome, OK: err == nil}
	if a != nil {
		s.Request, s.Status, s.Milliseconds = a.request, a.status, milliseconds(a.took)
	}
	if err != nil {
		s.Outcome, r.OK = reasonOf(err), false
	}
	r.Steps = append(r.Steps, s)
	r.tell(s)
	return s.OK
}

// Probe does what "Test connection" does, and what saving the mappings does: it
// asks for a user that cannot exist and expects an empty list, then reads the
// schemas. tell, if not nil, is told of each step.
func Probe(ctx context.Context, c *Client, tell func(Step)) Report {
	r := newReporter(tell)
	a, found, err := c.find(ctx, uuid.NewString())
	if err == nil && len(found) > 0 {
		err = a.unexpected("a user was found under a random name: the filter is not looked at")
	}
	if !r.step("GET /Users", a, err, "A user that cannot exist is not found: 200 with an empty list.") {
		return r.Report
	}
	a, err = c.schemas(ctx)
	r.step("GET /Schemas", a, err, "The schemas can be read.")
	return r.Report
}

// schemas reads /Schemas, in which Entra refuses null (A7).
func (c *Client) schemas(ctx context.Context) (*answer, error) {
	a, err := c.send(ctx, http.MethodGet, "/Schemas", nil, nil)
	if err != nil {
		return a, err
	}
	if _, err := a.list(); err != nil {
		return a, err
	}
	if hasNull(value.Of(a.resource)) {
		return a, a.unexpected("the schemas hold null, which Entra refuses: what is absent is left out")
	}
	return a, nil
}

func hasNull(v value.Value) bool {
	for _, item := range v.Items() {
		if hasNull(item) {
			return true
		}
	}
	if o := v.Object(); o != nil {
		for _, m := range o.Members {
			if hasNull(m.Value) {
				return true
			}
		}
	}
	return v.IsNull()
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
