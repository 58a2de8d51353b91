// Package webhook tells a system of the customer's own what an account would be
// told: each change as a SCIM event (RFC 9967) in a signed security event token
// (SET, RFC 8417), pushed over HTTP (RFC 8935). Example is a whole receiver.
//
//	Put, first      urn:ietf:params:scim:event:prov:create:full    version, data
//	Put, later      urn:ietf:params:scim:event:prov:put:full       version, data
//	  beside it     …:prov:activate or …:prov:deactivate           version
//	Suspend         …:prov:deactivate                              version
//	Delete          …:prov:delete
//	Check           …/secevent/ssf/event-type/verification
//
// data is the whole user as the tenant's rules make it, never a difference; what
// is absent has no value, but for what the rules set on creation alone, which
// create:full says and put:full leaves as it is. The events of one SET are one
// change. The subject (sub_id) is the resource's path here, with the identity
// provider's externalId where it is known.
//
// # What is promised
//
// At least once, in the order of states, and the latest state last: several
// changes may be told as one, none is left out for good. A request whose outcome
// is unknown is sent again, and once more when it can no longer land late, since
// a receiver cannot be asked what it holds (Matches answers ErrCannotAsk).
//
// The same state carries the same jti each time it is sent, whatever its iat:
// jti comes of issuer, audience, the resource's id (which is its tenant's alone
// and never used again), its version, the version of the rules, and the event.
// txn comes of the resource's id and version, and is the same to all receivers.
//
// # What a receiver does
//
//   - It answers 202 when it has stored the SET, and not before (RFC 8935 §2.2).
//   - It checks typ, signature, iss and aud, with one key per kid.
//   - It keeps for each sub_id.uri the version, a number in the form W/"7", that it
//     heard last and ignores a lower one, which a request that was given up may
//     bring late. Of one version, the SET with the later iat is the newer.
//   - After delete it ignores all else of that uri, which is never used again.
//   - A jti it has seen needs no second look. Dropping duplicates does not replace
//     the order above: a late old state has a jti of its own.
//
// 400 refuses the event for good, after three tries, unless err says that key,
// issuer, audience or sender are refused: then the connection waits, as it does
// for 401, 403 and 404. For 429 and 503 it waits as Retry-After asks. All else,
// any other 2xx too, is tried again without end. description is not looked at,
// as it may quote what was sent.
//
// Check, which is the operator's "connection test", pushes the verification
// event of the Shared Signals Framework 1.0 (§8.1.4): an empty SET, which RFC
// 8417 §2.2 does not allow, would prove less. Its sub_id is opaque and names the
// audience; a receiver answers 202 and does nothing.
//
// # Settings
//
//	{
//	  "url": "https://hooks.example.com/scim",   the receiver, among outbound.hosts
//	  "issuer": "https://scim.example.com",      iss: who tells
//	  "audience": "https://hooks.example.com",   aud: who is told
//	  "key": "-----BEGIN PRIVATE KEY-----…",     PKCS #8; decides the algorithm
//	  "keyId": "2026-01",                        kid: which key it was
//	  "token": "…"                               optional bearer token of the receiver
//	}
//
// A key on P-256 signs ES256, an Ed25519 key EdDSA, an RSA key of 2048 bits or
// more RS256:
//
//	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out hook.key
//	openssl pkey -in hook.key -pubout -out hook.pub    # for the receiver
//
// To change the key, give the receiver the new one under its keyId first.
//
// What is sent when is left to connectors/delivery; where the client may go, to
// the guard in connectors.
package webhook
