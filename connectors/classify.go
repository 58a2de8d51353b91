package connectors

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"time"
)

// Classify returns what a target's status means (reliability-and-security.md
// 3.5), nil for 2xx. mutating says that the request was one that changes
// something. What a 404 or a 409 means for one object the caller knows better:
// here 404 is "there is nothing at this address at all". The answer's body is
// not looked at, because a target may echo our credential in it.
func Classify(res *http.Response, mutating bool, now time.Time) *Error {
	status := res.StatusCode
	if status >= 200 && status < 300 {
		return nil
	}
	c := classOf(status)
	e := &Error{Fault: c.fault, Status: status, Unknown: mutating && c.applied, Reason: c.reason}
	if c.fault == Throttled {
		e.RetryAfter = ParseRetryAfter(res.Header.Get("Retry-After"), now)
	}
	return e
}

// class is the meaning of a status.
type class struct {
	fault   Fault
	applied bool // a change may have been made all the same
	reason  string
}

func classOf(status int) class {
	if c, ok := classes[status]; ok {
		return c
	}
	switch {
	case status >= 300 && status < 400:
		return class{Protocol, true, "the target answered with a redirect, which is never followed"}
	case status >= 400 && status < 500:
		return class{Rejected, false, "the target refused the request"}
	case status >= 500 && status < 600:
		return class{Transient, true, "the target failed"}
	}
	return class{Protocol, true, "the target answered with a status that makes no sense here"}
}

// classes are the statuses that mean something of their own. A proxy that gives
// up (502, 503, 504) may have passed the request on first; 429 comes before any
// work is done.
var classes = map[int]class{
	http.StatusUnauthorized:          {Unauthorized, false, "the target refused our credential"},
	http.StatusForbidden:             {Unauthorized, false, "the target forbids this to our credential"},
	http.StatusNotFound:              {Unauthorized, false, "the target has nothing at its address: check the URL, and that provisioning is switched on there"},
	http.StatusMethodNotAllowed:      {Rejected, false, "the target does not support the method"},
	http.StatusRequestTimeout:        {Transient, true, "the target gave up waiting for the request"},
	http.StatusConflict:              {Conflict, false, "the target has such an object already"},
	http.StatusRequestEntityTooLarge: {Rejected, false, "the target finds the object too large"},
	http.StatusTooManyRequests:       {Throttled, false, "the target asks to slow down"},
	http.StatusNotImplemented:        {Rejected, false, "the target does not support the request"},
	http.StatusServiceUnavailable:    {Throttled, true, "the target is unavailable for now"},
}

// Garbled is the error of a 2xx answer whose body is not what was asked for: a
// sign-in page, a proxy's notice, half a document.
func Garbled(status int, mutating bool) *Error {
	return &Error{
		Fault: Protocol, Status: status, Unknown: mutating,
		Reason: "the target reported success but its answer is not SCIM",
	}
}

// broken is the error of an exchange that ended without a whole answer.
func broken(err error, unknown bool) *Error {
	var ours *Error
	if errors.As(err, &ours) {
		e := *ours
		e.Unknown = unknown
		return &e
	}
	return &Error{Fault: Transient, Unknown: unknown, Reason: reasonOf(err), Err: printable(err)}
}

func reasonOf(err error) string {
	var (
		dns         *net.DNSError
		op          *net.OpError
		certificate *tls.CertificateVerificationError
		timeout     interface{ Timeout() bool }
	)
	switch {
	case errors.Is(err, context.Canceled):
		return "the request was cancelled"
	case errors.As(err, &certificate):
		return "the target's certificate cannot be trusted"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "the target did not answer in time"
	case errors.As(err, &dns):
		return "the target's host name cannot be resolved"
	case errors.As(err, &op) && op.Op == "dial":
		return "the target cannot be reached"
	}
	return "the connection to the target broke off"
}

// printable returns the part of err that is ours to log: what the operating
// system or the verifier of certificates said. Errors of net/http may quote what
// the target sent, and those of url hold the query, so they are left out.
func printable(err error) error {
	var (
		dns         *net.DNSError
		op          *net.OpError
		authority   x509.UnknownAuthorityError
		hostname    x509.HostnameError
		certificate x509.CertificateInvalidError
	)
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.As(err, &dns):
		return dns
	case errors.As(err, &op):
		return op
	case errors.As(err, &authority):
		return authority
	case errors.As(err, &hostname):
		return hostname
	case errors.As(err, &certificate):
		return certificate
	}
	return nil
}
