package entra

import (
	"testing"
)

// Our own service takes all that Entra and Okta send: every row is green, with
// each way to write the Tenant URL.
func TestDrillOfOwnService(t *testing.T) {
	for _, suffix := range []string{"", "/?aadOptscim062020"} {
		r, err := Drill(t.Context(), gateway(t, suffix, 1), Exercise{})
		if err != nil || !r.OK {
			t.Errorf("%q: %d of %d rows are red, %v left, %v", suffix, r.Failed, len(r.Rows), r.Left, err)
		}
		for _, row := range r.Rows {
			if !row.OK {
				t.Errorf("%s: %s: %s\n%+v", row.Area, row.Name, row.Reason, row.Exchanges[len(row.Exchanges)-1])
			}
		}
	}
}
