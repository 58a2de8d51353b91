package delivery

import (
	"context"

	"scimgate/tenant"
)

// AlertKind is what an operator is called for.
type AlertKind string

// The kinds of Alert.
const (
	AlertMassChange AlertKind = "mass-change" // departures wait for approval
	AlertCredential AlertKind = "credential"  // an account refuses our credential
)

// AlertKinds are all of them.
var AlertKinds = []AlertKind{AlertMassChange, AlertCredential}

// Alert is what an operator should hear of at once. It holds nothing personal.
type Alert struct {
	Kind   AlertKind
	Tenant tenant.ID
	Slot   tenant.Slot
	Reason string // one sentence for a person
}

// alert logs what an operator should hear of, and tells whoever waits for it.
func (l *lane) alert(ctx context.Context, kind AlertKind, reason string) {
	l.log.WarnContext(ctx, "an operator is needed", "alert", kind, "tenant", l.id, "slot", l.slot, "reason", reason)
	if l.worker.Alert != nil {
		l.worker.Alert(ctx, Alert{Kind: kind, Tenant: l.id, Slot: l.slot, Reason: reason})
	}
}
