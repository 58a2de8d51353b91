// Package appspace delivers to an Appspace account over the one write path that
// Appspace documents: SCIM at {server}/identity/scim with a bearer token, where
// userName is the e-mail address. The account is known to work with Entra, so
// it is spoken to as Entra does: look up by userName, POST, PATCH with explicit
// paths, active.
//
//	Put, id unknown   GET ?filter=userName eq …   nobody → POST
//	                                              ours   → PATCH
//	                                              else   → Conflict
//	Put, id known     PATCH                       404    → as if unknown
//
// Every PATCH says the whole desired state, so that it may be repeated and
// repairs what was changed in the account. What to send is left to mapping, when
// and how often to delivery.
package appspace
