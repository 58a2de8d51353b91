package entra

import (
	"slices"
	"strings"

	"scimgate/scim"
	"scimgate/scim/value"
)

// User is a user in Entra, with the attributes that the default mappings send.
// What is empty is not sent: Entra provisions no nulls.
type User struct {
	ExternalID  string // mailNickname or objectId
	UserName    string // userPrincipalName
	DisplayName string
	GivenName   string
	FamilyName  string
	Title       string
	Email       string // mail: the work e-mail
	Department  string
	Custom      []Custom // in the order in which they are mapped
}

// Custom is a custom attribute of Appspace that somebody mapped in Entra.
type Custom struct{ Property, Value string }

// mapped is one attribute that Entra compares and sends.
type mapped struct {
	path  string // of PATCH
	read  func(resource *value.Object) string
	value func(u *User) string
}

// mappings are Entra's default mappings to the attributes of User, in the order
// in which the portal shows them.
var mappings = []mapped{
	{"userName", top("userName"), func(u *User) string { return u.UserName }},
	{"active", activeOf, func(*User) string { return spelled(true) }}, // Entra creates and updates the enabled only
	{"displayName", top("displayName"), func(u *User) string { return u.DisplayName }},
	{"title", top("title"), func(u *User) string { return u.Title }},
	{workEmail, work, func(u *User) string { return u.Email }},
	{"name.givenName", below("name", "givenName"), func(u *User) string { return u.GivenName }},
	{"name.familyName", below("name", "familyName"), func(u *User) string { return u.FamilyName }},
	{"name.formatted", below("name", "formatted"), (*User).formatted},
	{"externalId", top("externalId"), func(u *User) string { return u.ExternalID }},
	{scim.EnterpriseUserURN + ":department", below(scim.EnterpriseUserURN, "department"), func(u *User) string { return u.Department }},
}

// workEmail is addressed by a filter, also where there is no such e-mail yet.
const workEmail = `emails[type eq "work"].value`

func top(name string) func(*value.Object) string {
	return func(o *value.Object) string {
		v, _ := o.Get(name)
		return v.Text()
	}
}

func below(outer, inner string) func(*value.Object) string {
	return func(o *value.Object) string {
		v, _ := o.Get(outer)
		return top(inner)(v.Object())
	}
}

// activeOf takes a resource that says nothing of it for active.
func activeOf(o *value.Object) string {
	v, ok := o.Get("active")
	return spelled(!ok || strings.EqualFold(v.Text(), "true"))
}

func work(o *value.Object) string {
	emails, _ := o.Get("emails")
	for _, email := range emails.Items() {
		if top("type")(email.Object()) == "work" {
			return top("value")(email.Object())
		}
	}
	return ""
}

func (u *User) formatted() string {
	if u.GivenName == "" || u.FamilyName == "" {
		return u.GivenName + u.FamilyName
	}
	return u.GivenName + " " + u.FamilyName
}

// creation is the body of the POST that creates u.
func (u *User) creation() *value.Object {
	return drop(value.NewObject(
		member("schemas", list(scim.UserURN, scim.EnterpriseUserURN)),
		text("externalId", u.ExternalID),
		text("userName", u.UserName),
		member("active", value.Truth(true)),
		text("displayName", u.DisplayName),
		text("title", u.Title),
		member("emails", u.emails()),
		member("meta", value.Of(value.NewObject(text("resourceType", "User")))),
		member("name", value.Of(drop(value.NewObject(
			text("formatted", u.formatted()), text("familyName", u.FamilyName), text("givenName", u.GivenName))))),
		member("roles", value.List()),
		member(scim.EnterpriseUserURN, value.Of(drop(value.NewObject(text("department", u.Department))))),
		u.custom(),
	))
}

// custom is the object of the custom attributes. Entra does not name its URN in
// schemas.
func (u *User) custom() value.Member {
	o := &value.Object{}
	for _, c := range u.Custom {
		o.Set(c.Property, value.NewText(c.Value))
	}
	if drop(o).Len() == 0 {
		return value.Member{Name: scim.AppspaceUserURN}
	}
	return member(scim.AppspaceUserURN, value.Of(o))
}

// allMappings are the mappings of u, those of its custom attributes last.
func (u *User) allMappings() []mapped {
	all := slices.Clone(mappings)
	for _, c := range u.Custom {
		all = append(all, mapped{scim.AppspaceUserURN + ":" + c.Property, below(scim.AppspaceUserURN, c.Property), func(*User) string { return c.Value }})
	}
	return all
}

func (u *User) emails() value.Value {
	if u.Email == "" {
		return value.Value{}
	}
	return value.List(value.Of(value.NewObject(
		member("primary", value.Truth(true)), text("type", "work"), text("value", u.Email))))
}

// drop removes the members that have no value; roles is sent as an empty list.
func drop(o *value.Object) *value.Object {
	kept := o.Members[:0]
	for _, m := range o.Members {
		if !m.Value.Unassigned() || m.Value.Kind() == value.Array {
			kept = append(kept, m)
		}
	}
	o.Members = kept
	return o
}

func member(name string, v value.Value) value.Member { return value.Member{Name: name, Value: v} }

func text(name, s string) value.Member { return member(name, value.NewText(s)) }

func list(texts ...string) value.Value {
	items := make([]value.Value, len(texts))
	for i, s := range texts {
		items[i] = value.NewText(s)
	}
	return value.List(items...)
}
