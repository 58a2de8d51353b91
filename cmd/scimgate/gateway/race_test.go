//go:build race

package gateway_test

// crowd is how many users a tenant has, and patience how much longer things take.
const (
	crowd    = 1_000
	patience = 10
)
