package admin

import (
	"context"
	"encoding/json"
	"maps"

	"scimgate/tenant"
)

// Setting is one of a connection's settings that is no secret.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// publicSettings are the settings of every kind that are no secrets, in the order
// in which they are shown. What is not named here never leaves.
var publicSettings = []string{"baseURL", "url", "issuer", "audience", "keyId"}

// PublicSettings are a connection's settings without its secrets.
func (s *Service) PublicSettings(ctx context.Context, id tenant.ID, c tenant.Connection) ([]Setting, error) {
	all, err := s.openSettings(ctx, id, c)
	if err != nil {
		return nil, err
	}
	var shown []Setting
	for _, name := range publicSettings {
		if text, ok := all[name].(string); ok && text != "" {
			shown = append(shown, Setting{name, text})
		}
	}
	return shown, nil
}

// ReplaceToken gives a connection the account's next token, beside the one in force
// until the account has accepted it. Its other settings stay.
func (s *Service) ReplaceToken(ctx context.Context, id tenant.ID, connectionID, token string) (tenant.Connection, error) {
	_, c, err := s.connection(ctx, id, connectionID)
	if err != nil {
		return tenant.Connection{}, err
	}
	all, err := s.openSettings(ctx, id, c)
	if err != nil {
		return tenant.Connection{}, err
	}
	all["token"] = token
	settings, err := json.Marshal(all)
	if err != nil {
		return tenant.Connection{}, err
	}
	return s.ChangeConnection(ctx, id, connectionID, ConnectionInput{Settings: settings})
}

// ChangeSettings makes a connection or changes those of its settings that are
// given; the others stay as they are.
func (s *Service) ChangeSettings(ctx context.Context, id tenant.ID, connectionID, kind string, given map[string]any) (tenant.Connection, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return tenant.Connection{}, err
	}
	in := ConnectionInput{Kind: kind}
	all := map[string]any{}
	if at := find(t, connectionID); at >= 0 {
		if all, err = s.openSettings(ctx, id, t.Connections[at]); err != nil {
			return tenant.Connection{}, err
		}
	}
	maps.Copy(all, given)
	if in.Settings, err = json.Marshal(all); err != nil {
		return tenant.Connection{}, err
	}
	return s.PutConnection(ctx, id, connectionID, in)
}

func (s *Service) openSettings(ctx context.Context, id tenant.ID, c tenant.Connection) (map[string]any, error) {
	text, err := s.Vault().Open(ctx, c.Sealed, id, c.Field())
	if err != nil {
		return nil, err
	}
	all := map[string]any{}
	return all, json.Unmarshal(text, &all)
}
