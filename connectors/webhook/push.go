package webhook

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"scimgate/connectors"
	"scimgate/scim/value"
)

// push delivers a SET (RFC 8935 §2). Its error is the caller's own to change.
func (h *hook) push(ctx context.Context, set string) *connectors.Error {
	res, err := h.send(ctx, set)
	if err != nil {
		return own(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body) // at most connectors.MaxAnswer
	switch e := connectors.Classify(res, true, time.Now()); {
	case res.StatusCode == http.StatusBadRequest:
		return refused(answer)
	case e != nil:
		return e
	case err != nil:
		return own(err)
	case res.StatusCode != http.StatusAccepted:
		return notAccepted(res.StatusCode)
	}
	return nil
}

func (h *hook) send(ctx context.Context, set string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, strings.NewReader(set))
	if err != nil {
		return nil, &connectors.Error{Fault: connectors.Rejected, Reason: "the receiver's address makes no URL"}
	}
	req.Header.Set("Content-Type", "application/"+mediaType)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "scimgate")
	if h.token != "" {
		req.Header.Set("Authorization", "Bearer "+h.token)
	}
	return h.client.Do(req)
}

// own copies an error: the client may have handed out one that it shares.
func own(err error) *connectors.Error {
	e := *connectors.AsError(err)
	return &e
}

// notAccepted is the error of a success that is not the one of RFC 8935 §2.2: a
// sign-in page says 200 too.
func notAccepted(status int) *connectors.Error {
	return &connectors.Error{
		Fault: connectors.Protocol, Status: status, Unknown: true,
		Reason: "the receiver did not answer with 202 Accepted, by which alone a SET is delivered",
	}
}

// refusal is what an error code means for what comes next.
type refusal struct {
	fault  connectors.Fault
	reason string
}

// refusals are the error codes of RFC 8935 §2.4. All but the first would meet
// every other SET too.
var refusals = map[string]refusal{
	"invalid_request":       {connectors.Rejected, "the receiver finds the event invalid"},
	"invalid_key":           {connectors.Unauthorized, `the receiver does not accept the signing key: give it the public key under this "keyId"`},
	"invalid_issuer":        {connectors.Unauthorized, `the receiver does not accept this "issuer"`},
	"invalid_audience":      {connectors.Unauthorized, `the receiver does not go by this "audience"`},
	"authentication_failed": {connectors.Unauthorized, "the receiver could not authenticate us: check the token"},
	"access_denied":         {connectors.Unauthorized, "the receiver does not let us push to it"},
}

// refused reads the answer to a SET that the receiver does not take (RFC 8935
// §2.3). Nothing but the code is looked at: the rest may quote the SET.
func refused(answer []byte) *connectors.Error {
	r := refusal{connectors.Rejected, "the receiver refused the event"}
	if v, err := value.Parse(answer, value.DefaultLimits); err == nil {
		code, _ := v.Object().Get("err")
		if known, ok := refusals[code.Text()]; ok {
			r = known
		}
	}
	return &connectors.Error{Fault: r.fault, Status: http.StatusBadRequest, Reason: r.reason}
}
