// Package filter is the filter and path language of RFC 7644 §3.4.2.2 and §3.5.2:
// a hand-written parser into a small typed tree, its printer, and its evaluator
// over value.Object. Pure.
//
// It leaves to package scim which attributes exist and how their values compare
// (Binder), and to scim/directory how an index answers a filter.
package filter
