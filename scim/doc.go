// Package scim is SCIM 2.0 as values: Schema, ResourceType, Resource, Patch,
// projection of attributes and Error, by RFC 7643 and RFC 7644. Pure: no clock,
// no store, no HTTP.
//
// Its neighbours below: value (JSON) and filter (the filter and path language).
// Above: directory keeps Resources, server speaks HTTP.
package scim
