package ratelimit

import "context"

// Store takes from a key's allowance in one atomic step.
type Store interface {
	// Take charges cost requests to key under limit l. A zero Limit means
	// DefaultLimit. A refusal charges nothing. An error means that the Store
	// cannot answer now; the caller goes on without it.
	Take(ctx context.Context, key string, l Limit, cost int) (Decision, error)
}
