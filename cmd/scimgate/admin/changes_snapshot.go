package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"scimgate/tenant"
)

// mostKeys bounds how many API keys of all tenants there are, and how many are compared.
const mostKeys = 1000

// snapshot is all that an operator or administrator can change of a tenant, or of
// what is of none, as a tree of JSON; nil where there is no such tenant.
func (s *Service) snapshot(ctx context.Context, id tenant.ID) (any, error) {
	tree := map[string]any{}
	if id == "" {
		return tree, s.addKeys(ctx, id, tree)
	}
	t, err := s.Tenants.Tenant(ctx, id)
	if errors.Is(err, tenant.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tree = s.treeOfTenant(ctx, t)
	for _, add := range []func(context.Context, tenant.ID, map[string]any) error{s.addTokens, s.addCredentials, s.addKeys, s.addInvites} {
		if err := add(ctx, id, tree); err != nil {
			return nil, err
		}
	}
	return tree, nil
}

// treeOfTenant is what is kept in a tenant's own document. Rules stand under their
// targets, attributes under their properties, connections under their ids.
func (s *Service) treeOfTenant(ctx context.Context, t *tenant.Tenant) map[string]any {
	connections, attributes := map[string]any{}, map[string]any{}
	for _, c := range t.Connections {
		connections[c.ID] = s.treeOfConnection(ctx, t.ID, c)
	}
	for _, a := range t.Attributes {
		attributes[a.Property] = branch(a, "property")
	}
	return map[string]any{
		"displayName": t.DisplayName, "version": float64(t.Version), "settings": branch(t.Settings),
		"connections": connections, "attributes": attributes,
		"rules": treeOfRules(t.Rules), "rulesRev": float64(t.RulesRev), "draft": treeOfRules(t.Draft),
	}
}

func (s *Service) treeOfConnection(ctx context.Context, id tenant.ID, c tenant.Connection) map[string]any {
	tree := branch(viewConnection(c), "id", "probed", "next")
	if probe := Probed(c); probe != nil {
		tree["probed"] = treeOf(probe.At)
	}
	tree["settings"] = s.treeOfSettings(ctx, id, c)
	if c.Next != nil {
		next := c
		next.Sealed = c.Next
		tree["next"] = s.treeOfSettings(ctx, id, next)
	}
	return tree
}

// treeOfSettings tells of a connection's settings those that are no secrets.
func (s *Service) treeOfSettings(ctx context.Context, id tenant.ID, c tenant.Connection) any {
	all, err := s.openSettings(ctx, id, c)
	if err != nil { // sealed with a key that is gone
		return hidden(c.Sealed)
	}
	for name, v := range all {
		if !slices.Contains(publicSettings, name) {
			all[name] = hidden(fmt.Sprint(v))
		}
	}
	return all
}

// treeOfRules is rules by their targets; whatever else it is as it is.
func treeOfRules(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	read, ok := treeOf(raw).(map[string]any)
	list, isList := read["rules"].([]any)
	if !ok || !isList {
		return string(raw)
	}
	tree := map[string]any{}
	for i, one := range list {
		rule, _ := one.(map[string]any)
		target := fmt.Sprint(rule["target"])
		if _, twice := tree[target]; twice || rule == nil {
			target = fmt.Sprintf("%s (rule %d)", target, i)
		}
		delete(rule, "target")
		tree[target] = rule
	}
	return tree
}

func (s *Service) addTokens(ctx context.Context, id tenant.ID, tree map[string]any) error {
	tokens, err := s.Tenants.Tokens(ctx, id)
	all := map[string]any{}
	for _, t := range tokens {
		all[t.KeyID] = branch(t, "keyId", "tenant", "lastUsed")
	}
	tree["tokens"] = all
	return err
}

func (s *Service) addCredentials(ctx context.Context, id tenant.ID, tree map[string]any) error {
	credentials, err := s.Tenants.Credentials(ctx, id)
	all := map[string]any{}
	for _, c := range credentials {
		all[c.ID] = branch(s.viewCredential(c), "id", "lastUsed", "warning", "tenantURL", "tokenURL")
	}
	tree["credentials"] = all
	return err
}

func (s *Service) addKeys(ctx context.Context, id tenant.ID, tree map[string]any) error {
	keys, err := s.Tenants.APIKeys(ctx, id, "", mostKeys)
	all := map[string]any{}
	for _, k := range keys {
		all[k.ID] = branch(k, "id", "lastUsed")
	}
	tree["keys"] = all
	return err
}

func (s *Service) addInvites(ctx context.Context, id tenant.ID, tree map[string]any) error {
	invites, err := s.Invites(ctx, id)
	all := map[string]any{}
	for _, one := range invites {
		all[one.ID] = branch(one, "id")
	}
	tree["invites"] = all
	return err
}
