package console

import (
	"html/template"
	"net/http"
	"strings"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/traffic"
	"scimgate/scim/directory"
)

// storyLength is how many entries a page shows of a journal.
const storyLength = 60

// event is one entry of the journal as a page tells it.
type event struct {
	admin.JournalEntry
	Section string // where the resource has its page
	Mark    string // the key of a look, and what the entry is called under "journal"
}

// activityData is the page of everything that was asked and delivered.
type activityData struct {
	Show   string // one of shows
	Seen   traffic.Picture
	Lines  []requestLine // the last requests, if these are shown
	Events []event
	Next   template.URL // query of what is older; "" where that is all
	Faults []string
}

func (v *visit) activity() error {
	query := v.r.URL.Query()
	if query.Get("show") == "requests" {
		return v.requests()
	}
	page, err := v.Service.Journal(v.r.Context(), v.tenant.ID, directory.JournalQuery{
		Newest: true, Limit: storyLength, After: query.Get("after"), Request: query.Get("request"),
	})
	data := activityData{Show: "kept", Events: eventsOf(page), Faults: faultsOf(err)}
	if data.Faults != nil {
		return v.render(http.StatusUnprocessableEntity, "activity", data)
	}
	if err != nil {
		return err
	}
	if page.Next != "" {
		query.Del("done")
		query.Set("after", page.Next)
		data.Next = template.URL(query.Encode()) //nolint:gosec // encoded
	}
	return v.render(http.StatusOK, "activity", data)
}

// story is what happened to one resource, newest first.
func (v *visit) story(ref directory.Ref) ([]event, error) {
	page, err := v.Service.Journal(v.r.Context(), v.tenant.ID, directory.JournalQuery{Ref: ref, Newest: true, Limit: storyShown})
	if isMissing(err) { // kept from before there was a journal
		return nil, nil
	}
	return eventsOf(page), err
}

func eventsOf(page admin.JournalPage) []event {
	events := make([]event, len(page.Items))
	for i, entry := range page.Items {
		events[i] = event{JournalEntry: entry, Section: strings.ToLower(entry.ResourceType) + "s", Mark: markOf(entry)}
	}
	return events
}

// markOf is what an entry comes to.
func markOf(entry admin.JournalEntry) string {
	switch {
	case entry.Attempt != nil:
		return string(entry.Attempt.Outcome)
	case entry.Change.Status >= http.StatusBadRequest:
		return "refused"
	case entry.Change.NoOp:
		return "unchanged"
	default:
		return "stored"
	}
}
