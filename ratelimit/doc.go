// Package ratelimit decides how fast a key (a tenant) may go. Limit is what is
// configured, Decision what one request gets, Store where the state lives.
//
// The maths is GCRA, pure, in gcra.go. Which key is charged what, and what a
// refused caller is told, is left to the caller. It imports nothing of ours.
package ratelimit
