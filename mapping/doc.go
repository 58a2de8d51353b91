// Package mapping turns a Resource into its Projection: what the tenant's
// Appspace account should hold. Rules are written as JSON, compiled once per
// version with every fault told at once, and applied without I/O, clock or chance.
//
//	rules (JSON) ── Compile ──► *Rules ── Project(attributes, creating) ──► Projection
//	                   │                         │
//	                *Errors                   *Error: the document is parked
//
// The words are Entra's and mean the same as there. A rule of type Direct copies
// an attribute, Constant sets a literal, Expression computes a value, None leaves
// the target to the account. It applies Always or OnCreate; its default fills in
// where there is no value, and, as in Entra, only on creation. A required rule
// that yields nothing parks the document.
//
// An expression is written in Entra's language, where [attribute] names a SCIM
// path: Join(" ", [name.givenName], [emails[type eq "work"].value]). Functions
// lists what there is. The language has no loops; length, nesting, parts and the
// size of every text are bounded, patterns run in linear time.
//
// Two things hold whatever the rules say, because the account needs them: active
// is always projected, and false where the identity provider said false; userName
// and the work e-mail are one e-mail address (design 6.13).
//
// Where rules are stored is left to package tenant, when they are applied to
// connectors/delivery, and how a Projection is sent to the connectors.
package mapping
