// Package alerts calls an operator, by the log and by a webhook, for what needs a
// person: a credential in use that is about to end, a breaker that is open,
// documents that are parked, departures that are held, failures that come near
// Entra's quarantine, an identity provider that has gone silent.
//
//	Watch ── every 5 min ──► look at each tenant ──► conditions ─┬─ new:  raised ─┐
//	                                                             └─ gone: cleared ┴─► log, webhook
//
// A condition is told once when it begins and once when it has ended; what is left
// of it in between is in the console, where each message links to. Nothing of any
// user is in a message. All is found by looking, so that no request pays for it: a
// condition that comes and goes between two looks is told to nobody.
//
// Of several processes one looks at the stores, whoever has the lease; each looks
// at its own breakers. Whoever takes the lease over tells again what it finds.
package alerts
