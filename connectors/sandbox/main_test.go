package sandbox

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain shows that nothing a fault started is left behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
