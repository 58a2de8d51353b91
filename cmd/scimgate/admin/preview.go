package admin

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/filter"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// PreviewInput says which rules are tried on whom: one user, the users that
// changed last, or, with neither, all.
type PreviewInput struct {
	Rules    json.RawMessage `json:"rules,omitempty" doc:"Rules to try; absent: the draft"`
	UserID   string          `json:"userId,omitempty" doc:"Id or userName of one user" maxLength:"256"`
	Last     int             `json:"last,omitempty" doc:"This many users, those that changed last" minimum:"0" maximum:"10000"`
	Creating bool            `json:"creating,omitempty" doc:"Try what the account gets with a new user, where OnCreate and defaults take part"`
}

// Preview is what would become of users if the rules that were tried were in
// force. It holds values of users: it is for the administrator who asks, and never
// logged.
type Preview struct {
	Users         int           `json:"users" doc:"Looked at"`
	Changed       int           `json:"changed" doc:"Users that would be sent"`
	Failed        int           `json:"failed" doc:"Users that could not be delivered"`
	FailedAlready int           `json:"failedAlready" doc:"Those of them that cannot be now either"`
	Mended        int           `json:"mended" doc:"Changed users that cannot be delivered now"`
	Sample        []UserPreview `json:"sample" doc:"Up to 50 users that would change, or the one asked for"`
	Failures      []UserPreview `json:"failures" doc:"Up to 50 users that would fail"`
}

// UserPreview is what would become of one user.
type UserPreview struct {
	UserID        string           `json:"userId"`
	UserName      string           `json:"userName"`
	Failure       string           `json:"failure,omitempty" doc:"Why the user could not be delivered"`
	FailureBefore string           `json:"failureBefore,omitempty" doc:"Why the user cannot be delivered now"`
	Changes       []mapping.Change `json:"changes,omitempty" doc:"Attributes that differ; of the one user asked for, all"`
}

// maxSample bounds each of a Preview's two lists.
const maxSample = 50

// Progress is how far a preview has come.
type Progress struct {
	Users   int `json:"users"` // looked at
	Total   int `json:"total"` // to be looked at, as far as is known
	Changed int `json:"changed"`
	Failed  int `json:"failed"`
}

// users is what a preview needs of the directory.
type users interface {
	Get(ctx context.Context, t tenant.ID, ref directory.Ref) (*scim.Resource, error)
	List(ctx context.Context, t tenant.ID, q directory.Query) (*directory.Page, error)
}

// Preview tries rules without sending or storing anything. progress, unless it is
// nil, is told now and then, by one goroutine at a time. Rules that cannot be used
// are an *InvalidError, an unknown user is tenant.ErrNotFound.
func (s *Service) Preview(ctx context.Context, id tenant.ID, in PreviewInput, progress func(Progress)) (*Preview, error) {
	p, err := s.previewOf(ctx, id, in, progress)
	if err != nil {
		return nil, err
	}
	return p.run(ctx, in)
}

// preview is one run.
type preview struct {
	users    users
	tenant   *tenant.Tenant
	trial    *mapping.Trial
	progress func(Progress)
	// sampled and failures say that nobody needs to be told of any more.
	sampled, failures atomic.Bool
}

func (s *Service) previewOf(ctx context.Context, id tenant.ID, in PreviewInput, progress func(Progress)) (*preview, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return nil, err
	}
	if in.UserID != "" && in.Last > 0 {
		return nil, invalid("userId and last exclude each other")
	}
	rules := in.Rules
	if rules == nil {
		if rules = t.Draft; rules == nil {
			return nil, invalid("there is no draft to try")
		}
	}
	after, err := compiled(t, rules)
	if err != nil {
		return nil, err
	}
	before, err := compiled(t, t.Rules)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	trial := &mapping.Trial{Before: before, After: after, Creating: in.Creating}
	return &preview{users: s.Directory, tenant: t, trial: trial, progress: progress}, nil
}

func (p *preview) run(ctx context.Context, in PreviewInput) (*Preview, error) {
	switch {
	case in.UserID != "":
		return p.one(ctx, in.UserID)
	case in.Last > 0:
		recent, err := p.recent(ctx, in.Last)
		if err != nil {
			return nil, err
		}
		return p.all(ctx, batches(recent))
	default:
		return p.all(ctx, p.pages)
	}
}

// one tries a single user, and tells all attributes.
func (p *preview) one(ctx context.Context, name string) (*Preview, error) {
	r, err := findUser(ctx, p.users, p.tenant.ID, name)
	if err != nil {
		return nil, err
	}
	t := tally{all: true}
	err = t.see(p.trial, r)
	return t.preview(), err
}

// findUser returns a user by id, else by userName.
func findUser(ctx context.Context, from users, id tenant.ID, name string) (*scim.Resource, error) {
	r, err := from.Get(ctx, id, directory.Ref{Kind: "User", ID: name})
	if !errors.Is(err, directory.ErrNotFound) {
		return r, err
	}
	named := &filter.Compare{Path: filter.Path{Name: "userName", Type: filter.FoldedText}, Op: filter.Equal, Value: value.NewText(name)}
	page, err := from.List(ctx, id, directory.Query{Kind: "User", Filter: named, StartIndex: 1, Count: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Resources) == 0 {
		return nil, tenant.ErrNotFound
	}
	return page.Resources[0], nil
}
