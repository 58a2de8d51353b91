package admin

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"scimgate/tenant"
)

// What stands in a tenant's document (settings, connections, attributes, rules) has
// one version, which is the ETag of all of it (RFC 9110 §8.8.3). Who sends it back as
// If-Match changes what they have seen, or nothing.

// ErrPrecondition answers who would change what others have changed since.
var ErrPrecondition = errors.New("others have changed the tenant since; read it again")

type ifMatchKey struct{}

// ifMatch are the versions that a request is for. Once it has changed one of them, the
// rest of it follows.
type ifMatch struct {
	versions map[uint64]bool
	changed  bool
}

// withIfMatch has the change under the context made only to one of these versions.
func withIfMatch(ctx context.Context, header string) context.Context {
	if header == "" || strings.TrimSpace(header) == "*" {
		return ctx
	}
	versions := map[uint64]bool{}
	for tag := range strings.SplitSeq(header, ",") {
		text, quoted := strings.CutPrefix(strings.TrimSpace(tag), `"`)
		text, ended := strings.CutSuffix(text, `"`)
		if v, err := strconv.ParseUint(text, 10, 64); err == nil && quoted && ended {
			versions[v] = true // any other tag, a weak one too, matches nothing
		}
	}
	return context.WithValue(ctx, ifMatchKey{}, &ifMatch{versions: versions})
}

// matches is ErrPrecondition where the tenant is none of the versions asked for.
func matches(ctx context.Context, t *tenant.Tenant) error {
	if given, ok := ctx.Value(ifMatchKey{}).(*ifMatch); ok && !given.changed && !given.versions[t.Version] {
		return ErrPrecondition
	}
	return nil
}

// matched says that the request has made a change.
func matched(ctx context.Context) {
	if given, ok := ctx.Value(ifMatchKey{}).(*ifMatch); ok {
		given.changed = true
	}
}

// etag tells the version of what is about to be read: a change meanwhile makes it
// older than what is read, never newer.
func (s *Service) etag(h huma.Context) {
	if t, err := s.Tenants.Tenant(h.Context(), tenant.ID(h.Param("tenant"))); err == nil {
		h.SetHeader("ETag", `"`+strconv.FormatUint(t.Version, 10)+`"`)
	}
}

// document tells what an operation takes and gives beside its body.
func (op *operation) document(o *huma.Operation) {
	if !op.versioned || op.reads {
		return
	}
	o.Errors = append(o.Errors, http.StatusPreconditionFailed)
	o.Parameters = append(o.Parameters, &huma.Param{
		Name: "If-Match", In: "header", Description: "ETag of the tenant as it was read: the change is made to that, or not at all (412)",
		Schema: &huma.Schema{Type: huma.TypeString}, Example: `"7"`,
	})
}
