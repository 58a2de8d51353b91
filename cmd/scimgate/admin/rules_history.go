package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"scimgate/mapping"
	"scimgate/tenant"
)

// StaleError says that other rules are in force than whoever publishes knows of.
type StaleError struct {
	InForce, Expected uint64
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("version %d of the rules is in force, and not %d: somebody published meanwhile", e.InForce, e.Expected)
}

// record puts the version in force into the history, unless it is there, and
// returns its Rev. A crash right after publishing is made good here.
func (s *Service) record(ctx context.Context, id tenant.ID) (uint64, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return 0, err
	}
	v := t.RulesInForce()
	if t.Published == nil {
		return v.Rev, nil
	}
	if err := s.Tenants.SaveRules(ctx, id, v); !errors.Is(err, tenant.ErrExists) {
		return v.Rev, err
	}
	return v.Rev, nil
}

// RulesVersions lists what was published, newest first.
func (s *Service) RulesVersions(ctx context.Context, id tenant.ID) ([]tenant.RulesVersion, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	all, err := s.Tenants.RulesVersions(ctx, id)
	if err != nil || t.Published == nil || len(all) > 0 && all[0].Rev >= t.Published.Rev {
		return all, err
	}
	if _, err := s.record(ctx, id); err != nil {
		return nil, err
	}
	return s.Tenants.RulesVersions(ctx, id)
}

// RulesVersion returns one version, or tenant.ErrNotFound. 0 is what was before
// the first: no rules.
func (s *Service) RulesVersion(ctx context.Context, id tenant.ID, rev uint64) (*tenant.RulesVersion, error) {
	all, err := s.RulesVersions(ctx, id)
	if err != nil {
		return nil, err
	}
	if rev == 0 {
		return &tenant.RulesVersion{}, nil
	}
	at := slices.IndexFunc(all, func(v tenant.RulesVersion) bool { return v.Rev == rev })
	if at < 0 {
		return nil, tenant.ErrNotFound
	}
	return &all[at], nil
}

// What a diff may be made between, beside the number of a version.
const (
	current = "current" // the rules in force
	draft   = "draft"
)

// RulesDiff is what differs between two sets of rules.
type RulesDiff struct {
	From    string             `json:"from"`
	To      string             `json:"to"`
	Changes []mapping.RuleDiff `json:"changes"`
}

// DiffRules compares two sets of rules, each the number of a version, "current"
// or "draft". What is not there is tenant.ErrNotFound.
func (s *Service) DiffRules(ctx context.Context, id tenant.ID, from, to string) (*RulesDiff, error) {
	before, err := s.rulesCalled(ctx, id, from)
	if err != nil {
		return nil, err
	}
	after, err := s.rulesCalled(ctx, id, to)
	if err != nil {
		return nil, err
	}
	changes, err := mapping.Diff(before, after)
	return &RulesDiff{From: from, To: to, Changes: changes}, err
}

func (s *Service) rulesCalled(ctx context.Context, id tenant.ID, name string) (json.RawMessage, error) {
	if rev, err := strconv.ParseUint(name, 10, 64); err == nil {
		v, err := s.RulesVersion(ctx, id, rev)
		if err != nil {
			return nil, err
		}
		return v.Rules, nil
	}
	t, err := s.Tenants.Tenant(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case name == current:
		return t.Rules, nil
	case name == draft && t.Draft != nil:
		return t.Draft, nil
	case name == draft:
		return nil, tenant.ErrNotFound
	default:
		return nil, invalid(`from and to are the number of a version, "current" or "draft"`)
	}
}
