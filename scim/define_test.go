package scim

import (
	"slices"
	"testing"
)

func TestDefine(t *testing.T) {
	d := Define(append(testAttributes, CustomAttribute{Property: "FLOOR", Type: "String"}))
	floor := d.Schema("URN:ietf:params:scim:schemas:extension:appspace:2.0:user").find("Floor")
	if floor == nil || floor.Type != Integer || floor.Description != "Where the desk is." {
		t.Errorf("floor is %+v", floor)
	}
	if n := len(d.Schema(AppspaceUserURN).Attributes); n != 2 {
		t.Errorf("%d custom attributes, want 2: names are the same in any case", n)
	}
	if got := len(Define(nil).Schema(AppspaceUserURN).Attributes); got != 0 {
		t.Errorf("another tenant has %d custom attributes, want none", got)
	}
	if d.TypeAt("/Users") != d.Type("User") || d.TypeAt("/Groups") != d.Type("Group") || d.Type("Robot") != nil {
		t.Error("types are not found by name and endpoint")
	}
}

// eachAttribute calls f for all attributes and sub-attributes that every tenant has.
func eachAttribute(f func(*Attribute)) {
	base := builtIn()
	for _, s := range []*Schema{base.common, base.user, base.group, base.enterprise, base.appspace} {
		for _, a := range s.Attributes {
			f(a)
			for _, sub := range a.SubAttributes {
				f(sub)
			}
		}
	}
}

// The embedded schemas say nothing that RFC 7643 §7 does not know.
func TestSchemasAreWellFormed(t *testing.T) {
	types := []Type{String, Boolean, Decimal, Integer, DateTime, Binary, Reference, Complex}
	eachAttribute(func(a *Attribute) {
		switch {
		case !validName(a.Name) && a.Name != "$ref":
			t.Errorf("%s: not a name", a.path)
		case !slices.Contains(types, a.Type):
			t.Errorf("%s: type %q", a.path, a.Type)
		case (a.Type == Complex) != (len(a.SubAttributes) > 0):
			t.Errorf("%s: complex is what has sub-attributes", a.path)
		case (a.Type == Reference) != (len(a.ReferenceTypes) > 0):
			t.Errorf("%s: a reference is what has reference types", a.path)
		case a.Type == Reference && !a.CaseExact:
			t.Errorf("%s: references are caseExact (RFC 7643 §2.3.7)", a.path)
		case !slices.Contains([]string{"readOnly", "readWrite", "immutable", "writeOnly"}, a.Mutability):
			t.Errorf("%s: mutability %q", a.path, a.Mutability)
		case !slices.Contains([]string{"none", "server", "global"}, a.Uniqueness):
			t.Errorf("%s: uniqueness %q", a.path, a.Uniqueness)
		case a.Name == "type" && len(a.CanonicalValues) == 0:
			t.Errorf("%s: no canonical values, from which Entra's gallery tests make the names of attributes", a.path)
		case a.Description == "":
			t.Errorf("%s: no description", a.path)
		}
	})
}

// A resource can be sent as it is stored because nothing in it needs leaving out:
// no attribute is returned "never" or only on request (RFC 7643 §7).
func TestEverythingIsReturned(t *testing.T) {
	eachAttribute(func(a *Attribute) {
		want := "default"
		if a.path == id || a.path == schemas {
			want = "always" // see Project
		}
		if a.Returned != want {
			t.Errorf("%s is returned %q, want %q", a.path, a.Returned, want)
		}
	})
}

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{
		"badge": true, "b-1_$": true, "": false, "1a": false, "$where": false, "a.b": false,
		"a\x00": false, "K\u212a": false, "__proto__": false, "a b": false,
	} {
		if validName(name) != want {
			t.Errorf("validName(%q) is %v", name, !want)
		}
	}
}
