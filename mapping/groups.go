package mapping

import (
	"slices"

	"scimgate/scim"
	"scimgate/scim/value"
)

// groupType is what rules with "resource":"Group" are about: tenants define no
// attributes of groups.
var groupType = scim.Define(nil).Type("Group")

// told are the attributes of a group that an account is told; who its members are
// is no attribute of a group.
var told = []string{"displayName", "externalId"}

// ProjectGroup makes what the account should hold of a group itself: displayName
// and externalId as they are, unless a rule with "resource":"Group" says otherwise.
// creating is as for Project, and the error is an *Error.
func (r *Rules) ProjectGroup(attributes *value.Object, creating bool) (*value.Object, error) {
	p := &value.Object{}
	for _, name := range told {
		if v, ok := attributes.Get(name); ok {
			p.Set(name, v)
		}
	}
	e := &evaluation{attributes: attributes}
	for i := range r.groups {
		if err := r.groups[i].apply(e, p, creating); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// resource reads what a rule is about. Examples are about users.
func (c *compiler) resource(r *rule, o *value.Object) {
	switch c.text(o, "resource") {
	case "", "User":
		c.gather(o)
	case "Group":
		r.group = true
		if v, _ := o.Get("examples"); !v.Unassigned() {
			c.fault("examples are about users, and this rule is about groups", "")
		}
	default:
		c.fault(`"resource" is neither User nor Group`, "the words are case-sensitive")
	}
}

// fillGroup is fill for a rule about groups.
func (c *compiler) fillGroup(r *rule, o *value.Object) {
	users := c.t
	c.t = groupType
	c.fill(r, o)
	c.t = users
}

// checkGroup refuses a target that no account is told of a group, and a name that
// is not kept up to date: groups are found by it.
func (c *compiler) checkGroup(r *rule) {
	switch {
	case !r.group || r.key == "":
	case !slices.ContainsFunc(told, func(name string) bool { return value.SameName(name, r.key) }):
		c.fault("a group's displayName and externalId can be set, and nothing else", "members are sent by the connection's group sync")
	case value.SameName(r.key, told[0]) && (r.onCreate || r.kind == "None"):
		c.fault("a group's displayName is kept up to date always", "leave the rule out: the name is then sent as it is")
	}
}
