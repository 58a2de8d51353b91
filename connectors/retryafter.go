package connectors

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The bounds of what a target may ask for: an impatient target still gets a
// pause, a confused one cannot stop a connection for days.
const (
	minRetryAfter = time.Second
	maxRetryAfter = 15 * time.Minute
)

// ParseRetryAfter reads a Retry-After header (RFC 9110 §10.2.3), seconds or a
// date, as a wait from now of 1 s to 15 min. A header that is absent or makes no
// sense asks for nothing: 0.
func ParseRetryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, ok := parseSeconds(header); ok {
		return clampRetryAfter(seconds)
	}
	if at, err := http.ParseTime(header); err == nil {
		return clampRetryAfter(at.Sub(now))
	}
	return 0
}

// parseSeconds reads a whole number of any length and sign.
func parseSeconds(text string) (time.Duration, bool) {
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case strings.HasPrefix(text, "-"):
		return 0, true
	case err != nil || n > int64(maxRetryAfter/time.Second):
		return maxRetryAfter, true
	}
	return time.Duration(n) * time.Second, true
}

func clampRetryAfter(d time.Duration) time.Duration {
	return min(max(d, minRetryAfter), maxRetryAfter)
}
