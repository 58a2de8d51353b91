package server

import (
	"slices"
	"testing"
	"time"

	"scimgate/tenant"
)

// Whichever way a client signs in, a request after its first costs less than 50 µs
// for it: the medians, asked for turn by turn.
func TestSignInCostsLittle(t *testing.T) {
	d := newDesk(t)
	secret, token := tenant.NewToken(d.keys, "acme", "", noon.AddDate(1, 0, 0), noon)
	d.must(d.store.CreateToken(t.Context(), token))
	ways := map[string]string{
		"token":             secret,
		"client":            d.token(d.ask(form(), d.client.ID, d.secret)),
		"federated":         d.token(d.ask(d.asserting(d.federated, d.good(d.federated, nil)))),
		"Entra's own token": d.good(d.entra, nil),
	}
	took := map[string][]time.Duration{}
	for range 2000 {
		for way, bearer := range ways {
			begin := time.Now()
			err := d.opens("acme", bearer)
			took[way] = append(took[way], time.Since(begin))
			d.must(err)
		}
	}
	for way, all := range took {
		first := all[0]
		slices.Sort(all)
		median := all[len(all)/2]
		t.Logf("%-18s first %v, then %v", way, first, median)
		if median >= 50*time.Microsecond {
			t.Errorf("%s: %v", way, median)
		}
	}
}
