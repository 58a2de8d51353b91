//go:build race

package delivery

import "time"

// patience is how long a test waits for what must come. The race detector makes
// everything several times slower, on a machine that tests other packages too.
const patience = time.Minute
