package entra

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"scimgate/scim/value"
)

// The steps of which the cases are made. Paths and bodies hold marks: see expand.

// user makes a user as Entra does by its default mappings.
func user(who string) step {
	return func(t *trial) error {
		name := t.userName(who)
		u := User{
			ExternalID: t.externalID(who), UserName: name, DisplayName: "Drill " + who, GivenName: "Drill",
			FamilyName: who, Title: "Tester", Email: name, Department: "Quality",
		}
		_, err := t.post("/Users", who, string(value.Append(nil, value.Of(u.creation()))))
		return err
	}
}

// bare makes a user with nothing but a name and these members of JSON.
func bare(who, members string, checks ...check) step {
	schemas := `"` + userURN + `"`
	if strings.Contains(members, enterprise) {
		schemas += `,"` + enterprise + `"`
	}
	if members != "" {
		members = "," + members
	}
	return create("/Users", who, `{"schemas":[`+schemas+`],"userName":"<`+who+`.name>"`+members+`}`, checks...)
}

// group makes a group with members, as Okta does; without, as Entra does.
func group(who string, members ...string) step {
	body := `{"schemas":["` + groupURN + `"],"displayName":"<` + who + `.group>"`
	if len(members) > 0 {
		body += `,"members":` + references(members)
	}
	return create("/Groups", who, body+"}")
}

// references are members as their JSON.
func references(who []string) string {
	all := make([]string, len(who))
	for i, w := range who {
		all[i] = `{"value":"<` + w + `>"}`
	}
	return "[" + strings.Join(all, ",") + "]"
}

// create posts a body: 201, with an id that is kept as who.
func create(endpoint, who, body string, checks ...check) step {
	return func(t *trial) error {
		a, err := t.post(endpoint, who, body)
		if err != nil {
			return err
		}
		return t.all(a, checks)
	}
}

// get reads: 200.
func get(target string, checks ...check) step {
	return expect(ask{method: http.MethodGet, target: target}, []int{http.StatusOK}, checks)
}

// patch changes with these operations: 200 or 204, as RFC 7644 §3.5.2 leaves open.
func patch(target, operations string) step {
	body := `{"schemas":["` + patchURN + `"],"Operations":[` + operations + `]}`
	return expect(ask{method: http.MethodPatch, target: target, body: body},
		[]int{http.StatusOK, http.StatusNoContent}, nil)
}

// put replaces: 200.
func put(target, body string) step {
	return expect(ask{method: http.MethodPut, target: target, body: body}, []int{http.StatusOK}, nil)
}

// remove deletes: 204. What is gone need not be cleaned up.
func remove(target string) step {
	return func(t *trial) error {
		q := ask{method: http.MethodDelete, target: target}
		if err := expect(q, []int{http.StatusNoContent}, nil)(t); err != nil {
			return err
		}
		path, err := t.expand(target)
		t.made = slices.DeleteFunc(t.made, func(m made) bool { return m.endpoint+"/"+m.id == path })
		return err
	}
}

func expect(q ask, statuses []int, checks []check) step {
	return func(t *trial) error {
		a, err := t.send(q)
		if err != nil {
			return err
		}
		if err := wanted(a, statuses...); err != nil {
			return err
		}
		return t.all(a, checks)
	}
}

// refused expects the error of RFC 7644 §3.12 with this status, and this scimType
// if the answer has one: it is optional.
func refused(status int, scimType string, q ask) step {
	return func(t *trial) error {
		send := t.send
		if q.method == http.MethodPost {
			send = func(q ask) (*answer, error) { return t.posted(q, "") }
		}
		a, err := send(q)
		if err != nil {
			return err
		}
		if err := wanted(a, status); err != nil {
			return err
		}
		return isError(a, scimType)
	}
}

func isError(a *answer, scimType string) error {
	told, _ := a.resource.Get("status")
	schemas, _ := a.resource.Get("schemas")
	switch has := a.text("scimType"); {
	case !slices.ContainsFunc(schemas.Items(), func(v value.Value) bool { return v.Text() == errorURN }):
		return a.unexpected("the body is not an error of RFC 7644 §3.12")
	case told.Kind() != value.String || told.Text() != fmt.Sprint(a.status):
		return a.unexpected(`the error's status must be the text "` + fmt.Sprint(a.status) + `"`)
	case has != "" && scimType != "" && has != scimType:
		return a.unexpected("the scimType is " + has + ", not " + scimType)
	}
	return nil
}

// wanted checks the status of an answer.
func wanted(a *answer, statuses ...int) error {
	if slices.Contains(statuses, a.status) {
		return nil
	}
	return a.unexpected(fmt.Sprintf("answered %d where %s is due", a.status, strings.Join(strings.Fields(strings.Trim(fmt.Sprint(statuses), "[]")), " or ")))
}
