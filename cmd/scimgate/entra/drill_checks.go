package entra

import (
	"fmt"
	"strings"

	"scimgate/scim"
	"scimgate/scim/value"
)

const (
	userURN    = scim.UserURN
	groupURN   = "urn:ietf:params:scim:schemas:core:2.0:Group"
	errorURN   = "urn:ietf:params:scim:api:messages:2.0:Error"
	enterprise = scim.EnterpriseUserURN
)

// check looks at one answer.
type check func(*trial, *answer) error

func (t *trial) all(a *answer, checks []check) error {
	for _, c := range checks {
		if err := c(t, a); err != nil {
			return err
		}
	}
	return nil
}

// look finds what stands at a place in o: names joined by "/", and between them
// "type=work" for those elements of a list that have it.
func look(v value.Value, place string) []value.Value {
	first, rest, more := strings.Cut(place, "/")
	var found []value.Value
	if name, text, chosen := strings.Cut(first, "="); chosen {
		for _, item := range v.Items() {
			if has, _ := item.Object().Get(name); strings.EqualFold(has.Text(), text) {
				found = append(found, item)
			}
		}
	} else if is, ok := v.Object().Get(first); ok && !is.Unassigned() {
		found = []value.Value{is}
	}
	if !more {
		return found
	}
	var below []value.Value
	for _, f := range found {
		below = append(below, look(f, rest)...)
	}
	return below
}

// has checks that exactly one value stands at a place, with this text: what was
// sent is read back as it was.
func has(place, want string) check {
	return func(t *trial, a *answer) error {
		want, err := t.expand(want)
		if err != nil {
			return err
		}
		found := look(value.Of(a.resource), place)
		switch {
		case len(found) == 0:
			return a.unexpected(fmt.Sprintf("%s is missing; it should be %q", place, want))
		case len(found) > 1:
			return a.unexpected(fmt.Sprintf("%s is there %d times", place, len(found)))
		case found[0].Text() != want:
			return a.unexpected(fmt.Sprintf("%s is %q, not %q", place, found[0].Text(), want))
		}
		return nil
	}
}

// truth checks for a boolean, and not a text that spells one.
func truth(place string, want bool) check {
	return func(_ *trial, a *answer) error {
		found := look(value.Of(a.resource), place)
		if len(found) != 1 || found[0].Kind() != value.Bool || found[0].True() != want {
			return a.unexpected(fmt.Sprintf("%s is not the boolean %t", place, want))
		}
		return nil
	}
}

// counts checks how many values stand at a place: elements, if it is a list.
func counts(place string, want int) check {
	return func(_ *trial, a *answer) error {
		n := 0
		for _, v := range look(value.Of(a.resource), place) {
			n += max(1, len(v.Items()))
		}
		if n != want {
			return a.unexpected(fmt.Sprintf("%s is there %d times, not %d", place, n, want))
		}
		return nil
	}
}

// lacks checks that there is no value at a place: absent, null, "" or [].
func lacks(place string) check { return counts(place, 0) }

// present checks that there is something.
func present(place string) check {
	return func(_ *trial, a *answer) error {
		if len(look(value.Of(a.resource), place)) == 0 {
			return a.unexpected(place + " is missing")
		}
		return nil
	}
}

// sameID checks that the resource is still who it was.
func sameID(who string) check { return has("id", "<"+who+">") }

// noNull checks that nothing is null: what is absent is left out (RFC 7643 §2.5).
func noNull(_ *trial, a *answer) error {
	if hasNull(value.Of(a.resource)) {
		return a.unexpected("it holds null")
	}
	return nil
}

// asSCIM checks the type of the body.
func asSCIM(_ *trial, a *answer) error { return a.media() }
