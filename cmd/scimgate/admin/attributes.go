package admin

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"scimgate/scim/value"
	"scimgate/tenant"
)

// AttributeInput is a custom attribute, as an Appspace account defines it.
type AttributeInput struct {
	Property    string `json:"property" doc:"Name in SCIM and in the account; it cannot change" example:"costCenter" minLength:"1" maxLength:"64" pattern:"^[A-Za-z][A-Za-z0-9_-]*$" patternDescription:"a letter, then letters, digits, - and _"`
	DisplayName string `json:"displayName,omitempty" doc:"Name for people" maxLength:"200"`
	Type        string `json:"type" enum:"String,Integer" doc:"It cannot change"`
	Required    bool   `json:"required,omitempty" doc:"A user with custom attributes must have it"`
	Visibility  string `json:"visibility,omitempty" enum:"VISIBLE,HIDDEN" doc:"Whether the account shows it; VISIBLE where it is absent"`
	Description string `json:"description,omitempty" doc:"What it is for" maxLength:"1000"`
}

// maxAttributes bounds a tenant's custom attributes.
const maxAttributes = 200

// CreateAttribute defines an attribute, or tells tenant.ErrExists.
func (s *Service) CreateAttribute(ctx context.Context, id tenant.ID, in AttributeInput) (*tenant.Tenant, error) {
	return s.redefine(ctx, id, func(t *tenant.Tenant) error {
		if findAttribute(t, in.Property) >= 0 {
			return tenant.ErrExists
		}
		if len(t.Attributes) >= maxAttributes {
			return invalid(fmt.Sprintf("a tenant has at most %d attributes", maxAttributes))
		}
		t.Attributes = append(t.Attributes, in.attribute())
		return nil
	})
}

// PutAttributes replaces a tenant's list. Property and type of what stays cannot
// change.
func (s *Service) PutAttributes(ctx context.Context, id tenant.ID, in []AttributeInput) (*tenant.Tenant, error) {
	return s.redefine(ctx, id, func(t *tenant.Tenant) error {
		next := &tenant.Tenant{}
		for _, a := range in {
			if findAttribute(next, a.Property) >= 0 {
				return invalid(fmt.Sprintf("property %q stands twice", a.Property))
			}
			if err := unchanged(t, a); err != nil {
				return err
			}
			next.Attributes = append(next.Attributes, a.attribute())
		}
		t.Attributes = next.Attributes
		return nil
	})
}

// DeleteAttribute undefines an attribute. What was stored of it stays, and is
// not projected any more.
func (s *Service) DeleteAttribute(ctx context.Context, id tenant.ID, property string) error {
	_, err := s.redefine(ctx, id, func(t *tenant.Tenant) error {
		at := findAttribute(t, property)
		if at < 0 {
			return tenant.ErrNotFound
		}
		t.Attributes = slices.Delete(t.Attributes, at, at+1)
		return nil
	})
	return err
}

// redefine changes what a tenant's users may hold: rules are compiled anew, and
// every user is projected again.
func (s *Service) redefine(ctx context.Context, id tenant.ID, edit func(*tenant.Tenant) error) (*tenant.Tenant, error) {
	t, err := s.update(ctx, id, func(t *tenant.Tenant) error {
		if err := edit(t); err != nil {
			return err
		}
		if t.Rules != nil {
			if err := compile(t, t.Rules); err != nil {
				return err
			}
		}
		newRules(t)
		return nil
	})
	if err == nil {
		s.Wake(id)
	}
	return t, err
}

// newRules notes that projections may differ from now on: everything is due
// again, by a note that is stored together with what caused it.
func newRules(t *tenant.Tenant) {
	t.RulesRev++
	for i := range t.Connections {
		c := &t.Connections[i]
		c.Resync = append(c.Resync, time.Now().UTC())
	}
}

func (in AttributeInput) attribute() tenant.Attribute {
	return tenant.Attribute{
		Property: in.Property, DisplayName: in.DisplayName, Type: in.Type, Required: in.Required,
		Visibility: cmp.Or(tenant.Visibility(in.Visibility), tenant.Visible), Description: in.Description,
	}
}

func unchanged(t *tenant.Tenant, in AttributeInput) error {
	at := findAttribute(t, in.Property)
	if at < 0 {
		return nil
	}
	if was := t.Attributes[at]; was.Type != in.Type || was.Property != in.Property {
		return invalid(fmt.Sprintf("property %q is defined as %s of type %s, which cannot change", in.Property, was.Property, was.Type))
	}
	return nil
}

// findAttribute looks a property up in any case, as SCIM does.
func findAttribute(t *tenant.Tenant, property string) int {
	return slices.IndexFunc(t.Attributes, func(a tenant.Attribute) bool { return value.SameName(a.Property, property) })
}

// ValidProperty reports whether a property has the form that the API asks for.
func ValidProperty(p string) bool { return propertyForm.MatchString(p) }

var propertyForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,63}$`)
