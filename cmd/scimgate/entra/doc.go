// Package entra plays Microsoft Entra ID against a SCIM endpoint: any Tenant URL
// and token, over nothing but net/http, with the requests that Entra sends.
//
//	Probe     what "Test connection" asks
//	OnDemand  "Provision on demand": one user, step by step
//	Cycle     many users, as fast as the endpoint answers: an initial cycle, then an incremental one
//	Play      a short story for people: joiners, a mover, a leaver
//	Drill     all that Entra and Okta are known to send, judged row by row
//
// Entra speaks two dialects of PATCH. The old one is its default; the new one is
// switched on by aadOptscim062020 in the Tenant URL, though never on demand. What
// is not documented of Entra is not guessed at: no User-Agent is sent, and answers
// are judged by what Microsoft says it needs.
//
// It leaves to package main how a run is started and printed.
package entra
