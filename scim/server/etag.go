package server

import (
	"net/http"
	"slices"
	"strings"

	"scimgate/scim"
)

// preconditions are what a client says of the resource that it means (RFC 9110
// §13.1, RFC 7644 §3.14); mostly nothing. They are judged where the resource is
// read to be changed, so that a change which lost a race is judged again.
type preconditions struct {
	match     *tags // If-Match, or the version of an operation of a bulk request
	noneMatch *tags // If-None-Match
}

// tags is a list of entity tags. "*" is any.
type tags struct {
	any    bool
	opaque []string // what stands between the quotes
}

var (
	errChanged = scim.Statusf(http.StatusPreconditionFailed, "The resource is not in the version that the request asks for; read it again.")
	errSeen    = scim.Statusf(http.StatusPreconditionFailed, "The resource is in a version that the request excludes (If-None-Match).")
)

// readPreconditions reads them from the headers. One that cannot be read is
// refused: who asks for protection from lost updates must not go without.
func readPreconditions(h http.Header) (p preconditions, err error) {
	if p.match, err = readTags("If-Match", h["If-Match"]); err != nil {
		return p, err
	}
	p.noneMatch, err = readTags("If-None-Match", h["If-None-Match"])
	return p, err
}

// readTags reads a list of entity tags on any number of lines; nil if there are
// no lines.
func readTags(name string, lines []string) (*tags, error) {
	if lines == nil {
		return nil, nil
	}
	rest := strings.Trim(strings.Join(lines, ","), " \t,") // empty elements mean nothing (RFC 9110 §5.6.1.2)
	if rest == "*" {
		return &tags{any: true}, nil
	}
	t := &tags{}
	for ok := true; ok; ok = rest != "" {
		var tag string
		if tag, rest, ok = cutTag(rest); !ok {
			return nil, scim.Errorf(scim.InvalidValue, `%s must be "*" or a list of entity tags such as W/"7".`, name)
		}
		t.opaque = append(t.opaque, tag)
	}
	return t, nil
}

// cutTag takes the first entity tag off a list (RFC 9110 §8.8.3).
func cutTag(text string) (tag, rest string, ok bool) {
	text, ok = strings.CutPrefix(strings.TrimPrefix(text, "W/"), `"`)
	if !ok {
		return "", "", false
	}
	tag, rest, ok = strings.Cut(text, `"`)
	if !ok || strings.ContainsFunc(tag, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return "", "", false
	}
	next := strings.TrimLeft(rest, " \t")
	return tag, strings.TrimLeft(next, " \t,"), next == "" || next[0] == ','
}

// has reports whether r is in one of the versions. Weak and strong tags compare
// alike (RFC 9110 §8.8.3.2 would have If-Match compare strongly): all of ours are
// weak, and RFC 7644 §3.14 shows them in If-Match.
func (t *tags) has(r *scim.Resource) bool {
	return t.any || slices.Contains(t.opaque, strings.Trim(r.ETag(), `W/"`))
}

// matches fails unless r is in a version that the client means to act on.
func (p preconditions) matches(r *scim.Resource) error {
	if p.match != nil && !p.match.has(r) {
		return errChanged
	}
	return nil
}

// seen reports whether the client has r in the version in which it is.
func (p preconditions) seen(r *scim.Resource) bool {
	return p.noneMatch != nil && p.noneMatch.has(r)
}

// check is what is asked of r before a change of it. It is a directory.Check.
func (p preconditions) check(r *scim.Resource) error {
	if err := p.matches(r); err != nil {
		return err
	}
	if p.seen(r) {
		return errSeen
	}
	return nil
}

// sendNotModified tells the client that it has r (RFC 9110 §15.4.5).
func (c *call) sendNotModified(r *scim.Resource) error {
	c.w.Header()["Etag"] = []string{r.ETag()}
	c.send(http.StatusNotModified, nil)
	return nil
}
