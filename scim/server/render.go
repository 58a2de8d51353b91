package server

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Every answer has this type, errors too: Microsoft's validator fails a service
// that says application/json (RFC 7644 §3.1, §8.1).
var contentType = []string{"application/scim+json;charset=utf-8"}

// When to come back, in seconds of Retry-After.
const (
	retryFault  = 10 * time.Second // a fault of ours
	retryPaused = 5 * time.Minute  // somebody paused the tenant
)

// laterError is an error that passes with time.
type laterError struct {
	answer *scim.Error
	after  time.Duration
}

func (e *laterError) Error() string { return e.answer.Detail }

var (
	errPaused = &laterError{
		answer: scim.Statusf(http.StatusServiceUnavailable, "Provisioning is paused for this tenant on the gateway."),
		after:  retryPaused,
	}
	errOurs = &laterError{
		answer: scim.Statusf(http.StatusServiceUnavailable, "The gateway cannot answer now; nothing is wrong with the request. Try again later."),
		after:  retryFault,
	}
	errUnauthorized = scim.Statusf(http.StatusUnauthorized, "The bearer token is not valid for this Tenant URL.")
	errNotFound     = scim.Statusf(http.StatusNotFound, "There is no resource with this id.")
)

func tooManyRequests(after time.Duration) error {
	return &laterError{
		answer: scim.Statusf(http.StatusTooManyRequests, "This tenant has sent too many requests; slow down."),
		after:  after,
	}
}

// fault marks an error as ours, whatever it is made of: an error of a lower
// floor must not reach the client as that client's own.
func fault(doing string, err error) error { return &faultError{doing: doing, cause: err} }

type faultError struct {
	doing string
	cause error
}

func (e *faultError) Error() string { return e.doing + ": " + e.cause.Error() }

// fail answers with an error.
func (c *call) fail(err error) {
	answer, after := c.told(err)
	c.class = string(answer.Type)
	c.noteRefusal(answer)
	if after > 0 {
		c.w.Header()["Retry-After"] = []string{retryAfter(after)}
	}
	if answer == errUnauthorized {
		c.w.Header()["Www-Authenticate"] = []string{`Bearer realm="scimgate"`}
	}
	_ = c.sendBody(answer.Status, func(dst []byte) []byte { return scim.AppendError(dst, answer) })
}

// told is what a client is told of an error, and when to come back, 0 if that
// would not help. The status of ours is 503 throughout: Entra tries again after a
// 5xx and quarantines for a 401 or 404.
func (c *call) told(err error) (answer *scim.Error, after time.Duration) {
	var known *scim.Error
	var soon *laterError
	switch {
	case errors.As(err, &soon):
		return soon.answer, max(soon.after, 1)
	case errors.Is(err, tenant.ErrUnauthorized):
		return errUnauthorized, 0
	case errors.Is(err, directory.ErrNotFound):
		return errNotFound, 0
	case errors.As(err, &known):
		return known, 0
	default:
		c.logFault(err)
		return errOurs.answer, errOurs.after
	}
}

// logFault notes why we could not answer. A client that has gone is mostly the
// cause itself.
func (c *call) logFault(err error) {
	level := slog.LevelError
	if c.r.Context().Err() != nil {
		level = slog.LevelInfo
	}
	c.Log.LogAttrs(c.ctx, level, "request failed",
		slog.Any("error", err), slog.String("route", c.template()), slog.String("request_id", c.id))
}

func (c *call) failOurs() { c.fail(errOurs) }

// retryAfter is a time in whole seconds, rounded up, at least one (RFC 9110 §10.2.3).
func retryAfter(after time.Duration) string {
	return strconv.FormatInt(max(1, int64((after+time.Second-1)/time.Second)), 10)
}

// sendResource answers with one resource. Without a selection its stored bytes
// are sent as they are.
func (c *call) sendResource(status int, r *scim.Resource, s *scim.Selection) error {
	if r.Kind == groupKind {
		return c.sendGroup(status, r, s)
	}
	if err := readable(r, s); err != nil {
		return err
	}
	location := c.location(r)
	h := c.w.Header()
	h["Location"] = []string{location}
	h["Etag"] = []string{r.ETag()}
	return c.sendBody(status, func(dst []byte) []byte { return scim.AppendResource(dst, r, location, s) })
}

// sendPage answers a query (RFC 7644 §3.4.2).
func (c *call) sendPage(page *directory.Page, head scim.ListHead, s *scim.Selection) error {
	if c.kind.Name == groupKind {
		return c.sendGroups(page, head, s)
	}
	if err := c.joinGroups(page.Resources, s); err != nil {
		return err
	}
	for _, r := range page.Resources {
		if err := readable(r, s); err != nil {
			return err
		}
	}
	return c.sendBody(http.StatusOK, func(dst []byte) []byte {
		return scim.AppendList(dst, head, func(dst []byte, i int) []byte {
			r := page.Resources[i]
			return scim.AppendResource(dst, r, c.location(r), s)
		})
	})
}

// readable makes sure that a selection can be made of what the store kept.
func readable(r *scim.Resource, s *scim.Selection) error {
	if s.Empty() {
		return nil
	}
	if _, err := r.Attributes(); err != nil {
		return fault("decode a stored resource", err)
	}
	return nil
}

// at is the location of something in the tenant's service, by the configured
// public URL and never by the Host header, which the client chooses (design §5).
func (c *call) at(path string) string { return c.PublicURL + c.base + path }

func (c *call) location(r *scim.Resource) string {
	kind := c.kind
	if kind == nil { // a page of several kinds
		kind = c.defs.Type(r.Kind)
	}
	return c.PublicURL + c.base + kind.Endpoint + "/" + r.ID
}

// sendBody writes an answer whose body appendBody makes, in a pooled buffer.
func (c *call) sendBody(status int, appendBody func([]byte) []byte) error {
	buffer := getBuffer()
	defer putBuffer(buffer)
	*buffer = appendBody((*buffer)[:0])
	c.send(status, *buffer)
	return nil
}

// send writes an answer, at once and only once.
func (c *call) send(status int, body []byte) {
	c.status = status
	h := c.w.Header()
	if len(body) > 0 {
		h["Content-Type"] = contentType
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	c.w.WriteHeader(status)
	if len(body) > 0 && c.r.Method != http.MethodHead {
		_, _ = c.w.Write(body) // a client that has gone cannot be told
	}
}

// notFound answers for paths outside of any tenant's service.
func notFound(g *gin.Context) {
	g.Writer.Header()["Content-Type"] = contentType
	g.Writer.WriteHeader(http.StatusNotFound)
	_, _ = g.Writer.Write(scim.AppendError(nil, scim.Statusf(http.StatusNotFound, "There is nothing at this path.")))
}
