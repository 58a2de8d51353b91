package scim

import (
	"errors"
	"testing"

	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// A query on several types: an attribute that one does not have has no value there
// (RFC 7644 §3.4.2.1), one that none has is an error.
func TestBindTypes(t *testing.T) {
	d := Define(nil)
	types := []*ResourceType{d.Type("User"), d.Type("Group")}
	resources := []*value.Object{
		parsedObject(`{"id":"u","userName":"ana","displayName":"Ana","emails":[{"type":"work","value":"a@x"}]}`),
		parsedObject(`{"id":"g","displayName":"Staff"}`),
	}
	for text, want := range map[string][2]bool{
		`displayName sw "A"`:                        {true, false},
		`displayName pr`:                            {true, true},
		`userName eq "ana"`:                         {true, false},
		`userName eq "x" or displayName eq "staff"`: {false, true},
		`not (userName pr)`:                         {false, true},
		`userName ne "ana"`:                         {false, true},
		`emails[type eq "work"]`:                    {true, false},
		`emails[type eq "work" and value co "@"] or displayName eq "Staff"`: {true, true},
		`emails.value pr and displayName eq "Ana"`:                          {true, false},
		`urn:ietf:params:scim:schemas:core:2.0:Group:displayName pr`:        {false, true},
	} {
		bound, err := BindTypes(types, text, Mode{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for i, e := range bound {
			if got := filter.Match(e, resources[i]); got != want[i] {
				t.Errorf("%s: %s matches: %v", text, types[i].Name, got)
			}
		}
	}
}

func TestBindTypesRefuses(t *testing.T) {
	d := Define(nil)
	types := []*ResourceType{d.Type("User"), d.Type("Group")}
	for text, want := range map[string]ErrorType{
		`shoeSize eq 9`:                        InvalidFilter,
		`displayName pr and shoeSize eq 9`:     InvalidFilter,
		`emails[shoeSize eq 9]`:                InvalidFilter,
		`shoeSize[type eq "x"]`:                InvalidFilter,
		`emails.shoeSize eq 9`:                 InvalidFilter,
		`active gt true`:                       InvalidFilter,
		`name eq "x"`:                          InvalidFilter,
		`displayName eq`:                       InvalidFilter,
		``:                                     InvalidFilter,
		`displayName pr or password eq "x"`:    Sensitive,
		`urn:example:x:displayName eq "staff"`: InvalidFilter,
	} {
		_, err := BindTypes(types, text, Mode{})
		var known *Error
		if !errors.As(err, &known) || known.Type != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
