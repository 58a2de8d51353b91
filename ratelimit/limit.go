package ratelimit

import "time"

// Limit is how fast one key may go.
type Limit struct {
	Rate  float64 `json:"rate"`  // requests per second, sustained
	Burst int     `json:"burst"` // requests at once after a rest, at least 1
}

// DefaultLimit is a tenant's limit where nothing else is set: twice the 25
// requests per second that Microsoft asks of a gallery app.
var DefaultLimit = Limit{Rate: 50, Burst: 200}

// MaxPace is how long a request over its limit is held back before it would be
// refused instead (design 6.11): Entra quarantines for refusals, not for delay.
const MaxPace = 2 * time.Second

// Decision is what one request gets.
type Decision struct {
	Allowed    bool
	Wait       time.Duration // if allowed: hold the request this long first, at most MaxPace
	Remaining  int           // requests left of the burst
	RetryAfter time.Duration // if refused: try again no sooner
}
