package main

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// rest waits until each account holds what its tenant holds, compares the book
// with the tenants, and reports. Nobody writes any more, and nothing suffers.
func (b *book) rest(within time.Duration) {
	b.Helper()
	began := time.Now()
	for _, u := range b.users {
		for u.id != "" && !b.check(u) {
			if time.Since(began) > within {
				b.Fatalf("the gateways do not answer: %v", b.statuses)
			}
			<-time.After(100 * time.Millisecond)
		}
	}
	diverged := 0
	for _, who := range b.tenants {
		diverged += b.converged(who, began.Add(within))
		if parked := b.parked(who); len(parked) > 0 {
			b.fault("%d parked of %s: %v", len(parked), who.id, parked)
		}
	}
	b.Logf("changes acknowledged %d, lost %d (< %.1e at 95 %%: 3/N), accounts diverged %d of %d, at rest after %v",
		b.acked, len(b.faults), 3/float64(max(b.acked, 1)), diverged, len(b.tenants), time.Since(began).Round(100*time.Millisecond))
	b.Logf("answers by status: %v", b.statuses)
	for _, f := range b.faults[:min(len(b.faults), 20)] {
		b.Error(f)
	}
	if b.acked == 0 {
		b.Error("nothing was acknowledged")
	}
}

// converged waits until an account equals its tenant; 1 if it does not in time.
func (b *book) converged(who *customer, by time.Time) int {
	b.Helper()
	for {
		want := b.holding(b.gateway()+"/t/"+who.id+"/identity/scim", who.token)
		got := b.holding(who.accountURL, accountToken)
		if maps.Equal(want, got) {
			return 0
		}
		if time.Now().After(by) {
			b.Errorf("the account of %s is not what the tenant is: %v", who.id, differences(want, got))
			return 1
		}
		<-time.After(250 * time.Millisecond)
	}
}

func differences(want, got map[string]string) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			all = append(all, fmt.Sprintf("%s is %q, not %q", name, got[name], want[name]))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			all = append(all, name+" is still there")
		}
	}
	return all
}

// holding is what a SCIM service has: by name, what a book counts.
func (b *book) holding(base, token string) map[string]string {
	b.Helper()
	users := map[string]string{}
	for start := 1; ; {
		status, _, page := b.request("GET", fmt.Sprintf("%s/Users?startIndex=%d&count=100", base, start), token, nil)
		if status != 200 {
			b.Fatalf("%s is answered %d", base, status)
		}
		resources, _ := page["Resources"].([]any)
		for _, r := range resources {
			user := r.(map[string]any)
			name := fmt.Sprint(user["userName"])
			if _, twice := users[name]; twice {
				b.Fatalf("%s is there twice", name)
			}
			users[name] = fmt.Sprintf("%v active=%v", user["displayName"], user["active"])
		}
		if len(resources) == 0 || start+len(resources) > int(page["totalResults"].(float64)) {
			return users
		}
		start += len(resources)
	}
}

// parked is how many of a tenant's users wait for a person, at most 100.
func (b *book) parked(who *customer) []any {
	b.Helper()
	list := must(b, 200, "GET", b.members[0].url("adminURL")+"/api/v1/tenants/"+who.id+"/deliveries?state=parked", operatorKey, nil)
	items, _ := list["items"].([]any)
	return items
}
