// Package value holds JSON values the way SCIM needs them: objects that keep
// their order and spelling and are looked up without regard to case (RFC 7643
// §2.1), and numbers that keep every digit.
//
// It owns the JSON front (Parse, with every bound on hostile input), printing,
// equality, the exact comparison of numbers and the one folding of text (Fold)
// that uniqueness, filters and the index share. What a value means (types, schemas, required attributes) is left
// to package scim; how values are compared in a filter, to package filter.
package value
