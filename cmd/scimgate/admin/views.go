package admin

import (
	"cmp"
	"encoding/json"
	"time"

	"scimgate/connectors/delivery"
	"scimgate/ratelimit"
	"scimgate/tenant"
)

// TenantView is a tenant as the API shows it: without anything sealed.
type TenantView struct {
	ID          tenant.ID          `json:"id"`
	DisplayName string             `json:"displayName"`
	TenantURL   string             `json:"tenantURL" doc:"What goes into Azure"`
	Version     uint64             `json:"version" doc:"Raised by each change"`
	Created     time.Time          `json:"created"`
	Settings    tenant.Settings    `json:"settings"`
	Connections []ConnectionView   `json:"connections"`
	Attributes  []tenant.Attribute `json:"attributes" doc:"Custom attributes"`
	RulesRev    uint64             `json:"rulesRev" doc:"Version of the rules in force"`
}

// ConnectionView is a connection without its settings.
type ConnectionView struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Paused bool   `json:"paused" doc:"Nothing is sent"`
	Groups bool   `json:"groups" doc:"Groups and memberships are sent too"`
	Shadow bool   `json:"shadow" doc:"Nothing is sent, but worked out for whoever asks"`

	Adopt tenant.Adopt `json:"adopt" doc:"Which users that the account has already become the tenant's"`

	Pace *ratelimit.Limit `json:"pace,omitempty" doc:"How fast the account may be called, over all processes; absent: as fast as it answers"`

	Next   bool       `json:"next,omitempty" doc:"New settings wait until the account accepts them; the earlier ones are in force"`
	Probed *ProbeView `json:"probed,omitempty" doc:"What was found out of the account"`

	Breaker *delivery.ConnectionState `json:"breaker,omitempty" doc:"Whether deliveries flow, as the process that answers sees it; absent where it delivers nothing"`
}

// RulesView are mapping rules.
type RulesView struct {
	Rev       uint64          `json:"rev,omitempty" doc:"Version; absent from a draft"`
	Rules     json.RawMessage `json:"rules,omitempty" doc:"Absent: the identity, which sends what was received"`
	Author    string          `json:"author,omitempty"`
	Published time.Time       `json:"published,omitzero"`
}

func (s *Service) view(t *tenant.Tenant) TenantView {
	return TenantView{
		ID: t.ID, DisplayName: t.DisplayName, TenantURL: s.TenantURL(t.ID), Version: t.Version, Created: t.Created,
		Settings: t.Settings, Connections: viewConnections(t).Items, Attributes: viewAttributes(t).Items, RulesRev: t.RulesRev,
	}
}

// The views of what could not be had are empty: the error beside them counts.

func (s *Service) viewOf(t *tenant.Tenant, err error) (TenantView, error) {
	if err != nil {
		return TenantView{}, err
	}
	return s.view(t), nil
}

func viewConnections(t *tenant.Tenant) list[ConnectionView] {
	if t == nil {
		return list[ConnectionView]{}
	}
	return listOf(t.Connections, viewConnection)
}

func viewConnection(c tenant.Connection) ConnectionView {
	return ConnectionView{
		ID: c.ID, Kind: c.Kind, Paused: c.Paused, Groups: c.Groups, Shadow: c.Shadow,
		Adopt: cmp.Or(c.Adopt, tenant.AdoptAsk), Pace: viewPace(c), Next: c.Next != nil, Probed: Probed(c),
	}
}

func viewPace(c tenant.Connection) *ratelimit.Limit {
	if c.Pace == (ratelimit.Limit{}) {
		return nil
	}
	return &c.Pace
}

func viewAttributes(t *tenant.Tenant) list[tenant.Attribute] {
	if t == nil {
		return list[tenant.Attribute]{}
	}
	return listOf(t.Attributes, func(a tenant.Attribute) tenant.Attribute {
		a.Visibility = cmp.Or(a.Visibility, tenant.Visible) // some are stored from before there was any other
		return a
	})
}

func viewRules(v tenant.RulesVersion) RulesView {
	return RulesView{Rev: v.Rev, Rules: v.Rules, Author: v.Author, Published: v.Published}
}
