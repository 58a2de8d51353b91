package main

import (
	"fmt"
	"testing"
	"time"
)

// Two deliverers over one MongoDB, and no Redis; one is killed as by a power cut.
// The other has all tenants within the 20 s of a lease, 6.25 s until it sweeps
// and 2.5 s before it asks once more: 28.75 s.
func TestTakeoverAfterKill9(t *testing.T) {
	t.Run("mongo", func(t *testing.T) {
		t.Parallel()
		const tenants, bound = 10, 35 * time.Second
		f := newFleet(t, false)
		gateway, victim := f.run("gateway"), f.run("delivery")
		tokens := make([]string, tenants)
		for i := range tenants {
			tokens[i] = enrollAs(t, gateway, f.account, fmt.Sprint("t", i))
		}
		round := func(name string) {
			for i, token := range tokens {
				user := newUser(fmt.Sprintf("%s%d@example.com", name, i))
				must(t, 201, "POST", fmt.Sprintf("%s/t/t%d/identity/scim/Users", gateway.text(t, "publicURL"), i), token, user)
			}
		}
		all := func(name string, within time.Duration) time.Duration {
			began := time.Now()
			for i := range tenants {
				f.reaches(fmt.Sprintf("%s%d@example.com", name, i), within)
			}
			return time.Since(began)
		}
		round("before")
		all("before", bound) // the victim has every tenant
		survivor := f.run("delivery")
		round("busy") // in the middle of which it dies
		victim.kill()
		began := time.Now()
		round("after")
		all("busy", bound)
		all("after", bound)
		took := time.Since(began)
		t.Logf("everything of %d tenants is at the account %v after the kill", tenants, took)
		if took > bound {
			t.Errorf("taken over after %v, want %v", took, bound)
		}
		if code := survivor.stop(t); code != 0 {
			t.Errorf("the survivor ended with %d: %s", code, survivor.stderr)
		}
	})
}
