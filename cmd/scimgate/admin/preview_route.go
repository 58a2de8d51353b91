package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// ndjson is what a preview answers to who accepts it: one JSON object a line,
// {"progress":…} now and then, and {"preview":…} or {"problem":…} at the end.
const ndjson = "application/x-ndjson"

// previewTime bounds a preview over the API; the listener's own bounds are shorter.
const previewTime = 10 * time.Minute

type previewRequest struct {
	InTenant
	Accept string `header:"Accept" hidden:"true"`
	Body   PreviewInput
}

// previewRoute is the one operation that tells how far it has come.
var previewRoute = reading(newOperation(http.MethodPost, oneTenant+"/rules/preview", registerPreview))

func registerPreview(s *Service, api huma.API) {
	schema := api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Preview](), true, "Preview")
	operation := huma.Operation{
		Method: http.MethodPost, Path: oneTenant + "/rules/preview", OperationID: "preview-rules",
		Summary: "Try rules on a tenant's users; nothing is sent or stored",
		Description: "Who accepts " + ndjson + ` gets {"progress":…} lines, and {"preview":…} or {"problem":…} as the last. ` +
			"The answer holds values of users.",
		Errors:       []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusServiceUnavailable},
		MaxBodyBytes: 1 << 20,
		Responses: map[string]*huma.Response{"200": {
			Description: http.StatusText(http.StatusOK),
			Content:     map[string]*huma.MediaType{"application/json": {Schema: schema}, ndjson: {}},
		}},
	}
	huma.Register(api, operation, func(ctx context.Context, in *previewRequest) (*huma.StreamResponse, error) {
		lines := &lineWriter{}
		p, err := s.previewOf(ctx, in.Tenant, in.Body, lines.progress)
		if err != nil {
			return nil, s.refusal(ctx, err)
		}
		return &huma.StreamResponse{Body: func(h huma.Context) { s.answerPreview(h, p, lines, in) }}, nil //nolint:contextcheck // h has it
	})
}

// answerPreview runs a preview and writes what came of it.
func (s *Service) answerPreview(h huma.Context, p *preview, lines *lineWriter, in *previewRequest) {
	ctx, cancel := context.WithTimeout(h.Context(), previewTime)
	defer cancel()
	control := http.NewResponseController(humagin.Unwrap(h).Writer)
	_ = control.SetWriteDeadline(time.Now().Add(previewTime))
	streams := strings.Contains(in.Accept, ndjson)
	if streams {
		h.SetHeader("Content-Type", ndjson)
		lines.to, lines.flush = json.NewEncoder(h.BodyWriter()), control.Flush
	}
	answer, err := p.run(ctx, in.Body)
	switch {
	case err != nil && streams:
		lines.write("problem", s.problemOf(ctx, err))
	case err != nil:
		writeProblem(h, s.problemOf(ctx, err))
	case streams:
		lines.write("preview", answer)
	default:
		h.SetHeader("Content-Type", "application/json")
		_ = json.NewEncoder(h.BodyWriter()).Encode(answer)
	}
}

// problemOf is what refusal answers, without its headers.
func (s *Service) problemOf(ctx context.Context, err error) huma.StatusError {
	var told huma.StatusError
	if !errors.As(s.refusal(ctx, err), &told) {
		told = problem(http.StatusServiceUnavailable, "this is a fault of scimgate; it is in the log")
	}
	return told
}

func writeProblem(h huma.Context, p huma.StatusError) {
	if p.GetStatus() == http.StatusServiceUnavailable {
		h.SetHeader("Retry-After", retryAfter)
	}
	h.SetHeader("Content-Type", "application/problem+json")
	h.SetStatus(p.GetStatus())
	_ = json.NewEncoder(h.BodyWriter()).Encode(p)
}

// lineWriter writes NDJSON, once it knows where to.
type lineWriter struct {
	to    *json.Encoder
	flush func() error
	last  time.Time
}

// everySoOften is how long progress keeps silent.
const everySoOften = 200 * time.Millisecond

func (w *lineWriter) progress(p Progress) {
	if w.to != nil && (time.Since(w.last) >= everySoOften || p.Users == p.Total) {
		w.last = time.Now()
		w.write("progress", p)
	}
}

// write writes a line. Who does not read it any more has ended the request.
func (w *lineWriter) write(name string, v any) {
	_ = w.to.Encode(map[string]any{name: v})
	_ = w.flush()
}
