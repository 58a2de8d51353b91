package delivery

import (
	"testing"

	"scimgate/scim"
	"scimgate/scim/directory"
)

// What is there to try the service only never leaves, also where it is owed: as to a
// connection that was made meanwhile, or resynced.
func TestDrillsAreNeverSent(t *testing.T) {
	onEach(t, func(h *harness) {
		id := scim.DrillPrefix + "1"
		h.start()
		h.create(acme, user(id, email(0), "Tester"))
		h.create(acme, user("u1", email(1), "Clerk"))
		h.untilState(acme, "u1", directory.Clean)
		h.untilState(acme, id, directory.Clean)
		h.retitle(acme, id, "Still a tester")
		h.untilState(acme, id, directory.Clean)
		if n := len(h.account.heard(func(c call) bool { return c.ID == id })); n != 0 {
			h.Errorf("the account heard of it %d times", n)
		}
	})
}
