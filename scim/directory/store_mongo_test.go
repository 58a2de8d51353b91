package directory

import "testing"

func parkManyElsewhere(t *testing.T, s subject, count int, work string) {
	t.Fatalf("%T", s)
}
