package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"scimgate/connectors/delivery"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Store measures the operations that a request makes of a store.
func (t *Telemetry) Store(s directory.Store) directory.Store {
	if t == nil {
		return s
	}
	return store{s, t}
}

// Work measures those that a delivery makes.
func (t *Telemetry) Work(w delivery.Work) delivery.Work {
	if t == nil {
		return w
	}
	return work{w, t}
}

// store is a directory.Store that is measured. What it does not name is not.
type store struct {
	directory.Store
	*Telemetry
}

type work struct {
	delivery.Work
	*Telemetry
}

type storeKey struct{ store, operation, outcome string }

func (k storeKey) values() []string { return []string{k.store, k.operation, k.outcome} }

// operation is one that is under way.
type operation struct {
	*Telemetry
	span  trace.Span // nil if the caller is not traced
	name  string
	began time.Time
}

// begin gives what is called a span, if the caller has one that is recorded. ref
// names the resource; its ID may be "".
func (t *Telemetry) begin(ctx context.Context, name string, id tenant.ID, ref directory.Ref) (context.Context, operation) {
	o := operation{Telemetry: t, name: name, began: time.Now()}
	if t.tracer == nil || !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, o
	}
	ctx, o.span = t.tracer.Start(ctx, "store "+name, //nolint:spancheck // the operation ends it
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("db.system.name", t.options.Store), attribute.String("db.operation.name", name),
			attribute.String("scimgate.tenant", string(id)),
		))
	if ref.ID != "" {
		o.span.SetAttributes(t.resourceAttribute(id, ref))
	}
	return ctx, o
}

func (o operation) end(err error) {
	outcome := outcomeOf(err)
	o.it.store.took(time.Since(o.began), storeKey{o.options.Store, o.name, outcome})
	if o.span == nil {
		return
	}
	if outcome == "fault" {
		o.span.SetStatus(codes.Error, "") // of the error, nobody knows what it quotes
	}
	o.span.SetAttributes(attribute.String("scimgate.outcome", outcome))
	o.span.End()
}

// outcomeOf tells what a store refuses, and what nobody waits for any more, from what
// is its own fault.
func outcomeOf(err error) string {
	var refused *scim.Error
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &refused), errors.Is(err, directory.ErrNotFound), errors.Is(err, directory.ErrNotDue),
		errors.Is(err, directory.ErrSuperseded), errors.Is(err, directory.ErrContended):
		return "refused"
	case errors.Is(err, context.Canceled): // many clients that give up are no broken store
		return "gone"
	default:
		return "fault"
	}
}

// Create implements directory.Store.
func (s store) Create(ctx context.Context, t tenant.ID, r *scim.Resource, owed []tenant.Slot) error {
	ctx, o := s.begin(ctx, "create", t, directory.Ref{Kind: r.Kind, ID: r.ID})
	err := s.Store.Create(ctx, t, r, owed)
	o.end(err)
	return err
}

// Get implements directory.Store.
func (s store) Get(ctx context.Context, t tenant.ID, ref directory.Ref) (*scim.Resource, error) {
	ctx, o := s.begin(ctx, "get", t, ref)
	r, err := s.Store.Get(ctx, t, ref)
	o.end(err)
	return r, err
}

// Update implements directory.Store. What edit refuses is no fault of the store.
func (s store) Update(ctx context.Context, t tenant.ID, ref directory.Ref, owed []tenant.Slot, edit directory.Edit) (*scim.Resource, error) {
	ctx, o := s.begin(ctx, "update", t, ref)
	r, err := s.Store.Update(ctx, t, ref, owed, edit)
	o.end(err)
	return r, err
}

// Delete implements directory.Store.
func (s store) Delete(ctx context.Context, t tenant.ID, ref directory.Ref, owed []tenant.Slot, check directory.Check) error {
	ctx, o := s.begin(ctx, "delete", t, ref)
	err := s.Store.Delete(ctx, t, ref, owed, check)
	o.end(err)
	return err
}

// List implements directory.Store.
func (s store) List(ctx context.Context, t tenant.ID, q directory.Query) (*directory.Page, error) {
	ctx, o := s.begin(ctx, "list", t, directory.Ref{Kind: q.Kind})
	page, err := s.Store.List(ctx, t, q)
	o.end(err)
	return page, err
}

// Members implements directory.Store.
func (s store) Members(ctx context.Context, t tenant.ID, group, after string, limit int) ([]directory.Member, error) {
	ctx, o := s.begin(ctx, "members", t, directory.Ref{Kind: "Group", ID: group})
	all, err := s.Store.Members(ctx, t, group, after, limit)
	o.end(err)
	return all, err
}

// GroupsOf implements directory.Store.
func (s store) GroupsOf(ctx context.Context, t tenant.ID, ids []string) (map[string][]directory.Member, error) {
	ctx, o := s.begin(ctx, "groups", t, directory.Ref{Kind: "Group"})
	all, err := s.Store.GroupsOf(ctx, t, ids)
	o.end(err)
	return all, err
}

// Claim implements delivery.Work.
func (w work) Claim(ctx context.Context, t tenant.ID, s tenant.Slot, ref directory.Ref, intent directory.Intent, now time.Time) (*directory.Claim, error) {
	ctx, o := w.begin(ctx, "claim", t, ref)
	c, err := w.Work.Claim(ctx, t, s, ref, intent, now)
	o.end(err)
	return c, err
}

// Commit implements delivery.Work.
func (w work) Commit(ctx context.Context, c *directory.Claim, outcome directory.Outcome) error {
	ctx, o := w.begin(ctx, "commit", c.Tenant, directory.Ref{Kind: c.Resource.Kind, ID: c.Resource.ID})
	err := w.Work.Commit(ctx, c, outcome)
	o.end(err)
	return err
}

// Wrote measures the commits of the embedded store.
func (t *Telemetry) Wrote() func(writes int, waited time.Duration) {
	if t == nil {
		return nil
	}
	return func(writes int, waited time.Duration) {
		t.it.size.record(float64(writes), none{})
		t.it.wait.took(waited, none{})
	}
}
