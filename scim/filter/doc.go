// Package filter is the filter and path language of RFC 7644 §3.4.2.2 and §3.5.2:
// a hand-written parser into a small typed tree, its printer, and its evaluator
// over value.Object. Pure.
//
// Parse is the grammar; ParseLenient also reads what clients send beside it and
// says so. Every text is bounded (2 KiB, 8 levels, 20 comparisons) before it can
// cost anything.
//
// It leaves to package scim which attributes exist and how their values compare
// (Binder), and to scim/directory how an index answers a filter.
package filter
