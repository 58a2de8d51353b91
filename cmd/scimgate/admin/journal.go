package admin

import (
	"context"
	"errors"
	"time"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// JournalEntry is one line of what happened: a change by a request, or an attempt
// to deliver a version. Entries with the same request belong together.
type JournalEntry struct {
	ID           string             `json:"id" doc:"Position; after=… lists what follows"`
	At           time.Time          `json:"at"`
	ResourceType string             `json:"resourceType"`
	ResourceID   string             `json:"resourceId"`
	Version      uint64             `json:"version" doc:"Made, or delivered; 0: none"`
	Request      string             `json:"request,omitempty" doc:"Id of the request that made the version: the client's own client-request-id where it sent one"`
	Change       *scim.Note         `json:"change,omitempty"`
	Attempt      *directory.Attempt `json:"attempt,omitempty"`
}

// JournalPage is a part of a journal.
type JournalPage struct {
	Items []JournalEntry `json:"items"`
	Next  string         `json:"next,omitempty" doc:"Give it as after for what follows; absent at the end. A page may be short, or empty, and have a next"`
}

// Bearer is who has a name, or had it when deleted.
type Bearer struct {
	ResourceType string    `json:"resourceType"`
	ID           string    `json:"id"`
	Version      uint64    `json:"version"`
	Deleted      bool      `json:"deleted"`
	Modified     time.Time `json:"modified"`
}

// Journal answers a query of a tenant's journal. A resource that there is not, and
// never was, is tenant.ErrNotFound.
func (s *Service) Journal(ctx context.Context, id tenant.ID, q directory.JournalQuery) (JournalPage, error) {
	t, err := s.Tenants.Tenant(ctx, id)
	if err != nil {
		return JournalPage{}, err
	}
	page, err := s.Directory.ReadJournal(ctx, id, q)
	if errors.Is(err, directory.ErrPosition) {
		return JournalPage{}, invalid("after: this is no position of the tenant's journal")
	}
	if err != nil {
		return JournalPage{}, err
	}
	if len(page.Entries) == 0 && q.Ref != (directory.Ref{}) {
		if err := s.exists(ctx, id, q.Ref); err != nil {
			return JournalPage{}, err
		}
	}
	view := func(e directory.Entry) JournalEntry { return viewEntry(t, e) }
	return JournalPage{Items: listOf(page.Entries, view).Items, Next: page.Next}, nil
}

// exists is tenant.ErrNotFound unless there is, or was, a resource.
func (s *Service) exists(ctx context.Context, id tenant.ID, ref directory.Ref) error {
	_, err := s.Directory.Delivery(ctx, id, 0, ref)
	if errors.Is(err, directory.ErrNotFound) {
		return tenant.ErrNotFound
	}
	return err
}

// viewEntry shows an entry. The store does not know what a connection is called.
func viewEntry(t *tenant.Tenant, e directory.Entry) JournalEntry {
	if a := e.Attempt; a != nil && a.Connection == "" {
		for _, c := range t.Connections {
			if c.Slot == a.Slot {
				a.Connection = c.ID
			}
		}
	}
	return JournalEntry{
		ID: e.ID, At: e.At, ResourceType: e.Ref.Kind, ResourceID: e.Ref.ID, Version: e.Version,
		Request: e.Request, Change: e.Change, Attempt: e.Attempt,
	}
}

// Named finds whoever has a name, and whoever had it when deleted: the one who
// has it first, then who left last. Names that were given up by renaming are not
// kept.
func (s *Service) Named(ctx context.Context, id tenant.ID, kind, name string) ([]Bearer, error) {
	if _, err := s.Tenants.Tenant(ctx, id); err != nil {
		return nil, err
	}
	all, err := s.Directory.Named(ctx, id, kind, name)
	show := func(b directory.Bearer) Bearer {
		return Bearer{ResourceType: b.Ref.Kind, ID: b.Ref.ID, Version: b.Version, Deleted: b.Deleted, Modified: b.Modified}
	}
	return listOf(all, show).Items, err
}

// JournalInput is what is asked of a journal.
type JournalInput struct {
	InTenant
	Since   time.Time `query:"since" doc:"At this time or later"`
	Until   time.Time `query:"until" doc:"Before this time"`
	Class   string    `query:"class" doc:"Of this class of failure or refusal" example:"transient" maxLength:"60"`
	Request string    `query:"request" doc:"Of this request" maxLength:"64"`
	Order   string    `query:"order" enum:"oldest,newest" default:"oldest" doc:"What comes first"`
	After   string    `query:"after" doc:"next of the page before" maxLength:"512"`
	Limit   int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (in JournalInput) query(ref directory.Ref) directory.JournalQuery {
	return directory.JournalQuery{
		Ref: ref, Since: in.Since, Until: in.Until, Class: in.Class, Request: in.Request,
		Newest: in.Order == "newest", After: in.After, Limit: in.Limit,
	}
}

func (s *Service) listJournal(ctx context.Context, in *JournalInput) (JournalPage, error) {
	return s.Journal(ctx, in.Tenant, in.query(directory.Ref{}))
}

type storyInput struct {
	JournalInput
	ID string `path:"id" doc:"Id of the resource" maxLength:"256"`
}

func (s *Service) listUserJournal(ctx context.Context, in *storyInput) (JournalPage, error) {
	return s.Journal(ctx, in.Tenant, in.query(directory.Ref{Kind: "User", ID: in.ID}))
}

func (s *Service) listGroupJournal(ctx context.Context, in *storyInput) (JournalPage, error) {
	return s.Journal(ctx, in.Tenant, in.query(directory.Ref{Kind: "Group", ID: in.ID}))
}

func (s *Service) listNamed(ctx context.Context, in *struct {
	InTenant
	UserName    string `query:"userName" doc:"Of users" maxLength:"1024"`
	DisplayName string `query:"displayName" doc:"Of groups" maxLength:"1024"`
},
) (list[Bearer], error) {
	kind, name := "User", in.UserName
	switch {
	case (in.UserName == "") == (in.DisplayName == ""):
		return list[Bearer]{}, invalid("give userName or displayName")
	case in.DisplayName != "":
		kind, name = "Group", in.DisplayName
	}
	all, err := s.Named(ctx, in.Tenant, kind, name)
	return list[Bearer]{all}, err
}
