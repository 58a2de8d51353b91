package admin

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"scimgate/mapping"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// PutDraft checks and keeps rules that are not in force yet. A fault in them is
// an *InvalidError with every fault.
func (s *Service) PutDraft(ctx context.Context, id tenant.ID, rules json.RawMessage) error {
	_, err := s.update(ctx, id, func(t *tenant.Tenant) error {
		if err := compile(t, rules); err != nil {
			return err
		}
		t.Draft = rules
		return nil
	})
	return err
}

// Publish puts the draft in force, as a new version. Every user is projected
// again, and sent if that made a difference.
func (s *Service) Publish(ctx context.Context, id tenant.ID, author string) (*tenant.RulesVersion, error) {
	t, err := s.update(ctx, id, func(t *tenant.Tenant) error {
		if t.Draft == nil {
			return invalid("there is no draft to publish")
		}
		if err := compile(t, t.Draft); err != nil { // attributes may have changed since
			return err
		}
		t.Rules, t.Draft = t.Draft, nil
		newRules(t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	v := tenant.RulesVersion{
		Rev: t.RulesRev, Rules: t.Rules, Author: author, Published: time.Now().UTC().Truncate(time.Millisecond),
	}
	err = s.Tenants.SaveRules(ctx, id, v)
	s.Wake(id)
	return &v, err
}

// RulesVersions lists what was published, newest first.
func (s *Service) RulesVersions(ctx context.Context, id tenant.ID) ([]tenant.RulesVersion, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	return s.Tenants.RulesVersions(ctx, id)
}

// compile reports what is wrong with rules, for the tenant's own definitions.
func compile(t *tenant.Tenant, rules json.RawMessage) error {
	_, err := mapping.Compile(rules, server.Definitions(t).Type("User"))
	var faults *mapping.Errors
	if !errors.As(err, &faults) {
		return err
	}
	told := &InvalidError{}
	for _, f := range faults.Faults {
		told.Faults = append(told.Faults, f.String())
	}
	return told
}
