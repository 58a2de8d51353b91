package admin

import (
	"cmp"
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

// DeleteDraft drops the draft; where there is none it is tenant.ErrNotFound.
func (s *Service) DeleteDraft(ctx context.Context, id tenant.ID) error {
	_, err := s.update(ctx, id, func(t *tenant.Tenant) error {
		if t.Draft == nil {
			return tenant.ErrNotFound
		}
		t.Draft = nil
		return nil
	})
	return err
}

// PublishInput says who puts rules in force.
type PublishInput struct {
	Author   string  `json:"author,omitempty" doc:"Who publishes; absent: the principal, as the changes name it" maxLength:"200"`
	Expected *uint64 `json:"expected,omitempty" doc:"Version that must still be in force, else 409; 0 if none was published"`
}

// Publish puts the draft in force, as a new version. Every user is projected
// again, and sent if that made a difference. Rules whose examples fail are an
// *InvalidError; a *StaleError tells that in expected another version.
func (s *Service) Publish(ctx context.Context, id tenant.ID, in PublishInput) (*tenant.RulesVersion, error) {
	return s.putInForce(ctx, id, in, func(t *tenant.Tenant) (json.RawMessage, error) {
		if t.Draft == nil {
			return nil, invalid("there is no draft to publish")
		}
		draft := t.Draft
		t.Draft = nil
		return draft, nil
	})
}

// Rollback puts the rules of an earlier version in force, as a new version; 0 is
// what was before the first. The draft stays.
func (s *Service) Rollback(ctx context.Context, id tenant.ID, rev uint64, in PublishInput) (*tenant.RulesVersion, error) {
	earlier, err := s.RulesVersion(ctx, id, rev)
	if err != nil {
		return nil, err
	}
	if rev == 0 {
		earlier.Rules = []byte(`{"rules":[]}`)
	}
	return s.putInForce(ctx, id, in, func(*tenant.Tenant) (json.RawMessage, error) { return earlier.Rules, nil })
}

// putInForce publishes what take gives. The tenant's one write holds everything of
// the new version; what it replaces is in the history before.
func (s *Service) putInForce(
	ctx context.Context, id tenant.ID, in PublishInput, take func(*tenant.Tenant) (json.RawMessage, error),
) (*tenant.RulesVersion, error) {
	known, err := s.record(ctx, id)
	if err != nil {
		return nil, err
	}
	t, err := s.update(ctx, id, func(t *tenant.Tenant) error {
		if now := t.RulesInForce().Rev; in.Expected != nil && *in.Expected != now {
			return &StaleError{InForce: now, Expected: *in.Expected}
		} else if now != known {
			return tenant.ErrConflict // not in the history yet
		}
		rules, err := take(t)
		if err != nil {
			return err
		}
		return publish(t, rules, cmp.Or(in.Author, called(principalOf(ctx))))
	})
	if err != nil {
		return nil, err
	}
	s.Wake(id)
	if _, err := s.record(ctx, id); err != nil { // whoever reads the history tries again
		s.Log.WarnContext(ctx, "a version of the rules is in force and not yet in the history", "tenant", id, "error", err)
	}
	v := t.RulesInForce()
	return &v, nil
}

// called is what people call a principal: who publishes and gives no name has one.
func called(p tenant.Principal) string { return cmp.Or(p.Name, p.String()) }

// publish is the edit. Attributes may have changed since the rules were checked.
func publish(t *tenant.Tenant, rules json.RawMessage, author string) error {
	if err := compile(t, rules); err != nil {
		return err
	}
	t.Rules = rules
	newRules(t)
	t.Published = &tenant.Publication{Rev: t.RulesRev, Author: author, At: time.Now().UTC().Truncate(time.Millisecond)}
	return nil
}

// compile reports what is wrong with rules, for the tenant's own definitions.
func compile(t *tenant.Tenant, rules json.RawMessage) error {
	_, err := compiled(t, rules)
	return err
}

// compiled are rules that can be applied; what is wrong with them is an
// *InvalidError.
func compiled(t *tenant.Tenant, rules json.RawMessage) (*mapping.Rules, error) {
	r, err := mapping.Compile(rules, server.Definitions(t).Type("User"))
	return r, invalidRules(err)
}

func invalidRules(err error) error {
	var faults *mapping.Errors
	if !errors.As(err, &faults) {
		return err
	}
	told := &InvalidError{Rules: faults.Faults}
	for _, f := range faults.Faults {
		told.Faults = append(told.Faults, f.String())
	}
	return told
}
