//go:build !race

package console

// measured says that times mean something.
const measured = true
