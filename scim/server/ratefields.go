package server

import (
	"math"
	"strconv"

	"scimgate/ratelimit"
	"scimgate/tenant"
)

// showLimit tells what the tenant may do of a class and has left (RateLimit fields for HTTP,
// draft-ietf-httpapi-ratelimit-headers-10): q requests in w seconds; r are left,
// all of them again in t seconds.
func (c *call) showLimit(class tenant.Class, l ratelimit.Limit, d ratelimit.Decision) {
	quota := max(l.Burst, int(l.Rate))
	window := max(1, seconds(float64(l.Burst)/l.Rate))
	whole := max(seconds(float64(l.Burst-d.Remaining)/l.Rate), seconds(d.RetryAfter.Seconds()))
	h := c.w.Header()
	h["Ratelimit-Policy"] = []string{rateField(class, ";q=", quota, ";w=", window)}
	h["Ratelimit"] = []string{rateField(class, ";r=", d.Remaining, ";t=", whole)}
}

// seconds are rounded up, and less than a few hundred years.
func seconds(s float64) int { return int(min(math.Ceil(s), 1e10)) }

func rateField(class tenant.Class, first string, a int, second string, b int) string {
	field := make([]byte, 0, 40)
	field = append(append(append(append(field, '"'), class...), '"'), first...)
	field = append(strconv.AppendInt(field, int64(a), 10), second...)
	return string(strconv.AppendInt(field, int64(b), 10))
}
