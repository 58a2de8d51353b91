package sandbox

import (
	"math"
	"time"
)

// hang answers nothing until the client is gone.
func hang(arguments) behaviour {
	return func(s strike) {
		s.keepBody()
		s.wait(time.Duration(math.MaxInt64))
		s.cut()
	}
}
