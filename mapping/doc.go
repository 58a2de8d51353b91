// Package mapping turns a Resource into its Projection: what the tenant's
// Appspace account should hold. Rules are written as JSON, compiled once per
// version with every fault told at once, and applied without I/O, clock or chance.
//
//	rules (JSON) ── Compile ──► *Rules ── Project(attributes, creating) ──► Projection
//	                   │                         │
//	                *Errors                   *Error: the document is parked
//
// FromYAML makes JSON of rules in YAML, Locate finds where in a text a fault
// stands, JSONSchema describes rules, and Starter is a set to begin with. Explain
// tells how one attribute of a Projection came about, Trial what becomes of a user
// under other rules, and Diff which rules two documents do not share.
//
// The words are Entra's and mean the same as there. A rule of type Direct copies
// an attribute, Constant sets a literal, Expression computes a value, None leaves
// the target to the account. It applies Always or OnCreate; its default fills in
// where there is no value, and, as in Entra, only on creation. Where a rule has no
// value later on, what was sent is cleared, unless it says Keep. A required rule
// that yields nothing parks the document. Rules read the resource and never each
// other's results, and a default is a literal: nothing can go round in a circle.
//
// Examples beside the rules are tests: Compile runs them, and one that fails is a
// fault. Values of an example stand in Fault.String, which the administrator reads,
// and not in Errors.Error, which may be logged.
//
// An expression is written in Entra's language, where [attribute] names a SCIM
// path: Join(" ", [name.givenName], [emails[type eq "work"].value]). Functions
// lists what there is, Differences where it is not as in Entra. Arguments are
// checked when rules are compiled. The language has no loops; length, nesting,
// parts, texts and the steps of patterns are bounded, so that the most hostile
// expression ends within 10 ms.
//
// Two things hold whatever the rules say, because the account needs them: active
// is always projected, and false where the identity provider said false; userName
// and the work e-mail are one e-mail address (design 6.13).
//
// Where rules are stored is left to package tenant, when they are applied to
// connectors/delivery, and how a Projection is sent to the connectors.
package mapping
