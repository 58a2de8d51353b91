package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"scimgate/mapping"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// The operations on rules, as handlers.go has the others.

// rulesError tells what is wrong with rules by its parts too: rule, target,
// column, reason, hint, and where in the body it stands.
type rulesError struct {
	*huma.ErrorModel
	Faults []mapping.Located `json:"faults"`
}

func (s *Service) showRules(ctx context.Context, in *InTenant) (RulesView, error) {
	t, err := s.Tenants.Tenant(ctx, in.Tenant)
	if err != nil {
		return RulesView{}, err
	}
	return viewRules(t.RulesInForce()), nil
}

func (s *Service) showDraft(ctx context.Context, in *InTenant) (RulesView, error) {
	t, err := s.Tenants.Tenant(ctx, in.Tenant)
	if err != nil {
		return RulesView{}, err
	}
	if t.Draft == nil {
		return RulesView{}, tenant.ErrNotFound
	}
	return RulesView{Rules: t.Draft}, nil
}

const yamlType = "application/yaml"

// rawRules is a body that rulesIn reads.
type rawRules struct {
	InTenant
	ContentType string `header:"Content-Type" hidden:"true"`
	RawBody     []byte `contentType:"application/yaml"`
}

// yamlToo says in the document that a route takes JSON beside YAML.
func yamlToo(op *operation) *operation {
	register := op.register
	op.register = func(s *Service, api huma.API) {
		before := len(api.OpenAPI().OnAddOperation)
		api.OpenAPI().OnAddOperation = append(api.OpenAPI().OnAddOperation, func(_ *huma.OpenAPI, op *huma.Operation) {
			op.RequestBody.Content["application/json"] = &huma.MediaType{}
		})
		register(s, api)
		api.OpenAPI().OnAddOperation = api.OpenAPI().OnAddOperation[:before]
	}
	return op
}

// rulesIn returns the rules in a body as JSON. What cannot be read is an
// *InvalidError.
func (in *rawRules) rulesIn() (json.RawMessage, error) {
	body := bytes.Clone(in.RawBody) // its memory is used again
	switch kind, _, _ := mime.ParseMediaType(in.ContentType); kind {
	case yamlType, "application/x-yaml", "text/yaml":
		rules, err := mapping.FromYAML(body)
		if err != nil {
			return nil, invalid(err.Error())
		}
		return rules, nil
	case "", "application/json":
		return body, nil
	default:
		return nil, problem(http.StatusUnsupportedMediaType, "rules are application/json or "+yamlType)
	}
}

func (s *Service) putDraft(ctx context.Context, in *rawRules) (none, error) {
	rules, err := in.rulesIn()
	if err != nil {
		return nil, err
	}
	err = s.PutDraft(ctx, in.Tenant, rules)
	if told := new(InvalidError); errors.As(err, &told) && told.Rules != nil {
		told.written = mapping.Locate(in.RawBody)
	}
	return nil, err
}

func (s *Service) deleteDraft(ctx context.Context, in *InTenant) (none, error) {
	return nil, s.DeleteDraft(ctx, in.Tenant)
}

func (s *Service) publish(ctx context.Context, in *body[*PublishInput]) (RulesView, error) {
	how := PublishInput{}
	if in.Body != nil {
		how = *in.Body
	}
	return viewVersion(s.Publish(ctx, in.Tenant, how))
}

// RollbackInput says which version is put in force again, and who does it.
type RollbackInput struct {
	PublishInput
	Rev uint64 `json:"rev" doc:"Version whose rules are published again; 0 is what was before the first"`
}

func (s *Service) rollback(ctx context.Context, in *body[RollbackInput]) (RulesView, error) {
	return viewVersion(s.Rollback(ctx, in.Tenant, in.Body.Rev, in.Body.PublishInput))
}

func (s *Service) listVersions(ctx context.Context, in *pageOfTenant) (list[RulesView], error) {
	versions, err := s.RulesVersions(ctx, in.Tenant)
	return listPage(versions, err, in.Page, func(v tenant.RulesVersion) string { return strconv.FormatUint(v.Rev, 10) }, viewRules)
}

func (s *Service) showVersion(ctx context.Context, in *struct {
	InTenant
	Rev uint64 `path:"rev" minimum:"1"`
},
) (RulesView, error) {
	return viewVersion(s.RulesVersion(ctx, in.Tenant, in.Rev))
}

func viewVersion(v *tenant.RulesVersion, err error) (RulesView, error) {
	if err != nil {
		return RulesView{}, err
	}
	return viewRules(*v), nil
}

func (s *Service) showDiff(ctx context.Context, in *struct {
	InTenant
	From string `query:"from" doc:"Number of a version, current or draft" default:"current" maxLength:"20"`
	To   string `query:"to" doc:"Number of a version, current or draft" default:"draft" maxLength:"20"`
},
) (*RulesDiff, error) {
	return s.DiffRules(ctx, in.Tenant, in.From, in.To)
}

func (s *Service) showStarter(ctx context.Context, in *InTenant) (json.RawMessage, error) {
	t, err := s.Tenants.Tenant(ctx, in.Tenant)
	if err != nil {
		return nil, err
	}
	return mapping.Starter(server.Definitions(t).Type("User")), nil
}

func (s *Service) showSchema(context.Context, *struct{}) (json.RawMessage, error) {
	return mapping.JSONSchema(), nil
}
