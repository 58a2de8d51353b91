package appspace

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/value"
)

// mediaType is that of SCIM (RFC 7644 §3.1).
const mediaType = "application/scim+json"

// request is what is asked of the account.
type request struct {
	method string
	path   string // below the base, escaped
	query  string // escaped
	body   []byte
}

func (r request) mutates() bool { return r.method != http.MethodGet }

// answer is what the account said.
type answer struct {
	status    int
	doc       *value.Object  // of a 2xx answer; nil if it had no body
	errorType scim.ErrorType // of a 4xx answer, if it named one that we know
}

// do makes one exchange. Its error is a *connectors.Error, and comes with the
// answer where there was one.
func (a *account) do(ctx context.Context, r request) (answer, error) {
	res, err := a.send(ctx, r)
	if err != nil {
		return answer{}, r.failed(connectors.AsError(err))
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body) // at most connectors.MaxAnswer
	if e := connectors.Classify(res, r.mutates(), time.Now()); e != nil {
		return answer{status: res.StatusCode, errorType: errorTypeIn(text)}, r.failed(e)
	}
	if err != nil {
		return answer{}, r.failed(connectors.AsError(err))
	}
	doc, ok := parse(text)
	if !ok {
		return answer{}, r.garbled(res.StatusCode)
	}
	return answer{status: res.StatusCode, doc: doc}, nil
}

func (a *account) send(ctx context.Context, r request) (*http.Response, error) {
	target := a.base + r.path
	if r.query != "" {
		target += "?" + r.query
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, bytes.NewReader(r.body))
	if err != nil {
		return nil, &connectors.Error{Fault: connectors.Rejected, Reason: "the account's address makes no URL"}
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	req.Header.Set("Accept", mediaType)
	req.Header.Set("User-Agent", "scimgate")
	if r.body != nil {
		req.Header.Set("Content-Type", mediaType)
	}
	return a.client.Do(req)
}

// failed completes an error with what the request was. It is a copy: the client
// may have handed out one that it shares.
func (r request) failed(e *connectors.Error) error {
	own := *e
	own.Creating = own.Unknown && r.method == http.MethodPost
	return &own
}

// garbled is the error of a 2xx answer that is not the one asked for.
func (r request) garbled(status int) error { return r.failed(connectors.Garbled(status, r.mutates())) }

// parse reads one JSON object, or nothing at all.
func parse(text []byte) (*value.Object, bool) {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, true
	}
	v, err := value.Parse(text, value.DefaultLimits)
	return v.Object(), err == nil && v.Kind() == value.Obj
}

// errorTypeIn reads the scimType of an error body (RFC 7644 §3.12). Nothing else
// of such a body is looked at: it may echo our credential.
func errorTypeIn(text []byte) scim.ErrorType {
	doc, ok := parse(text)
	if !ok {
		return ""
	}
	if name, _ := doc.Get("scimType"); name.Text() == string(scim.NoTarget) {
		return scim.NoTarget
	}
	return ""
}

func isStatus(err error, status int) bool {
	return err != nil && connectors.AsError(err).Status == status
}

// escape makes a path segment of an id, which came from outside.
func escape(id string) string { return url.PathEscape(id) }

// escapeQuery writes a space as %20, which every server reads; "+" is not.
func escapeQuery(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}
