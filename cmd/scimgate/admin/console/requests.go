package console

import (
	"net/http"

	"scimgate/scim/server"
)

// shows are what the page can show: what is in the journal, or the last requests.
var shows = []string{"kept", "requests"}

// requestLine is one request as a page tells it.
type requestLine struct{ server.Line }

// Milliseconds is how long the answer took.
func (l requestLine) Milliseconds() float64 { return l.Took.Seconds() * 1000 }

// Mark is the key of the look of an answer.
func (l requestLine) Mark() string {
	switch {
	case l.Status >= http.StatusInternalServerError:
		return "failed"
	case l.Status >= http.StatusBadRequest:
		return "refused"
	default:
		return "well"
	}
}

// requests shows the last requests that were answered.
func (v *visit) requests() error {
	data := activityData{Show: "requests", Seen: v.Traffic.Of(v.r.Context(), v.tenant.ID).After(v.tenant.Created)}
	for _, one := range data.Seen.Lines {
		data.Lines = append(data.Lines, requestLine{one})
	}
	return v.render(http.StatusOK, "activity", data)
}
