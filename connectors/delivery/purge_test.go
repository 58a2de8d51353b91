package delivery

import (
	"errors"
	"slices"
	"testing"
	"time"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// What left the account long ago is forgotten, and what has not left is not.
func TestTombstonesAreRemoved(t *testing.T) {
	onEach(t, func(h *harness) {
		h.worker.Tune.Keep = time.Millisecond
		h.start()
		h.create(acme, user("gone", email(0), "Cook"))
		h.create(acme, user("stays", email(1), "Cook"))
		h.untilState(acme, "gone", directory.Clean)
		h.edit(acme, func(t *tenant.Tenant) { pause(t, true) })
		h.remove(acme, "gone")
		h.quietly("what has not left is known", func() bool { return h.delivery(acme, "gone").Deleted })
		h.edit(acme, func(t *tenant.Tenant) { pause(t, false) })
		h.until("the tombstone is gone", func() bool {
			if _, err := h.store.(directory.Journal).RelayJournal(h.Context(), time.Hour); err != nil { // as a clerk does
				h.Error(err)
			}
			_, err := h.store.Delivery(h.Context(), acme, 0, refOf("gone"))
			return errors.Is(err, directory.ErrNotFound)
		})
		h.untilState(acme, "stays", directory.Clean)
	})
}

func pause(t *tenant.Tenant, paused bool) {
	t.Connections = slices.Clone(t.Connections)
	t.Connections[0].Paused = paused
}
