package console

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// visit is one request: who comes, what for, and the account it is about.
type visit struct {
	*Console
	w      http.ResponseWriter
	r      *http.Request
	route  route
	person *person          // nil: not signed in
	tenant *tenant.Tenant   // nil: of no account
	end    func(status int) // tells what became of a change; nil where none is made
}

// answer lets the visitor have the page, or says why not.
func (v *visit) answer() {
	defer v.recovered()
	err := v.admit()
	if err == nil && v.route.told() {
		err = v.tell()
	}
	if err == nil {
		err = v.route.serve(v)
	}
	if err != nil {
		v.fail(err)
	}
	if v.end != nil {
		v.end(v.w.(*noted).status)
	}
}

// tell stores that the visitor is about to change something; answer then tells what
// became of it. Whatever is not told of is not done.
func (v *visit) tell() error {
	c := tenant.NewChange(now())
	c.Actor, c.Operation = v.person.principal(), v.route.method+" "+v.route.path
	c.Summary = texts.of("does." + v.route.does)
	c.Resource = strings.TrimPrefix(v.r.URL.Path, Prefix)
	if v.tenant != nil {
		c.Tenant = v.tenant.ID
	}
	ctx, end, err := v.Service.Begin(admin.WithPrincipal(v.r.Context(), c.Actor), c)
	if err != nil {
		return err
	}
	v.r, v.w, v.end = v.r.WithContext(ctx), &noted{ResponseWriter: v.w, status: http.StatusOK}, end
	return nil
}

// noted is a response whose status is noted.
type noted struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (n *noted) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find what the response can do.
func (n *noted) Unwrap() http.ResponseWriter { return n.ResponseWriter }

// redirect leads to a path of the console, after something was done.
func (v *visit) redirect(path string) error {
	http.Redirect(v.w, v.r, Prefix+path, http.StatusSeeOther)
	return nil
}

// done leads to a section of the account and says there what was done: the key of
// a text under "done".
func (v *visit) done(section, what string) error {
	return v.redirect(v.base() + "/" + section + "?done=" + url.QueryEscape(what))
}

// base is the path of the account, below the prefix.
func (v *visit) base() string { return "/accounts/" + string(v.tenant.ID) }

// faultsOf returns what is wrong with what a person gave, or nil where err is
// something else.
func faultsOf(err error) []string {
	if told := new(admin.InvalidError); errors.As(err, &told) {
		return told.Faults
	}
	return nil
}

// fail answers a request that came to nothing.
func (v *visit) fail(err error) {
	if errors.Is(err, errSignIn) {
		v.toSignIn()
		return
	}
	f := v.failure(err)
	if f.status == http.StatusServiceUnavailable || f.status == http.StatusTooManyRequests {
		v.w.Header().Set("Retry-After", "5")
	}
	data := failureData{Text: f.text, Faults: faultsOf(err)}
	if err := v.render(f.status, "failure", data); err != nil {
		v.Log.ErrorContext(v.r.Context(), "console: a failure cannot be shown", "error", err)
		http.Error(v.w, http.StatusText(f.status), f.status)
	}
}

// failureData is what the page of a failure shows.
type failureData struct {
	Text   string // key of a text under "failure"
	Faults []string
}

type failure struct {
	status int
	text   string
}

// failure is the answer to an error. What is nobody's fault but ours is logged.
func (v *visit) failure(err error) failure {
	tooLong, stale := new(http.MaxBytesError), new(admin.StaleError)
	switch {
	case isMissing(err):
		return failure{http.StatusNotFound, "notFound"}
	case errors.Is(err, errForbidden):
		return failure{http.StatusForbidden, "forbidden"}
	case errors.Is(err, errForeign):
		return failure{http.StatusForbidden, "foreign"}
	case errors.Is(err, errTooOften):
		return failure{http.StatusTooManyRequests, "tooOften"}
	case errors.Is(err, errSignInFailed):
		return failure{http.StatusForbidden, "signIn"}
	case errors.Is(err, errNoRole):
		return failure{http.StatusForbidden, "noRole"}
	case errors.As(err, &tooLong):
		return failure{http.StatusRequestEntityTooLarge, "tooLong"}
	case faultsOf(err) != nil:
		return failure{http.StatusUnprocessableEntity, "invalid"}
	case errors.Is(err, tenant.ErrExists):
		return failure{http.StatusConflict, "exists"}
	case errors.Is(err, admin.ErrBusy):
		return failure{http.StatusConflict, "busy"}
	case errors.Is(err, tenant.ErrConflict), errors.As(err, &stale):
		return failure{http.StatusConflict, "conflict"}
	}
	v.Log.ErrorContext(v.r.Context(), "the console failed", "route", v.route.path, "error", err)
	return failure{http.StatusServiceUnavailable, "ours"}
}

// isMissing reports whether an error says that something is not there.
func isMissing(err error) bool {
	return errors.Is(err, errNotFound) || errors.Is(err, tenant.ErrNotFound) || errors.Is(err, directory.ErrNotFound)
}

// recovered answers where a mistake of ours ended a handler.
func (v *visit) recovered() {
	if what := recover(); what != nil {
		v.Log.ErrorContext(v.r.Context(), "panic", "route", v.route.path, "panic", what)
		v.w.Header().Set("Retry-After", "5")
		_ = v.render(http.StatusServiceUnavailable, "failure", failureData{Text: "ours"})
	}
}

// field is a value of the form that was sent, without the blanks around it.
func (v *visit) field(name string) string { return strings.TrimSpace(v.r.PostFormValue(name)) }

// ticked reports whether a box of the form was ticked.
func (v *visit) ticked(name string) bool { return v.r.PostFormValue(name) != "" }
