package entra

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/value"
)

// contentType is Entra's, and what every answer must have but for the charset.
const contentType = "application/scim+json; charset=utf-8"

// newDialectFlag in the Tenant URL makes Entra send PATCH as RFC 7644 has it.
const newDialectFlag = "aadOptscim062020"

const (
	answerTimeout = 30 * time.Second
	maxAnswer     = 8 << 20 // bytes
	maxWaits      = 5       // how often one request waits for a limit to pass
	longestWait   = time.Minute
)

// Client speaks to one SCIM endpoint. It may be used by many goroutines.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
	mark  bool          // requests say that they only try the service
	pace  *rate.Limiter // nil: none
}

// NewClient makes a client of what an administrator enters in Entra: the Tenant
// URL, with or without a slash at its end and flags behind it, and the secret
// token. It opens up to connections connections.
func NewClient(tenantURL, token string, connections int) (*Client, error) {
	base, err := url.Parse(strings.TrimSpace(tenantURL))
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, errors.New("the tenant URL must be an http or https URL with a host")
	}
	if token == "" {
		return nil, errors.New("the secret token is empty")
	}
	base.Path = strings.TrimSuffix(base.Path, "/")
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		MaxIdleConnsPerHost: connections,
		MaxConnsPerHost:     connections,
		DisableCompression:  true,
		TLSHandshakeTimeout: 10 * time.Second,
		// "The only acceptable protocol version is TLS 1.2", says Microsoft.
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12}, //nolint:gosec // as Entra does
	}
	return &Client{base: base, token: token, http: &http.Client{
		Transport:     transport,
		Timeout:       answerTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// marked is a client like c, whose requests say, or do not, that they only try the
// service.
func (c *Client) marked(mark bool) *Client {
	marked := *c
	marked.mark = mark
	return &marked
}

// Close gives up the client's connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// newDialect reports whether the Tenant URL asks for the new dialect.
func (c *Client) newDialect() bool { return c.base.Query().Has(newDialectFlag) }

// answer is one answer of the endpoint.
type answer struct {
	request  string // "POST /Users", for people: with the query, without the host
	status   int
	header   http.Header
	resource *value.Object // the body; nil if it has none
	took     time.Duration // of the last attempt
	waits    int           // how often the endpoint asked to come again later
}

// request is one request to the endpoint.
type request struct {
	method, path string
	query        string // escaped
	body         []byte // nil: none
	media        string // of the body
	token        string
}

// send sends one request with a document of SCIM, or none: see do.
func (c *Client) send(ctx context.Context, method, path string, query url.Values, body *value.Object) (*answer, error) {
	r := request{method: method, path: path, query: query.Encode(), token: c.token}
	if body != nil {
		r.body, r.media = value.Append(nil, value.Of(body)), contentType
	}
	return c.do(ctx, r)
}

// do sends one request, and again when it was told to come later (429 and 503
// with Retry-After). An error means that there is no answer, or none in SCIM.
func (c *Client) do(ctx context.Context, r request) (*answer, error) {
	for waits := 0; ; waits++ {
		a, err := c.doOnce(ctx, r)
		if err != nil {
			return a, err
		}
		a.waits = waits
		wait, later := a.retryAfter()
		if !later || waits == maxWaits {
			return a, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(wait):
		}
	}
}

func (c *Client) doOnce(ctx context.Context, r request) (*answer, error) {
	if c.pace != nil {
		if err := c.pace.Wait(ctx); err != nil {
			return nil, err
		}
	}
	target := c.target(r)
	var content io.Reader
	if r.body != nil {
		content = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target.String(), content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.token)
	req.Header.Set("User-Agent", "") // none is sent
	if c.mark {
		req.Header.Set(scim.DrillHeader, "1")
	}
	if r.body != nil {
		req.Header.Set("Content-Type", r.media)
	}
	begin := time.Now()
	res, err := c.http.Do(req)
	if err != nil {
		return nil, noAnswer(r.method, r.path, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return nil, noAnswer(r.method, r.path, err)
	}
	a := &answer{
		request: r.method + " " + strings.TrimPrefix(target.RequestURI(), c.base.Path), status: res.StatusCode,
		header: res.Header, took: time.Since(begin),
	}
	return a, a.read(text)
}

// target puts path and query behind the Tenant URL, whose own flags stay.
func (c *Client) target(r request) *url.URL {
	target := *c.base
	target.Path += r.path
	if target.RawQuery != "" && r.query != "" {
		target.RawQuery += "&"
	}
	target.RawQuery += r.query
	return &target
}

// noAnswer is why a request has no answer, without the addresses and the URL that
// the packages of net repeat.
func noAnswer(method, path string, err error) error {
	cause := err
	var whole *url.Error
	if errors.As(cause, &whole) {
		cause = whole.Err
	}
	var op *net.OpError
	if errors.As(cause, &op) {
		cause = op.Err
	}
	return &UnexpectedError{Request: method + " " + path, Reason: "no answer: " + cause.Error(), cause: err}
}

// read reads the body. Every answer that has one must be SCIM, errors too.
func (a *answer) read(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	if len(text) > maxAnswer {
		return a.unexpected("the answer is longer than 8 MiB")
	}
	v, err := value.Parse(text, value.DefaultLimits)
	if err == nil {
		a.resource = v.Object()
	}
	if err := a.media(); err != nil {
		return err
	}
	if a.resource == nil {
		return a.unexpected("its body is not a JSON object")
	}
	return nil
}

// media checks the type that every body must have.
func (a *answer) media() error {
	media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(media), "application/scim+json") {
		return a.unexpected("its Content-Type is not application/scim+json")
	}
	return nil
}

// retryAfter reports whether the endpoint asks to come again, and when.
func (a *answer) retryAfter() (time.Duration, bool) {
	wait := a.rest()
	return wait, wait > 0 && wait <= longestWait
}

// rest is how long the endpoint asks to be left alone; 0 is not at all. A 429
// that does not say (RFC 6585 §4 leaves it open) gets a second.
func (a *answer) rest() time.Duration {
	if a.status != http.StatusTooManyRequests && a.status != http.StatusServiceUnavailable {
		return 0
	}
	wait := connectors.ParseRetryAfter(a.header.Get("Retry-After"), time.Now())
	if wait == 0 && a.status == http.StatusTooManyRequests {
		return time.Second
	}
	return wait
}

// text returns a text of the resource that was answered, "" if it has none.
func (a *answer) text(name string) string {
	v, _ := a.resource.Get(name)
	return v.Text()
}

// UnexpectedError is an answer that Entra could not work with, or that there is none.
type UnexpectedError struct {
	Request string // "POST /Users"
	Status  int    // 0: no answer
	Reason  string // ours, or the detail of the endpoint's SCIM error
	cause   error
}

func (e *UnexpectedError) Error() string {
	if e.Status == 0 {
		return e.Request + ": " + e.Reason
	}
	return fmt.Sprintf("%s: %d: %s", e.Request, e.Status, e.Reason)
}

// Unwrap returns why there is no answer, nil if there is one.
func (e *UnexpectedError) Unwrap() error { return e.cause }

func (a *answer) unexpected(reason string) error {
	return &UnexpectedError{Request: a.request, Status: a.status, Reason: reason}
}

// want checks the status of the answer.
func (a *answer) want(statuses ...int) error {
	for _, s := range statuses {
		if a.status == s {
			return nil
		}
	}
	if detail := a.text("detail"); detail != "" {
		return a.unexpected(detail)
	}
	return a.unexpected(fmt.Sprintf("this should have been %d", statuses[0]))
}
