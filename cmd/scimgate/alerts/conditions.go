package alerts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"scimgate/connectors/delivery"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Kind is what an operator is called for.
type Kind string

// The kinds.
const (
	Expiring   Kind = "credential-expiring" // it is in use, and ends in at most 60, 30, 14, 7 or 1 days
	Breaker    Kind = "breaker-open"        // nothing is sent to a connection
	Parked     Kind = "parked"              // documents need a person
	Held       Kind = "mass-change-held"    // departures wait for approval
	Quarantine Kind = "quarantine-near"     // failures come near what Entra quarantines for
	Silent     Kind = "silent"              // no request for three of Entra's cycles
)

// condition is something that holds of a tenant.
type condition struct {
	kind    Kind
	tenant  tenant.ID
	subject string // id of the credential or connection; "" where it is the tenant's
	level   int    // told again where it changes: days left
	text    string // for a person
	section string // of the console
}

func (c condition) key() string { return string(c.kind) + "/" + string(c.tenant) + "/" + c.subject }

// Entra quarantines from 5,000 failures on, where more than 40 % fail. Half the
// number at three quarters of the share is near.
const (
	nearFailures = 2500
	nearShare    = 0.3
	// silence is three of Entra's cycles of 40 minutes.
	silence = 2 * time.Hour
)

// look is what holds of one tenant as the stores have it.
func (w *Watch) look(ctx context.Context, t *tenant.Tenant) ([]condition, error) {
	var all []condition
	for _, one := range []func(context.Context, *tenant.Tenant) ([]condition, error){w.breakers, w.credentials, w.deliveries, w.failures} {
		found, err := one(ctx, t)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// credentials are those that end soon, and the silence of all of them.
func (w *Watch) credentials(ctx context.Context, t *tenant.Tenant) (all []condition, err error) {
	now, last := w.Now(), time.Time{}
	seen := func(what, id string, used time.Time, days int) {
		if used.After(last) {
			last = used
		}
		if days > 0 {
			text := fmt.Sprintf("%s %s is in use and ends in at most %d days; replace it, or extend it.", what, id, days)
			all = append(all, condition{kind: Expiring, tenant: t.ID, subject: id, level: days, text: text, section: "credentials"})
		}
	}
	tokens, err1 := w.Service.Tenants.Tokens(ctx, t.ID)
	for _, token := range tokens {
		seen("Token", token.KeyID, token.LastUsed, token.Warning(now))
	}
	others, err2 := w.Service.Tenants.Credentials(ctx, t.ID)
	for _, c := range others {
		seen("The last secret of client", c.ID, c.LastUsed, c.Warning(now))
	}
	tally, err3 := w.Tallies.Tally(ctx, t.ID)
	if tally.Last.After(last) { // also where the credential has gone since
		last = tally.Last
	}
	if !last.IsZero() && now.Sub(last) >= silence && !t.Settings.Paused {
		text := "The identity provider has sent nothing for three cycles (2 hours): look at its provisioning log."
		all = append(all, condition{kind: Silent, tenant: t.ID, text: text, section: "activity"})
	}
	return all, errors.Join(err1, err2, err3)
}

// deliveries are those that wait for a person.
func (w *Watch) deliveries(ctx context.Context, t *tenant.Tenant) (all []condition, err error) {
	for _, c := range t.Connections {
		for _, s := range []struct {
			state directory.State
			kind  Kind
			text  string
		}{
			{directory.Parked, Parked, "Documents are parked at connection %s: the account refuses them, and each needs a person."},
			{directory.Held, Held, "Departures are held at connection %s: more users than usual are to leave; release or discard them."},
		} {
			found, err := w.Service.Directory.Deliveries(ctx, t.ID, c.Slot, s.state, 1)
			if err != nil {
				return nil, err
			}
			if len(found) > 0 {
				all = append(all, condition{kind: s.kind, tenant: t.ID, subject: c.ID, text: fmt.Sprintf(s.text, c.ID), section: "deliveries"})
			}
		}
	}
	return all, nil
}

// failures are those of the last cycle: of all answers to requests whose credential
// held, by all processes.
func (w *Watch) failures(ctx context.Context, t *tenant.Tenant) ([]condition, error) {
	tally, err := w.Tallies.Tally(ctx, t.ID)
	failed, all := tally.Within(w.Now().Add(-cycle))
	if err != nil || failed < nearFailures || float64(failed) < nearShare*float64(all) {
		return nil, err
	}
	text := fmt.Sprintf("%d of %d requests of the last cycle were refused: Entra quarantines at 5,000 failures and 40 %%.", failed, all)
	return []condition{{kind: Quarantine, tenant: t.ID, text: text, section: "activity"}}, nil
}

// breakers are those that are not closed, of connections that would send.
func (w *Watch) breakers(ctx context.Context, t *tenant.Tenant) (all []condition, err error) {
	if w.Service.Breakers == nil {
		return nil, nil
	}
	states, err := w.Service.Breakers(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	for _, s := range states {
		sends := slices.ContainsFunc(t.Connections, func(c tenant.Connection) bool { return c.ID == s.Connection && c.Sends() })
		if sends && s.State != delivery.BreakerClosed {
			text := fmt.Sprintf("Nothing is sent to connection %s for now (%s).", s.Connection, s.Cause)
			all = append(all, condition{kind: Breaker, tenant: t.ID, subject: s.Connection, text: text, section: "connection"})
		}
	}
	return all, nil
}
