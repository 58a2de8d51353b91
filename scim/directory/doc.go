// Package directory keeps each tenant's resources, and beside each resource what
// is owed to the tenant's connections: desired version `v`, delivered version
// `dv`, intent, attempts; and what happened to it. Four contracts (Store and its
// Edges, which are the memberships of groups; Deliveries; Journal), two stores that
// meet all of them (SQLite, MongoDB), one suite.
//
// A change of a resource, the note that it is owed and the entry of the journal
// are one atomic write, so that nothing acknowledged can be forgotten or stay
// untold. What the attributes mean is left to package scim (the store sees index
// entries and an opaque body); when and how something owed is sent, to
// connectors/delivery.
//
// What the stores share is pure: the keys, all of which hold the tenant (key.go);
// the writes of a resource (change.go); what a body is found by (index.go,
// indexer.go, sortable.go) and where a filter is to look (plan.go); in which order a
// page is (order.go); what a change of members comes to (edges.go) and what a filter
// sees of them (attach.go); the delivery protocol, as transitions from one record to
// the next (delivery.go, held.go, audit.go, shares.go), how one is made (claim.go) and
// how all of a tenant's are (walk.go); how the work list is asked (owing.go); what an
// entry of the journal is called and how pages of them are read (journal_event.go,
// journal_read.go).
//
// What a file of that name is about, <file>_sqlite.go and <file>_mongo.go do to the
// store. SQLite has its tables in schema_sqlite.go, its statements in query_sqlite.go
// and query_text_sqlite.go; MongoDB's documents are described in store_mongo.go.
package directory
