//go:build !race

package console

// Times mean something: each page is asked for several times, of an account that has
// gathered a lot over the years.
const (
	measured = true
	tries    = 7
	years    = 60
)
