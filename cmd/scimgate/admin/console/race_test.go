//go:build race

package console

// Times mean nothing here, so that little is made and nothing tried twice.
const (
	measured = false
	tries    = 1
	years    = 3
)
