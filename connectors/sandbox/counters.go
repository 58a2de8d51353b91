package sandbox

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// Counters are what the account knows of itself since it was opened: what it was
// asked, and what it really took, whoever heard of it.
type Counters struct {
	// Requests came below Prefix, by method, whatever a fault then did to them.
	Requests map[string]int `json:"requests"`
	// Taken is what reached the account, by endpoint: "Users", "Groups", and "Bulk",
	// whose operations are not counted one by one.
	Taken map[string]Taken `json:"taken"`
	Late  Late             `json:"late"`
}

// Taken is what became of the requests that reached an endpoint.
type Taken struct {
	Read       int `json:"read"` // searches by POST, too
	Created    int `json:"created"`
	Changed    int `json:"changed"` // by PUT or PATCH, also to what was there, or in bulk
	Deleted    int `json:"deleted"`
	Duplicates int `json:"duplicates"` // refused, because the name is taken
	Refused    int `json:"refused"`    // for any other reason
}

// Late is what became of the requests whose answer was cut (fault "late").
type Late struct {
	Pending int `json:"pending"` // still to be applied
	Applied int `json:"applied"`
	Refused int `json:"refused"` // by the account, or lost when it was closed
}

// counts keeps Counters.
type counts struct {
	mu  sync.Mutex
	now Counters
}

func newCounts() *counts {
	return &counts{now: Counters{Requests: map[string]int{}, Taken: map[string]Taken{}}}
}

func (c *counts) snapshot() Counters {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now
	now.Requests, now.Taken = maps.Clone(now.Requests), maps.Clone(now.Taken)
	return now
}

// see counts a request. Methods of the client's own invention are one.
func (c *counts) see(method string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !admits(methods, method) {
		method = "other"
	}
	c.now.Requests[method]++
}

// take is the gin handler behind all faults: it counts what the account did.
func (c *counts) take(g *gin.Context) {
	g.Next()
	path, scim := below(g.Request)
	if !scim {
		return
	}
	endpoint, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !slices.Contains(counted, endpoint) {
		return
	}
	method := g.Request.Method
	if rest == ".search" {
		method = http.MethodGet
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.now.Taken[endpoint]
	*taken.of(method, g.Writer.Status())++
	c.now.Taken[endpoint] = taken
}

// counted are the endpoints that take something.
var counted = []string{"Users", "Groups", "Bulk"}

// of is the counter that an answer belongs to.
func (t *Taken) of(method string, status int) *int {
	switch {
	case status == http.StatusConflict:
		return &t.Duplicates
	case status < 200 || status > 299:
		return &t.Refused
	case status == http.StatusCreated:
		return &t.Created
	case method == http.MethodPut, method == http.MethodPatch, method == http.MethodPost:
		return &t.Changed
	case method == http.MethodDelete:
		return &t.Deleted
	}
	return &t.Read
}

// expect counts a request that is to land late.
func (c *counts) expect() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.Late.Pending++
}

// land counts one that landed, or never will.
func (c *counts) land(applied bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now.Late.Pending--
	if applied {
		c.now.Late.Applied++
		return
	}
	c.now.Late.Refused++
}
