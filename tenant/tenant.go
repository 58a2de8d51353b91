package tenant

import (
	"encoding/json"
	"slices"
	"time"

	"scimgate/ratelimit"
)

// ID is a tenant's slug, as it stands in its Tenant URL: 1 to 63 characters of
// a-z, 0-9 and "-", not at either end.
type ID string

// Tenant is one Appspace account on the gateway. It is stored as one document:
// a change of any part raises Version.
type Tenant struct {
	ID          ID              `json:"id"`
	DisplayName string          `json:"displayName"`
	Version     uint64          `json:"version"` // raised by each stored change
	Created     time.Time       `json:"created"`
	Settings    Settings        `json:"settings"`
	Connections []Connection    `json:"connections"`
	Attributes  []Attribute     `json:"attributes"` // custom attributes under scim.AppspaceUserURN
	Draft       json.RawMessage `json:"draft,omitempty"`
	Rules       json.RawMessage `json:"rules,omitempty"` // published mapping rules; absent: identity
	RulesRev    uint64          `json:"rulesRev"`        // raised by each publishing and each change of Attributes
	Published   *Publication    `json:"published,omitempty"`

	newer []byte // the stored document, if a newer build wrote more into it than this one knows
}

// Publication says how the Rules of a tenant came into force. It is stored with
// them, so that a crash before the version is in the history loses nothing.
type Publication struct {
	Rev    uint64    `json:"rev"` // of the version; RulesRev may be higher
	Author string    `json:"author,omitempty"`
	At     time.Time `json:"at"`
}

// RulesInForce returns the published version that is in force; one with Rev 0
// and no rules, the identity, where nothing was published yet.
func (t *Tenant) RulesInForce() RulesVersion {
	switch {
	case t.Published != nil:
		return RulesVersion{Rev: t.Published.Rev, Rules: t.Rules, Author: t.Published.Author, Published: t.Published.At}
	case t.Rules != nil:
		return RulesVersion{Rev: t.RulesRev, Rules: t.Rules}
	default:
		return RulesVersion{}
	}
}

// Settings are what an administrator or operator may change of a tenant.
type Settings struct {
	Paused   bool            `json:"paused"`             // inbound requests get 503 (design 6.11)
	Strict   bool            `json:"strict"`             // no leniency (design 6.1)
	OnDelete OnDelete        `json:"onDelete,omitempty"` // "" is Suspend
	Limit    ratelimit.Limit `json:"limit"`              // of reading, and of writing; zero: ratelimit.DefaultLimit
	Limits   Limits          `json:"limits,omitzero"`    // where a class has its own; see LimitOf
	Guard    Guard           `json:"guard,omitzero"`     // of departures towards the accounts
	// What the administrator declares of the account's own settings; nothing here
	// depends on it.
	JustInTimeOff       bool `json:"justInTimeOff"`       // no second way in (the guide's prerequisite)
	AutomaticActivation bool `json:"automaticActivation"` // no e-mail invitation is waited for
}

// OnDelete says what the account does with a user that the client deleted.
type OnDelete string

// The two policies (design 6.14).
const (
	Suspend OnDelete = "suspend"
	Delete  OnDelete = "delete"
)

// Attribute is a custom attribute, as an Appspace account defines it: Property
// and Type cannot change once saved.
type Attribute struct {
	Property    string     `json:"property"`
	DisplayName string     `json:"displayName,omitempty"`
	Type        string     `json:"type"` // "String" or "Integer": Appspace's Input Type
	Required    bool       `json:"required"`
	Visibility  Visibility `json:"visibility,omitempty"` // "" is Visible
	Description string     `json:"description,omitempty"`
}

// Visibility says whether the account shows an attribute to its people.
type Visibility string

// The two that Appspace knows.
const (
	Visible Visibility = "VISIBLE"
	Hidden  Visibility = "HIDDEN"
)

// MaxConnections is how many connections a tenant may have.
const MaxConnections = 4

// Slot is a connection's fixed place among its tenant's, 0 to MaxConnections-1:
// the store keeps a resource's delivery state under it.
type Slot uint8

// Connection is a configured target of a tenant.
type Connection struct {
	ID     string `json:"id"` // unique within the tenant, e.g. "appspace"
	Slot   Slot   `json:"slot"`
	Kind   string `json:"kind"`             // "appspace"
	Sealed []byte `json:"sealed"`           // settings, JSON sealed for (tenant, connection id)
	Next   []byte `json:"next,omitempty"`   // settings that replace Sealed once the account has accepted them
	Paused bool   `json:"paused"`           // nothing is sent
	Shadow bool   `json:"shadow,omitempty"` // nothing is sent, but worked out for whoever asks
	Groups bool   `json:"groups"`           // groups and memberships are sent too: the account has group sync on
	Adopt  Adopt  `json:"adopt,omitempty"`
	// Pace is how fast the account may be called, over all processes; zero: as fast
	// as it answers.
	Pace ratelimit.Limit `json:"pace,omitzero"`
	// Probed is what was found out of the account and when, raw JSON.
	Probed json.RawMessage `json:"probed,omitempty"`
	// Resync are the times at which everything that the tenant has is to be made
	// due again here; what was done is taken out. Kept with the change that asks
	// for it, so that no crash comes between them.
	Resync []time.Time `json:"resync,omitempty"`
}

// Sends reports whether what is owed is sent.
func (c Connection) Sends() bool { return !c.Paused && !c.Shadow }

// ResyncDue reports whether a resync waits whose time has come.
func (c Connection) ResyncDue(now time.Time) bool {
	return slices.ContainsFunc(c.Resync, func(at time.Time) bool { return !at.After(now) })
}

// Resynced takes out the resyncs whose time had come by then.
func (c *Connection) Resynced(by time.Time) {
	c.Resync = slices.DeleteFunc(slices.Clone(c.Resync), func(at time.Time) bool { return !at.After(by) })
}

// Field names the connection's settings to Keys.Seal and Keys.Open, so that they
// open for this connection only.
func (c Connection) Field() string { return "connections/" + c.ID }

// AllSealed are the settings that the connection has, each sealed for it.
func (c *Connection) AllSealed() []*[]byte {
	var all []*[]byte
	for _, sealed := range []*[]byte{&c.Sealed, &c.Next} {
		if len(*sealed) > 0 {
			all = append(all, sealed)
		}
	}
	return all
}

// Kinds are the kinds of resource that the connection is sent, in the order in
// which they need each other.
func (c Connection) Kinds() []string {
	if c.Groups {
		return []string{"User", "Group"}
	}
	return []string{"User"}
}

// SlotsOf returns the slots of the connections that are sent a kind.
func (t *Tenant) SlotsOf(kind string) []Slot {
	var slots []Slot
	for _, c := range t.Connections {
		if kind != "Group" || c.Groups {
			slots = append(slots, c.Slot)
		}
	}
	return slots
}

// Slots returns the slots of all connections: a change is owed to each of them.
func (t *Tenant) Slots() []Slot {
	slots := make([]Slot, len(t.Connections))
	for i, c := range t.Connections {
		slots[i] = c.Slot
	}
	return slots
}
