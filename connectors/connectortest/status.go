package connectortest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"scimgate/connectors"
	"scimgate/scim/value"
)

var none value.Value

// fault checks the kind of an error.
func (s *scene) fault(err error, want connectors.Fault) {
	s.Helper()
	if e := s.typed(err); e != nil && e.Fault != want {
		s.Errorf("got %s (%v), want %s", e.Fault, e, want)
	}
}

// unknown checks that an error tells of a change that may have happened.
func (s *scene) unknown(err error, creating bool) {
	s.Helper()
	if e := s.typed(err); e != nil && (!e.Unknown || e.Creating != creating) {
		s.Errorf("unknown %v, creating %v: %v", e.Unknown, e.Creating, e)
	}
}

// typed returns err as what every error of a connector must be, and looks for
// the credential in all that it can be made to say.
func (s *scene) typed(err error) *connectors.Error {
	s.Helper()
	var e *connectors.Error
	if !errors.As(err, &e) {
		s.Errorf("%v is no *connectors.Error", err)
		return nil
	}
	for cause := err; cause != nil; cause = errors.Unwrap(cause) {
		if said := fmt.Sprintf("%v %+v %#v", cause, cause, cause); strings.Contains(said, s.target.Credential) {
			s.Error("the error holds the credential")
		}
	}
	return e
}

// call is one method of a connector.
type call struct {
	name string
	run  func(ctx context.Context, c connectors.Connector, o connectors.Object) error
}

// calls are the methods that meet the account, if the target has one to meet.
func (s *scene) calls() []call {
	if _, ok := s.connector.(connectors.Auditor); ok {
		return slices.Concat(calls, auditing)
	}
	if !s.target.Listens {
		return calls
	}
	return slices.DeleteFunc(slices.Clone(calls), func(c call) bool { return c.name == "Matches" })
}

// tells reports whether a call sends a change at once: who can ask looks first
// for a user that is new.
func (s *scene) tells(name string) bool {
	return !looks(name) && (s.target.Listens || name != "Put (new)")
}

// looks reports whether a call changes nothing at all.
func looks(name string) bool {
	return slices.Contains([]string{"Matches", "Check", "List", "Find"}, name)
}

// calls are the methods, each on a user that the account has.
var calls = []call{
	{"Put", func(ctx context.Context, c connectors.Connector, o connectors.Object) error {
		_, err := c.Put(ctx, o)
		return err
	}},
	{"Suspend", func(ctx context.Context, c connectors.Connector, o connectors.Object) error {
		return c.Suspend(ctx, left(o))
	}},
	{"Delete", func(ctx context.Context, c connectors.Connector, o connectors.Object) error {
		return c.Delete(ctx, left(o))
	}},
	{"Matches", func(ctx context.Context, c connectors.Connector, o connectors.Object) error {
		_, err := c.Matches(ctx, o)
		return err
	}},
	{"Check", func(ctx context.Context, c connectors.Connector, _ connectors.Object) error { return c.Check(ctx) }},
	{"Put (new)", func(ctx context.Context, c connectors.Connector, _ connectors.Object) error {
		_, err := c.Put(ctx, with(ana(), "userName", value.NewText("new."+userName)))
		return err
	}},
}

// each runs every method against a fault and hands over what it said.
func (s *scene) each(with fault, check func(name string, e *connectors.Error)) {
	s.Helper()
	s.eachBy(s.connector, with, check)
}

func (s *scene) eachBy(c connectors.Connector, with fault, check func(name string, e *connectors.Error)) {
	s.Helper()
	r := s.put(ana())
	s.front.fail(all, with)
	defer s.front.heal()
	for _, call := range s.calls() {
		err := call.run(s.Context(), c, known(ana(), r))
		if err == nil {
			s.Errorf("%s takes it for success", call.name)
		} else if e := s.typed(err); e != nil {
			check(call.name, e)
		}
	}
}

// statuses are answers of a sick account.
var statuses = []test{
	{"each status has its fault", func(s *scene) {
		for status, want := range map[int]connectors.Fault{
			400: connectors.Rejected, 401: connectors.Unauthorized, 403: connectors.Unauthorized,
			404: connectors.Unauthorized, 413: connectors.Rejected, 422: connectors.Rejected,
			429: connectors.Throttled, 500: connectors.Transient, 501: connectors.Rejected,
			502: connectors.Transient, 503: connectors.Throttled, 504: connectors.Transient,
		} {
			s.each(says(status, nil, ""), func(name string, e *connectors.Error) {
				if e.Fault != want || e.Status != status {
					s.Errorf("%s: %d gives %s with status %d, want %s", name, status, e.Fault, e.Status, want)
				}
			})
		}
	}},
	{"Retry-After is read in all its forms", func(s *scene) {
		for header, want := range map[string]time.Duration{
			"": 0, "abc": 0, "7": 7 * time.Second, "-1": time.Second, "0": time.Second, "99999999": 15 * time.Minute,
			"Thu, 01 Jan 1970 00:00:00 GMT": time.Second, "Fri, 31 Dec 2100 00:00:00 GMT": 15 * time.Minute,
		} {
			answer := says(http.StatusTooManyRequests, http.Header{"Retry-After": {header}}, "")
			s.each(answer, func(name string, e *connectors.Error) {
				if e.RetryAfter != want {
					s.Errorf("%s: %q is %v, want %v", name, header, e.RetryAfter, want)
				}
			})
		}
	}},
	{"an error that echoes the credential keeps it", func(s *scene) {
		echo := fmt.Sprintf(`{"detail":"bad token %s","scimType":"%[1]s","status":"400"}`, s.target.Credential)
		r := s.put(ana())
		for _, status := range []int{200, 201, 204, 302, 400, 401, 409, 500} {
			s.front.fail(all, says(status, http.Header{"Www-Authenticate": {echo}, "Location": {echo}}, echo))
			for _, call := range s.calls() {
				if err := call.run(s.Context(), s.connector, known(ana(), r)); err != nil {
					_ = s.typed(err)
				}
			}
		}
	}},
	{"success without sense is none", func(s *scene) {
		for _, body := range []string{
			"<html><body>Sign in</body></html>", "{}", "[]", `"ok"`, "null", "{", "\x00", `{"id":1}`, `{"id":""}`,
			`{"id":"` + strings.Repeat("x", 1<<19) + `"}`, `{"Resources":7}`, `{"totalResults":1}`, strings.Repeat("[", 1<<16),
			somebodyElse,
		} {
			s.sickReads(body)
		}
	}},
	{"a redirect is not followed", func(s *scene) {
		s.each(says(http.StatusFound, http.Header{"Location": {"http://127.0.0.1:1/stolen"}}, ""),
			func(name string, e *connectors.Error) {
				if e.Fault != connectors.Protocol || e.Status != http.StatusFound {
					s.Errorf("%s: %+v", name, e)
				}
			})
	}},
}

// somebodyElse is sense to who asked for everybody, and to nobody else.
const somebodyElse = `{"totalResults":1,"Resources":[{"id":"U7","userName":"somebody.else@example.com"}]}`

// sickReads answers everything with 200 and a body. Only a DELETE may be content
// with that.
func (s *scene) sickReads(body string) {
	s.Helper()
	r := s.put(ana())
	s.front.fail(all, says(http.StatusOK, nil, body))
	defer s.front.heal()
	for _, call := range s.calls() {
		err := call.run(s.Context(), s.connector, known(ana(), r))
		switch {
		case err != nil:
			s.fault(err, connectors.Protocol)
		case call.name != "Delete" && (call.name != "List" || body != somebodyElse):
			s.Errorf("%s takes %.40q for success", call.name, body)
		}
	}
}
