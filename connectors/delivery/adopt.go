package delivery

import (
	"context"
	"errors"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// adoptIn is the rule of a connection.
func adoptIn(t *tenant.Tenant, s tenant.Slot) tenant.Adopt {
	for _, c := range t.Connections {
		if c.Slot == s {
			return c.Adopt
		}
	}
	return tenant.AdoptAsk
}

// Adoption is what became of the users that a person chose.
type Adoption struct {
	Adopted []string  // ids of ours, whose next push takes the account user over
	Refused []Refusal // the others
}

// Refusal says why a user was not adopted.
type Refusal struct {
	ID, Reason string
}

// Adopt makes the account users of these conflicts ours, each where everything
// still stands as the audit found it; nothing else is changed. The account is
// asked again about each: one who is protected by now, gone, or no longer alike is
// refused. The errors are those of Audit.
func (w *Worker) Adopt(ctx context.Context, id tenant.ID, connection string, chosen []Finding) (Adoption, error) {
	done := Adoption{}
	a, err := w.openAudit(ctx, id, connection)
	if err != nil {
		return done, err
	}
	for _, f := range chosen {
		reason, err := a.adopt(ctx, f)
		switch {
		case err != nil:
			return done, err
		case reason != "":
			done.Refused = append(done.Refused, Refusal{f.ID, reason})
		default:
			done.Adopted = append(done.Adopted, f.ID)
		}
	}
	if len(done.Adopted) > 0 {
		w.Wake(id)
	}
	return done, nil
}

// adopt adopts one, or says why not.
func (a *audit) adopt(ctx context.Context, f Finding) (reason string, err error) {
	item, err := a.work.Delivery(ctx, a.tenant.ID, a.slot, a.ref(f.ID))
	if errors.Is(err, directory.ErrNotFound) || err == nil && !waits(item) {
		return "it is no conflict any more, or is being delivered", nil
	}
	if err != nil {
		return "", err
	}
	known := item.Delivery.RemoteID
	if reason, err := a.mayAdopt(ctx, f, known); err != nil || reason != "" {
		return reason, err
	}
	ok, err := a.work.Adopt(ctx, a.tenant.ID, a.slot, a.ref(f.ID), known, f.RemoteID, a.now())
	if err == nil && !ok {
		reason = "it was changed a moment ago"
	}
	return reason, err
}

// waits reports whether a user is parked, or not begun with.
func waits(item *directory.Item) bool {
	d := item.Delivery
	fresh := d.State == directory.Due && d.Delivered == 0 && d.Intent == nil
	return !item.Deleted && !d.Adopting && (d.State == directory.Parked || fresh)
}

func (a *audit) mayAdopt(ctx context.Context, f Finding, known string) (reason string, err error) {
	if known != "" {
		held, err := a.look(ctx, f.ID, known)
		if err != nil || held != nil {
			return "the account holds another user that is this one", err
		}
	}
	held, err := a.look(ctx, f.ID, f.RemoteID)
	switch {
	case err != nil:
		return "", err
	case held == nil:
		return "the account user is gone", nil
	case held.Protected:
		return "the account user is an administrator, or protected by the connection's settings", nil
	}
	alike, err := a.alike(ctx, f.ID, held)
	if err == nil && !alike {
		reason = "the account user has neither the userName nor the externalId any more"
	}
	return reason, err
}

// look asks for one of the account's.
func (a *audit) look(ctx context.Context, id, remoteID string) (held *connectors.Holding, err error) {
	err = a.ask(ctx, func() (err error) {
		held, err = a.account.Find(ctx, connectors.Object{Kind: a.kind, ID: id, RemoteID: remoteID})
		return err
	})
	return held, err
}

func (a *audit) alike(ctx context.Context, id string, held *connectors.Holding) (bool, error) {
	r, err := a.work.Get(ctx, a.tenant.ID, a.ref(id))
	if err != nil {
		return false, gone(err)
	}
	projection, err := a.project(r)
	if err != nil {
		return false, nil //nolint:nilerr // what has no projection is like nobody
	}
	external, _ := projection.Get("externalId")
	return value.SameText(nameIn(a.kind, projection), held.UserName) || !external.Unassigned() && external.Text() == held.ExternalID, nil
}
