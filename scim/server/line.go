package server

import (
	"strings"
	"time"
)

// Line is a request and what it was answered, as the tenant's administrators are told:
// without a value. What changed something is told by the journal, too, and for longer.
type Line struct {
	At       time.Time     `json:"at"`
	Request  string        `json:"request" doc:"Id of the request: the client's own client-request-id where it sent one"`
	Method   string        `json:"method"`
	Route    string        `json:"route" doc:"What was asked for, without ids" example:"/Users/{id}"`
	Filtered bool          `json:"filtered,omitempty" doc:"A filter was given"`
	Status   int           `json:"status"`
	Class    string        `json:"class,omitempty" doc:"Of a refusal: its scimType"`
	Took     time.Duration `json:"took" doc:"In nanoseconds"`
}

// tell tells of a request that has ended.
func (c *call) tell(took time.Duration) {
	if c.Tell == nil || c.tenant == nil || c.status == 0 {
		return
	}
	c.Tell(c.tenant.ID, Line{
		At: c.began.UTC(), Request: c.id, Method: knownMethod(c.r.Method), Route: c.template(),
		Filtered: strings.Contains(c.r.URL.RawQuery, "filter="),
		Status:   c.status, Class: c.class, Took: took,
	})
}
