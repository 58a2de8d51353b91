//go:build !race

package mapping

const slower = 1
