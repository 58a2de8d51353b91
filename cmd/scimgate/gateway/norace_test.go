//go:build !race

package gateway_test

const (
	crowd    = 10_000
	patience = 1
)
