package console

import (
	"net/http"
	"strings"
	"testing"
)

// visitor is one column of the matrix.
type visitor struct {
	name   string
	person *person
	// may says what the answer to a route must be.
	may func(route) outcome
}

// outcome is what a visitor gets of a route.
type outcome string

const (
	served    outcome = "served"
	toDoor    outcome = "sent to sign in"
	forbidden outcome = "forbidden"
	missing   outcome = "not found"
)

// visitors are everybody who may come. What each may is written out here, and not
// taken from the code that is tried.
var visitors = []visitor{
	{"no session", nil, func(route) outcome {
		return toDoor
	}},
	{"foreign administrator", &person{Role: Administrator, Tenant: "globex"}, func(r route) outcome {
		if strings.Contains(r.path, "{tenant}") {
			return missing
		}
		return forbidden
	}},
	{"foreign support", &person{Role: Support, Tenant: "globex"}, func(r route) outcome {
		if strings.Contains(r.path, "{tenant}") {
			return missing
		}
		return forbidden
	}},
	{"no role", &person{Role: "root"}, func(r route) outcome {
		if strings.Contains(r.path, "{tenant}") {
			return missing
		}
		return forbidden
	}},
	{"administrator without an account", &person{Role: Administrator}, func(r route) outcome {
		if strings.Contains(r.path, "{tenant}") {
			return missing
		}
		return forbidden
	}},
	{"support of the account", &person{Role: Support, Tenant: "acme"}, func(r route) outcome {
		return ifSo(r.method == "GET" && strings.Contains(r.path, "{tenant}") && !strings.HasSuffix(r.path, "/access"))
	}},
	{"support of all", &person{Role: Support}, func(r route) outcome {
		return ifSo(r.method == "GET" && !strings.HasSuffix(r.path, "/access") && r.path != "/keys")
	}},
	{"administrator", &person{Role: Administrator, Tenant: "acme"}, func(r route) outcome {
		operators := []string{"/accounts", "/keys", "/keys/{apiKey}/revoke", "/changes", account + "/limit", account + "/access", account + "/invites", account + "/invites/{invite}/revoke"}
		for _, path := range operators {
			if r.path == path {
				return forbidden
			}
		}
		return served
	}},
	{"operator", &person{Role: Operator}, func(route) outcome { return served }},
}

func ifSo(ok bool) outcome {
	if ok {
		return served
	}
	return forbidden
}

// TestWhoMaySeeWhat asks for every route as everybody. Each visitor has a console
// of its own, so that what one does is not what another finds.
func TestWhoMaySeeWhat(t *testing.T) {
	asked := 0
	for _, who := range visitors {
		t.Run(who.name, func(t *testing.T) {
			d := newDesk(t)
			d.furnish("")
			b := d.as(who.person)
			for _, r := range routes {
				if r.who == everybody {
					continue
				}
				asked++
				a := b.send(r.method, d.fill(r.path), nil, nil)
				if got := outcomeOf(a); got != who.may(r) {
					t.Errorf("%s %s: %s (%d), want %s\n%.300s", r.method, r.path, got, a.status, who.may(r), a.text)
				}
				if outcomeOf(a) != served && leaks(a.text) != "" {
					t.Errorf("%s %s tells %q", r.method, r.path, leaks(a.text))
				}
			}
		})
	}
	if asked < 200 {
		t.Errorf("only %d asked", asked)
	}
}

// fill puts what acme has into a route's path.
func (d *desk) fill(path string) string {
	if strings.HasPrefix(path, "/keys/") { // acme's own is gone by then
		path = strings.ReplaceAll(path, "{apiKey}", d.ids["anyKey"])
	}
	return strings.NewReplacer(
		"{tenant}", "acme", "{key}", d.ids["key"], "{apiKey}", d.ids["apiKey"], "{property}", "desk", "/secrets/{secret}", "/secrets/"+d.ids["ofClient"], "{credential}", d.ids["credential"], "{connection}", "appspace", "{invite}", d.ids["invite"], "{rev}", d.ids["rev"], "{file}", "graph", "{audit}", d.ids["audit"],
		"/users/{id}", "/users/u1", "/groups/{id}", "/groups/g1",
	).Replace(path)
}

// outcomeOf reads an answer. A form that is refused for what it lacks was served.
func outcomeOf(a answered) outcome {
	switch {
	case a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get("Location"), Prefix+"/sign-in"):
		return toDoor
	case a.status == http.StatusForbidden:
		return forbidden
	case a.status == http.StatusNotFound:
		return missing
	case a.status < 400, a.status == http.StatusUnprocessableEntity:
		return served
	default:
		return outcome(http.StatusText(a.status))
	}
}

// leaks returns what of acme stands in a text that should know nothing of it.
func leaks(text string) string {
	for _, word := range []string{"ana@example.com", "Ana", "s3cret", "a.example"} {
		if strings.Contains(text, word) {
			return word
		}
	}
	return ""
}

// An account that is another's is answered as one that does not exist, to the
// letter, by every route.
func TestAForeignAccountIsNotFound(t *testing.T) {
	d := newDesk(t)
	d.furnish("")
	for _, p := range []person{{Role: Administrator, Tenant: "globex"}, {Role: Support, Tenant: "globex"}} {
		b := d.as(&p)
		for _, r := range routes {
			if !strings.Contains(r.path, "{tenant}") {
				continue
			}
			foreign := b.send(r.method, d.fill(r.path), nil, nil)
			unknown := b.send(r.method, strings.Replace(d.fill(r.path), "/acme", "/nope", 1), nil, nil)
			theirs, none := strings.ReplaceAll(foreign.text, "/acme", "/nope"), unknown.text
			if foreign.status != http.StatusNotFound || foreign.status != unknown.status || theirs != none || len(foreign.header) != len(unknown.header) {
				t.Errorf("%s %s: %d and %d\n%s\n%s", r.method, r.path, foreign.status, unknown.status, theirs, none)
			}
		}
	}
}
