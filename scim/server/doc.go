// Package server speaks SCIM over HTTP (RFC 7644): routes, authentication and
// rate limit at the door, the verbs of every resource type and bulk requests of
// them, search, discovery, and the one place where answers and errors are written.
//
//	request ─► call ─► authenticate ─► admit ─► route ─► verb ─► directory.Store
//	                        └────────────┴─────────┴───────┴─► render (all answers, all errors)
//
// What a document means is left to package scim, how it is kept to
// scim/directory, who calls to package tenant. It answers 2xx only after the
// store has made a change durable, and never 401 or 404 for a fault of ours:
// Entra ID quarantines a job for these at once, whatever their number.
package server
