// Package directory keeps each tenant's resources, and beside each resource what
// is owed to the tenant's connections: desired version `v`, delivered version
// `dv`, intent, attempts. Three contracts (Store and its Edges, which are the
// memberships of groups; Deliveries), two stores that meet all of them (SQLite,
// MongoDB), one suite.
//
// A change of a resource and the note that it is owed are one atomic write, so
// that nothing acknowledged can be forgotten. What the attributes mean is left
// to package scim (the store sees index entries and an opaque body); when and
// how something owed is sent, to connectors/delivery.
//
// What the stores share is pure: the keys, all of which hold the tenant (key.go);
// the writes of a resource (change.go); what a body is found by (index.go) and
// where a filter is to look (plan.go); in which order a page is (order.go); what a
// change of members comes to (edges.go) and what a filter sees of them (attach.go); the delivery protocol, as transitions from
// one record to the next (delivery.go).
package directory
