package tenant

import (
	"testing"

	"scimgate/ratelimit"
)

func TestLimitOf(t *testing.T) {
	own := ratelimit.Limit{Rate: 100, Burst: 7}
	slow := ratelimit.Limit{Rate: 3, Burst: 2}
	cases := []struct {
		name               string
		set                Settings
		read, write, token ratelimit.Limit
	}{
		{"nothing is set", Settings{}, ratelimit.DefaultLimit, ratelimit.DefaultLimit, DefaultTokens},
		{"one for all requests", Settings{Limit: own}, own, own, DefaultTokens},
		{"by class", Settings{Limit: own, Limits: Limits{Write: ratelimit.Limit{Rate: 50, Burst: 1}}}, own, ratelimit.Limit{Rate: 50, Burst: 1}, DefaultTokens},
		{"of tokens", Settings{Limits: Limits{Token: slow}}, ratelimit.DefaultLimit, ratelimit.DefaultLimit, slow},
		{"never below what Microsoft asks", Settings{Limit: slow, Limits: Limits{Read: slow}}, ratelimit.Limit{Rate: 25, Burst: 2}, ratelimit.Limit{Rate: 25, Burst: 2}, DefaultTokens},
	}
	for _, c := range cases {
		for class, want := range map[Class]ratelimit.Limit{Reading: c.read, Writing: c.write, Tokens: c.token} {
			if got := c.set.LimitOf(class); got != want {
				t.Errorf("%s: %s is limited to %+v, want %+v", c.name, class, got, want)
			}
		}
	}
}
