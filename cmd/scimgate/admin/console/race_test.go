//go:build race

package console

// measured says that times mean nothing here.
const measured = false
