//go:build !race

package delivery

import "time"

// patience is how long a test waits for what must come.
const patience = 20 * time.Second
