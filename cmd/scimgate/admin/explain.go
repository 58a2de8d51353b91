package admin

import (
	"context"
	"encoding/json"
	"errors"

	"scimgate/mapping"
	"scimgate/tenant"
)

// ExplainInput asks how a user's attributes come about.
type ExplainInput struct {
	UserID   string          `json:"userId" doc:"Id or userName" minLength:"1" maxLength:"256"`
	Target   string          `json:"target,omitempty" doc:"Path in the account; absent: each target of the rules" example:"displayName" maxLength:"1000"`
	Rules    json.RawMessage `json:"rules,omitempty" doc:"Rules to explain; absent: those in force"`
	Draft    bool            `json:"draft,omitempty" doc:"Explain the draft instead of the rules in force"`
	Creating bool            `json:"creating,omitempty" doc:"As when the account gets the user"`
}

// Explained says how a user's attributes come about. It holds values of the user,
// and is never logged.
type Explained struct {
	UserID       string                 `json:"userId"`
	UserName     string                 `json:"userName"`
	Explanations []*mapping.Explanation `json:"explanations"`
}

// Explain tells which rule sets an attribute, what that reads, and the value of
// each step. An unknown user is tenant.ErrNotFound.
func (s *Service) Explain(ctx context.Context, id tenant.ID, in ExplainInput) (*Explained, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	rules, err := in.rules(t)
	if err != nil {
		return nil, err
	}
	r, err := findUser(ctx, s.Directory, id, in.UserID)
	if err != nil {
		return nil, err
	}
	attributes, err := r.Attributes()
	if err != nil {
		return nil, errors.New("a stored user is damaged: " + r.ID) // err may hold what it holds
	}
	name, _ := attributes.Get("userName")
	told := &Explained{UserID: r.ID, UserName: name.Text()}
	targets := []string{in.Target}
	if in.Target == "" {
		targets = rules.Targets()
	}
	explainer := rules.Explainer(attributes, in.Creating)
	for _, target := range targets {
		x, err := explainer.Explain(target)
		if err != nil {
			return nil, invalidRules(err)
		}
		told.Explanations = append(told.Explanations, x)
	}
	return told, nil
}

func (in ExplainInput) rules(t *tenant.Tenant) (*mapping.Rules, error) {
	switch {
	case in.Rules != nil:
		return compiled(t, in.Rules)
	case in.Draft && t.Draft == nil:
		return nil, invalid("there is no draft to explain")
	case in.Draft:
		return compiled(t, t.Draft)
	default:
		return compiled(t, t.Rules)
	}
}

func (s *Service) explainRules(ctx context.Context, in *body[ExplainInput]) (*Explained, error) {
	return s.Explain(ctx, in.Tenant, in.Body)
}
