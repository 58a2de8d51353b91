// Package scim is SCIM 2.0 as values: Schema, ResourceType, Resource, Patch,
// Selection and Error, by RFC 7643 and RFC 7644. Pure: no clock, no store, no HTTP.
//
// A body becomes a Resource, and a Resource an answer:
//
//	ParseBody ─► ReadNew (POST) ───────────┐
//	          ─► Replace (PUT) ────────────┼─► Resource ─► AppendResource
//	          ─► ParsePatch, Apply (PATCH) ┘      │
//	BindFilter, BindSort ─────────────────────► Match, Leading
//	ReadBulk, ReadSearch: what is asked for many at once
//
// All three ways in share one reading of a value (Attribute.read: read.go) and one
// finishing of a resource (ResourceType.finish). What a client sent is what it
// reads back: names take the schema's spelling, booleans and complex values their
// form, all else stays to the byte. Each deviation from the RFCs that is accepted
// is a Leniency, allowed and counted by Mode.
//
// A group's members are Edges, never part of its body: what a request wants of them
// travels beside it as a MemberChange (members.go, roster.go).
//
// What a tenant's service defines are its Definitions: the schemas in
// schemas/*.json, which every tenant has, and its own custom attributes.
//
// Its neighbours below: value (JSON) and filter (the filter and path language).
// Above: directory keeps Resources, server speaks HTTP.
package scim
