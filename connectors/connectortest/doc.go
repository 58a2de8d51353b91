// Package connectortest is the suite that every kind of connector must pass:
// each method may be repeated after any outcome, no fault of the account passes
// for success, nothing that the account says gets into an error, and whether a
// change may have happened is told truly.
//
// Run puts a front between connector and account that can fail in every way:
//
//	connector ─ connectors.NewClient ─► front ─► account (healthy, observed)
package connectortest
