package delivery

import (
	"math/rand/v2"
	"testing"
	"time"

	"scimgate/connectors"
	"scimgate/scim/directory"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func never() float64  { return 0 }
func almost() float64 { return 1 - 1.0/(1<<53) }

// claimOf is a claim of an update, known to the account.
func claimOf(d directory.Delivery) *directory.Claim {
	if d.Intent == nil {
		d.Intent = &directory.Intent{Op: directory.Updating, QuietUntil: noon.Add(22 * time.Second)}
	}
	return &directory.Claim{Delivery: d}
}

func failed(class connectors.Fault, attempts int) directory.Delivery {
	return directory.Delivery{
		RemoteID: "r", Attempts: attempts, Due: noon,
		Failure: &directory.Failure{Class: string(class), At: noon.Add(-time.Second)},
	}
}

func TestDecide(t *testing.T) {
	creating := directory.Delivery{Intent: &directory.Intent{Op: directory.Creating, QuietUntil: noon.Add(22 * time.Second)}}
	doubtful := claimOf(directory.Delivery{})
	doubtful.Doubt = true
	known := claimOf(directory.Delivery{RemoteID: "r"})
	known.Doubt = true
	for _, c := range []struct {
		name  string
		fault connectors.Error
		claim *directory.Claim
		park  bool
		retry directory.Retry // Failure is checked apart
	}{
		{
			name: "target away", fault: connectors.Error{Fault: connectors.Transient},
			claim: claimOf(directory.Delivery{}), retry: directory.Retry{At: noon.Add(time.Second)},
		},
		{
			name: "nonsense is no success", fault: connectors.Error{Fault: connectors.Protocol, Status: 200},
			claim: claimOf(directory.Delivery{}), retry: directory.Retry{At: noon.Add(time.Second)},
		},
		{
			name: "no last attempt", fault: connectors.Error{Fault: connectors.Transient, Status: 500},
			claim: claimOf(failed(connectors.Transient, 1_000_000)), retry: directory.Retry{At: noon.Add(time.Second)},
		},
		{
			name: "unknown update", fault: connectors.Error{Fault: connectors.Transient, Unknown: true},
			claim: claimOf(directory.Delivery{}),
			retry: directory.Retry{At: noon.Add(time.Second), Unknown: true, Op: directory.Updating},
		},
		{
			name: "unknown create waits until quiet", fault: connectors.Error{Fault: connectors.Transient, Unknown: true},
			claim: claimOf(creating),
			retry: directory.Retry{At: noon.Add(22 * time.Second), Unknown: true, Op: directory.Creating},
		},
		{
			name: "an update that had to create", fault: connectors.Error{Fault: connectors.Transient, Unknown: true, Creating: true},
			claim: claimOf(directory.Delivery{RemoteID: "r"}),
			retry: directory.Retry{At: noon.Add(22 * time.Second), Unknown: true, Absent: true, Op: directory.Creating},
		},
		{
			name: "an older doubt is kept", fault: connectors.Error{Fault: connectors.Transient},
			claim: doubtful, retry: directory.Retry{At: noon.Add(time.Second), Unknown: true, Op: directory.Updating},
		},
		{
			name: "an older doubt about a known user is in Verify", fault: connectors.Error{Fault: connectors.Transient},
			claim: known, retry: directory.Retry{At: noon.Add(time.Second)},
		},
		{
			name: "throttled", fault: connectors.Error{Fault: connectors.Throttled, Status: 429, RetryAfter: time.Minute},
			claim: claimOf(directory.Delivery{}), retry: directory.Retry{At: noon.Add(time.Second), Spare: true},
		},
		{
			name: "unauthorized", fault: connectors.Error{Fault: connectors.Unauthorized, Status: 401},
			claim: claimOf(directory.Delivery{}), retry: directory.Retry{At: noon.Add(time.Second), Spare: true},
		},
		{
			name: "refused once", fault: connectors.Error{Fault: connectors.Rejected, Status: 400},
			claim: claimOf(directory.Delivery{}), retry: directory.Retry{At: noon.Add(5 * time.Second)},
		},
		{
			name: "refused twice", fault: connectors.Error{Fault: connectors.Rejected, Status: 400},
			claim: claimOf(failed(connectors.Rejected, 1)), retry: directory.Retry{At: noon.Add(30 * time.Second)},
		},
		{
			name: "refused three times", fault: connectors.Error{Fault: connectors.Rejected, Status: 400},
			claim: claimOf(failed(connectors.Rejected, 2)), park: true,
		},
		{
			name: "refused for the first time after an outage", fault: connectors.Error{Fault: connectors.Rejected, Status: 400},
			claim: claimOf(failed(connectors.Transient, 50)), retry: directory.Retry{At: noon.Add(5 * time.Second)},
		},
		{
			name: "somebody else's user", fault: connectors.Error{Fault: connectors.Conflict, Status: 409},
			claim: claimOf(directory.Delivery{}), park: true,
		},
		{
			name: "a refusal of unknown outcome parks nothing", fault: connectors.Error{Fault: connectors.Conflict, Unknown: true},
			claim: claimOf(directory.Delivery{}),
			retry: directory.Retry{At: noon.Add(time.Second), Unknown: true, Op: directory.Updating},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Backoff{}.Decide(&c.fault, c.claim, noon, never)
			if (got.Park != nil) != c.park || (got.Retry != nil) == c.park || got.Done != nil {
				t.Fatalf("got %+v, want parked: %v", got, c.park)
			}
			failure := got.Park
			if !c.park {
				failure = &got.Retry.Failure
				c.retry.Failure = *failure
				if *got.Retry != c.retry {
					t.Errorf("got %+v, want %+v", *got.Retry, c.retry)
				}
			}
			if failure.Class != string(c.fault.Fault) || failure.Status != c.fault.Status || failure.At != noon {
				t.Errorf("the failure is %+v", failure)
			}
		})
	}
}

// The waits of a resource that fails for days: at least the least, at most the
// most, long ones in the end, and no two resources in step.
func TestBackoffGrowsWithinBounds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	now, away := noon, &connectors.Error{Fault: connectors.Transient}
	d := directory.Delivery{RemoteID: "r"}
	var longest time.Duration
	for range 10_000 {
		retry := Backoff{}.Decide(away, claimOf(d), now, random.Float64).Retry
		wait := retry.At.Sub(now)
		if wait < time.Second || wait > time.Hour {
			t.Fatalf("wait of %v", wait)
		}
		longest = max(longest, wait)
		d.Attempts++
		d.Failure, d.Due, now = &retry.Failure, retry.At, retry.At
	}
	if longest < 50*time.Minute {
		t.Errorf("after 10,000 failures the longest wait was %v", longest)
	}
	spread := make(map[time.Duration]bool)
	for range 1000 {
		spread[Backoff{}.Decide(away, claimOf(d), now, random.Float64).Retry.At.Sub(now)] = true
	}
	if len(spread) < 900 {
		t.Errorf("1000 resources wait only %d different times", len(spread))
	}
}

func TestHold(t *testing.T) {
	throttled := func(after time.Duration) connectors.Error {
		return connectors.Error{Fault: connectors.Throttled, RetryAfter: after}
	}
	unauthorized := connectors.Error{Fault: connectors.Unauthorized}
	for _, c := range []struct {
		name    string
		fault   connectors.Error
		strikes int
		want    time.Duration
	}{
		{"as asked", throttled(7 * time.Second), 1, 7 * time.Second},
		{"as asked, each time", throttled(7 * time.Second), 9, 7 * time.Second},
		{"at least a second", throttled(time.Millisecond), 1, time.Second},
		{"at most a quarter of an hour", throttled(24 * time.Hour), 1, 15 * time.Minute},
		{"nothing asked", throttled(0), 1, time.Second},
		{"nothing asked again", throttled(0), 4, 8 * time.Second},
		{"nothing asked for long", throttled(0), 1000, 15 * time.Minute},
		{"away", connectors.Error{Fault: connectors.Transient}, 1, 5 * time.Second},
		{"away for long", connectors.Error{Fault: connectors.Transient}, 1000, time.Minute},
		{"credential refused", unauthorized, 1, 15 * time.Second},
		{"credential refused again", unauthorized, 3, time.Minute},
		{"credential refused for long", unauthorized, 1000, time.Hour},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := (Backoff{}).hold(&c.fault, c.strikes, never); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
			if got := (Backoff{}).hold(&c.fault, c.strikes, almost); got < c.want || got > min(c.want*11/10, time.Hour*11/10) || c.fault.RetryAfter > 0 && got > 15*time.Minute {
				t.Errorf("with jitter %v, want up to a tenth more than %v", got, c.want)
			}
		})
	}
}
