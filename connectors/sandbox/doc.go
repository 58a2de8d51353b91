// Package sandbox is an Appspace account to try against: a program of ours with
// an own SCIM endpoint under one bearer token, for the demo, for tests and for
// administrators who do not want to begin with the real one.
//
// What Appspace documents, it does. What nobody documents, it assumes, and says
// so: Assumptions is the list, and the page at / shows it. It stands on
// scim/server and scim/directory; only what an account demands beyond SCIM
// (demands.go) is its own.
//
// It can be told to fail: FaultKinds (faults.go) is the table of all ways, and
// fault_*.go what each does. The line in front of the account (line.go) chains
// those that are set:
//
//	client ─► line ─► fault ─► fault ─► account ─► counters ─► store
//
// What the account really took, it counts behind all faults (counters.go).
package sandbox
