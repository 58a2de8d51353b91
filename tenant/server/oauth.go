package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// oauthError is an answer of RFC 6749 §5.2.
type oauthError struct {
	status int
	Code   string `json:"error"`
	Text   string `json:"error_description"`
}

func (e *oauthError) Error() string { return e.Code + ": " + e.Text }

var (
	errForm    = &oauthError{http.StatusBadRequest, "invalid_request", "Send the parameters as application/x-www-form-urlencoded, each once."}
	errTwoWays = &oauthError{http.StatusBadRequest, "invalid_request", "The header and the body show different clients; show one."}
	errGrant   = &oauthError{http.StatusBadRequest, "unsupported_grant_type", "The grant type is client_credentials."}
	errClient  = &oauthError{http.StatusUnauthorized, "invalid_client", "The client's credential is not valid for this token endpoint."}
	errSlow    = &oauthError{http.StatusTooManyRequests, "temporarily_unavailable", "Too many requests; slow down, and use a token until it ends."}
	errOurs    = &oauthError{http.StatusServiceUnavailable, "temporarily_unavailable", "The gateway cannot answer now; nothing is wrong with the request. Try again later."}
)

// assertionType is the only kind of assertion (RFC 7523 §2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// maxForm is the longest form that is read: an assertion has 2 KiB.
const maxForm = 16 << 10

// shown is what a client shows at the token endpoint: an id with a secret or an
// assertion. All empty: nothing that can be used.
type shown struct{ id, secret, assertion string }

// readRequest reads a request for a token. Its errors, *oauthError, are the same for
// every tenant and client.
func readRequest(r *http.Request) (shown, error) {
	form, err := readForm(r)
	if err != nil {
		return shown{}, err
	}
	switch form.Get("grant_type") {
	case "client_credentials":
	case "":
		return shown{}, errForm
	default:
		return shown{}, errGrant
	}
	return readClient(r.Header["Authorization"], form)
}

func readForm(r *http.Request) (url.Values, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/x-www-form-urlencoded" {
		return nil, errForm
	}
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxForm))
	if err != nil {
		return nil, errForm
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil, errForm
	}
	for _, values := range form {
		if len(values) > 1 { // RFC 6749 §3.2: not more than once
			return nil, errForm
		}
	}
	return form, nil
}

// readClient reads what a client shows: in the header, in the body, or in both
// where they agree, as Entra's "Both" sends it against RFC 6749 §2.3.
func readClient(authorization []string, form url.Values) (shown, error) {
	body := shown{form.Get("client_id"), form.Get("client_secret"), form.Get("client_assertion")}
	if form.Get("client_assertion_type") != assertionType {
		body.assertion = ""
	}
	if body.assertion != "" && (body.secret != "" || len(authorization) > 0) {
		return shown{}, errTwoWays
	}
	if len(authorization) == 0 {
		return body, nil
	}
	header, err := readBasic(authorization)
	if err != nil { // as bad as a wrong one
		return shown{}, nil //nolint:nilerr // refused like any other credential
	}
	if body.id != "" && body.id != header.id || body.secret != "" && body.secret != header.secret {
		return shown{}, errTwoWays
	}
	return header, nil
}

// readBasic reads client_secret_basic: both parts are form-encoded first (RFC 6749
// §2.3.1).
func readBasic(authorization []string) (shown, error) {
	if len(authorization) != 1 {
		return shown{}, errors.New("several headers")
	}
	r := http.Request{Header: http.Header{"Authorization": authorization}}
	id, secret, ok := r.BasicAuth()
	if !ok || strings.ContainsRune(id, 0) {
		return shown{}, errors.New("not Basic")
	}
	id, err1 := url.QueryUnescape(id)
	secret, err2 := url.QueryUnescape(secret)
	return shown{id: id, secret: secret}, errors.Join(err1, err2)
}
