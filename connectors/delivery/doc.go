// Package delivery brings each account to what the directory holds: the
// level-triggered reconciler. Whatever happened in between, it compares what is
// desired (`v`) with what was delivered (`dv`) and pushes the whole present state
// of what differs; a change is never a message that could be lost or repeated.
//
// Worker finds out what is due (a hint, or the sweeper, which is the truth), claims it
// with an intent, projects it by the tenant's rules, has the connector push it and
// commits what became of it. newcomer.go sees to who has no account user yet, and under
// which names one may be there all the same, retry.go decides what follows a failure,
// seat.go when several processes serve one tenant, groups.go brings memberships along, behind the
// users that they name, hold.go keeps back whom a mass change would take away, gate.go
// decides when a whole connection has to wait, learn.go who else hears of it, pacer.go
// how fast an account is called, verify.go looks again after an outcome that nobody
// knows, shadow.go tells what would be sent. The protocol is
// reliability-and-security.md 3.4; the model in model_test.go checks it over every
// order of events, with its mutants.
//
// What nobody told us of is found by comparing: audit.go reads account and store as
// wholes when an operator asks for it, patrol.go a part of what is clean each hour.
// Neither writes to the account; a repair is a replay, an adoption (adopt.go) one
// step in the store and then a push.
//
// Left to others: atomicity, to scim/directory; what is sent, to mapping; how, to
// connectors and its kinds.
package delivery
