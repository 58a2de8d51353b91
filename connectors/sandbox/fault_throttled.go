package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// datePrefix begins a Retry-After that is told as a distance and sent as a date.
const datePrefix = "date:"

// throttled asks for patience, in whatever form it is told to.
func throttled(a arguments) behaviour {
	return func(s strike) {
		a.putRetryAfter(s.w.Header())
		s.refuse(http.StatusTooManyRequests, "The account asks to slow down.")
	}
}

// putRetryAfter sends the argument as it stands, sense or nonsense, except for
// a date that is told by its distance.
func (a arguments) putRetryAfter(h http.Header) {
	text := a["retryAfter"]
	if in, ok := strings.CutPrefix(text, datePrefix); ok {
		distance, _ := time.ParseDuration(in)
		text = time.Now().Add(distance).UTC().Format(http.TimeFormat)
	}
	if text != "" {
		h.Set("Retry-After", text)
	}
}
