// Package directory keeps each tenant's resources, and beside each resource what
// is owed to the tenant's connections: desired version `v`, delivered version
// `dv`, intent, attempts. One contract (Store), two stores (SQLite, MongoDB),
// one suite.
//
// A change of a resource and the note that it is owed are one atomic write, so
// that nothing acknowledged can be forgotten. What the attributes mean is left
// to package scim (the store sees index entries and an opaque body); when and
// how something owed is sent, to connectors/delivery.
package directory
