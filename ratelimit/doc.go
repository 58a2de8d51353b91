// Package ratelimit decides how fast a key (a tenant) may go. Limit is what is
// configured, Decision what one request gets, Store where the state lives.
//
//	Limit.Charge   the maths (GCRA), pure: state and time in, state and Decision out
//	Limit.Lend     the same, and a few requests more to spend later
//	Local          a Store in process memory, on golang.org/x/time/rate
//	Redis          a Store that processes share, one script call a request
//	Leases         Redis, asked less often by who uses much
//	Fallback       those, and a share of the limit in Local while it is away
//	Census         how many processes share it, by Redis
//
// A request over its limit is first held back, up to MaxPace, and only then
// refused. Which key is charged what, who waits, and what a refused caller is
// told, is left to the caller. It imports nothing of ours.
package ratelimit
