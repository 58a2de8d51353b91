package webhook

import (
	"net/url"
	"strings"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/value"
)

// The events that are told (RFC 9967 §2.4), and the one of the Shared Signals
// Framework 1.0 §8.1.4 that only tries the way.
const (
	createFull = "urn:ietf:params:scim:event:prov:create:full"
	putFull    = "urn:ietf:params:scim:event:prov:put:full"
	remove     = "urn:ietf:params:scim:event:prov:delete"
	activate   = "urn:ietf:params:scim:event:prov:activate"
	deactivate = "urn:ietf:params:scim:event:prov:deactivate"

	verification = "https://schemas.openid.net/secevent/ssf/event-type/verification"
)

// kind is how a kind of resource is spoken of.
type kind struct{ endpoint, schema string }

var kinds = map[string]kind{
	"User":  {"/Users/", scim.UserURN},
	"Group": {"/Groups/", scim.GroupURN},
}

func kindOf(o connectors.Object) (kind, error) {
	k, ok := kinds[o.Kind]
	if !ok {
		return kind{}, &connectors.Error{Fault: connectors.Rejected, Reason: "a webhook is told of users and groups only"}
	}
	return k, nil
}

// subject identifies the resource (RFC 9967 §2.1). externalId is told only where
// it is known: who leaves has kept nothing but an id.
func subject(k kind, o connectors.Object) *value.Object {
	s := value.NewObject(text("format", "scim"), text("uri", k.endpoint+url.PathEscape(o.ID)))
	if v, _ := o.Attributes.Get("externalId"); v.Kind() == value.String && !v.Unassigned() {
		s.Set("externalId", v)
	}
	return s
}

// state is the events of a resource that is there: the whole of it, and beside
// it, for who has no use for the whole, whether it may be used.
func state(k kind, o connectors.Object) *value.Object {
	whole, use := putFull, activate
	if isNew(o) {
		whole = createFull
	}
	if active, ok := o.Attributes.Get("active"); ok && !active.True() {
		use = deactivate
	}
	events := value.NewObject(object(whole, version(o), object("data", representation(k, o)...)))
	if k.schema == scim.UserURN {
		events.Members = append(events.Members, object(use, version(o)))
	}
	return events
}

// isNew reports whether the receiver has not been told of the resource, or was
// told of another one that it takes the place of.
func isNew(o connectors.Object) bool { return o.RemoteID != o.ID }

// representation is the resource as it would be read (RFC 9967 §2.4), as far as
// the tenant's rules let it be seen.
func representation(k kind, o connectors.Object) []value.Member {
	schemas := []value.Value{value.NewText(k.schema)}
	members := []value.Member{{Name: "schemas"}, text("id", o.ID)}
	for _, m := range o.Attributes.Members {
		if m.Value.Unassigned() {
			continue
		}
		if strings.HasPrefix(m.Name, "urn:") {
			schemas = append(schemas, value.NewText(m.Name))
		}
		members = append(members, m)
	}
	members[0].Value = value.List(schemas...)
	return members
}

// version is the resource's ETag (RFC 9967 §2.2), by which states are ordered.
func version(o connectors.Object) value.Member {
	r := scim.Resource{Version: o.Version}
	return text("version", r.ETag())
}

func text(name, s string) value.Member { return value.Member{Name: name, Value: value.NewText(s)} }

func object(name string, members ...value.Member) value.Member {
	return value.Member{Name: name, Value: value.Of(value.NewObject(members...))}
}
