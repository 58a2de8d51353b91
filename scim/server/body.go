package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	"scimgate/scim"
	"scimgate/scim/value"
)

// What a request's body may have, in bytes (design 6.15): enough for any user, and
// for the members of a group or the operations of a bulk request.
const (
	maxBody      = 1 << 20
	maxGroupBody = 4 << 20
)

// MissingMediaType is a document without a Content-Type, or under another
// "+json" type: scripts and older connectors send both. RFC 7644 §3.8 names two.
const MissingMediaType scim.Leniency = "missingMediaType"

// body is a request's document, or why there is none, once it was read.
type body struct {
	read bool
	doc  value.Value
	err  error
}

// document returns the JSON document of a request.
func (c *call) document() (value.Value, error) {
	if !c.body.read {
		doc, err := c.readDocument()
		c.body = body{true, doc, err}
	}
	return c.body.doc, c.body.err
}

func (c *call) readDocument() (value.Value, error) {
	if err := c.acceptMedia(); err != nil {
		return value.Value{}, err
	}
	limit, errTooLarge := c.bodyLimit()
	if c.r.ContentLength > limit {
		return value.Value{}, errTooLarge
	}
	text := getBody()
	defer putBody(text)
	if _, err := text.ReadFrom(http.MaxBytesReader(c.w, c.r.Body, limit)); err != nil {
		return value.Value{}, bodyError(err, errTooLarge)
	}
	return scim.ParseBody(text.Bytes(), value.DefaultLimits)
}

var (
	errLargeBody  = scim.Statusf(http.StatusRequestEntityTooLarge, "The body is larger than 1 MiB.")
	errLargeGroup = scim.Statusf(http.StatusRequestEntityTooLarge, "The body is larger than 4 MiB.")
	errLargeBulk  = scim.Statusf(http.StatusRequestEntityTooLarge, "The bulk request is larger than maxPayloadSize (%d).", scim.MaxBulkPayload)
)

// bodyLimit is how large a body of this route may be, and what is told of a larger
// one. RFC 7644 §3.7.4 wants the limit named that a bulk request passes.
func (c *call) bodyLimit() (int64, error) {
	switch {
	case c.route == bulkRoute:
		return scim.MaxBulkPayload, errLargeBulk
	case c.kind != nil && c.kind.Name == groupKind:
		return maxGroupBody, errLargeGroup
	default:
		return maxBody, errLargeBody
	}
}

// bodyError tells a client what became of its body. All of this is its own
// doing: the store was not asked yet.
func bodyError(err, errTooLarge error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return scim.Statusf(http.StatusRequestTimeout, "The body did not come in time.")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return scim.Errorf(scim.InvalidSyntax, "The body ended before its announced length.")
	default:
		return scim.Errorf(scim.InvalidSyntax, "The body could not be read.")
	}
}

// acceptMedia refuses what cannot be a JSON document in UTF-8. A compressed one
// is refused unread: a small body must not become a large one (RFC 9110 §8.4).
func (c *call) acceptMedia() error {
	h := c.r.Header
	if coding := h.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return scim.Statusf(http.StatusUnsupportedMediaType, "Send the body without Content-Encoding.")
	}
	sent := h["Content-Type"]
	if len(sent) == 1 && (sent[0] == "application/scim+json" || sent[0] == "application/scim+json; charset=utf-8") {
		return nil
	}
	if len(sent) > 1 || !c.acceptType(strings.Join(sent, "")) {
		return scim.Statusf(http.StatusUnsupportedMediaType, "Send the body as application/scim+json in UTF-8.")
	}
	return nil
}

func (c *call) acceptType(contentType string) bool {
	if contentType == "" {
		return c.tolerate(MissingMediaType)
	}
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	if charset, ok := parameters["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return false
	}
	switch {
	case media == "application/scim+json", media == "application/json":
		return true
	case strings.HasSuffix(media, "+json"):
		return c.tolerate(MissingMediaType)
	default:
		return false
	}
}

// tolerate reports whether a leniency about the request itself is allowed.
func (c *call) tolerate(l scim.Leniency) bool {
	if c.tenant.Settings.Strict {
		return false
	}
	if c.Tolerated != nil {
		c.Tolerated(c.tenant.ID, l, "")
	}
	return true
}
