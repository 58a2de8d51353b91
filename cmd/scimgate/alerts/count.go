package alerts

import (
	"context"
	"errors"
	"time"

	"scimgate/cmd/scimgate/traffic"
	"scimgate/tenant"
)

// cycle is Entra's: what failed within one counts together.
const cycle = 40 * time.Minute

// Traffic is what this process answered; *traffic.Counter is one.
type Traffic interface {
	Take() map[tenant.ID]traffic.Proved
	Return(id tenant.ID, p traffic.Proved)
}

// bringTime bounds what bring takes, with a store that does not answer.
const bringTime = 10 * time.Second

// bring adds what this process answered since the look before to what the tenants
// have. Every process does, whichever looks: so that one sees what all answered. What
// cannot be added is brought again.
func (w *Watch) bring(ctx context.Context) {
	if w.Traffic == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, bringTime)
	defer cancel()
	later, why := 0, error(nil)
	for id, p := range w.Traffic.Take() {
		err := w.Tallies.AddToTally(ctx, id, p.Tallied, p.Last)
		if err != nil && !errors.Is(err, tenant.ErrNotFound) {
			w.Traffic.Return(id, p)
			later, why = later+1, err
		}
	}
	if later > 0 {
		w.Log.WarnContext(ctx, "alerts: what was answered cannot be counted; it is counted later", "tenants", later, "error", why)
	}
}
