//go:build race

package mapping

// slower is how many times longer things may take where every access is watched.
const slower = 10
