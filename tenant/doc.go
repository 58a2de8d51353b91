// Package tenant owns who is served and how they are reached: Tenant, Token,
// Connection, their Store, the sealing of secrets, and the Resolver that turns a
// URL path and an Authorization header into a Tenant, or refuses both alike.
//
//	ParseID, Tenant, Settings, Connection   what is known of an account
//	Keys                                    Seal and Open settings; the pepper of tokens
//	Vault, DataKeys                         Seal and Open by the tenant's own key, which Keys seal
//	NewToken, Token                         a secret shown once, a keyed hash kept
//	Resolver                                path + header → Tenant, or ErrUnauthorized
//	Store: SQLite, Mongo                    one contract, one suite
//	Ledger: SQLite, Mongo                   how often each deviation was needed
//	Tallies: SQLite, Mongo                  how requests were answered lately, by all processes
//	Passes: SQLite, Mongo                   sessions and invitations of the console
//	APIKeys: SQLite, Mongo                  keys of the operator's API: a role, of a tenant or all
//	Changes: SQLite, Mongo                  who did what, told before it is done and after
//	Leases: SQLite, Mongo                   which process serves a tenant for now
//	Notes: SQLite, Mongo                    what one process found out, for all of them
//
// It leaves to others what a tenant's raw JSON means: custom attributes to
// package scim, mapping rules to package mapping, connection settings to package
// connectors. It knows nothing of HTTP beyond the text of one header.
package tenant
