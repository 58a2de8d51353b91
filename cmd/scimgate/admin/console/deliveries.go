package console

import (
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/scim/directory"
)

// deliveriesData is the page of what is due or parked.
type deliveriesData struct {
	State  directory.State
	Rows   []owedRow
	Oldest time.Time    // change among those shown
	Next   template.URL // query of the next page; "" where there is none
}

// owedRow is one delivery, with the name of what is delivered.
type owedRow struct {
	admin.Owed
	Section string // where its page is
	Name    string // "" once it was deleted
	Since   time.Time
}

// deliveriesShown bounds the rows of the page: each is looked up by name.
const deliveriesShown = 75

func (v *visit) deliveries() error {
	data := deliveriesData{State: v.chosenState()}
	page, err := v.Service.Deliveries(v.r.Context(), v.tenant.ID, data.State, v.r.URL.Query().Get("after"), deliveriesShown)
	if faultsOf(err) != nil {
		return errNotFound
	}
	if err != nil {
		return err
	}
	if page.Next != "" {
		next := url.Values{"state": {string(data.State)}, "after": {page.Next}}
		data.Next = template.URL(next.Encode()) //nolint:gosec // encoded
	}
	if data.Rows, err = together(page.Items, v.owedRow); err != nil {
		return err
	}
	for _, row := range data.Rows {
		if data.Oldest.IsZero() || !row.Since.IsZero() && row.Since.Before(data.Oldest) {
			data.Oldest = row.Since
		}
	}
	return v.render(http.StatusOK, "deliveries", data)
}

// chosenState is the state that is asked for, else the first in which anything is.
func (v *visit) chosenState() directory.State {
	asked := directory.State(v.r.URL.Query().Get("state"))
	if slices.Contains(states, asked) {
		return asked
	}
	if h, err := v.health(v.r.Context(), v.tenant); err == nil {
		for _, state := range states {
			if h.Count(string(state)).N > 0 {
				return state
			}
		}
	}
	return directory.Due
}

func (v *visit) owedRow(o admin.Owed) (owedRow, error) {
	row := owedRow{Owed: o, Section: strings.ToLower(o.ResourceType) + "s"}
	r, err := v.Service.Directory.Get(v.r.Context(), v.tenant.ID, directory.Ref{Kind: o.ResourceType, ID: o.ID})
	switch {
	case err == nil:
		row.Name, row.Since = r.Display(), r.LastModified
		return row, nil
	case isMissing(err): // it was deleted
		return row, nil
	default:
		return row, err
	}
}

// replay sends one resource again, or all that is parked.
func (v *visit) replay() error {
	in := admin.ReplayInput{ID: v.field("id"), Connection: v.field("connection")}
	if in.ID == "" {
		in.State = directory.Parked
	}
	if _, err := v.Service.Replay(v.r.Context(), v.tenant.ID, in); err != nil {
		return err
	}
	if section := v.field("section"); in.ID != "" && (section == "users" || section == "groups") {
		return v.done(section+"/"+url.PathEscape(in.ID), "replayed")
	}
	return v.done("deliveries", "replayed")
}

// release lets those leave that the guard stopped: one, or all of them.
func (v *visit) release() error {
	_, err := v.Service.Release(v.r.Context(), v.tenant.ID, v.heldInput())
	if err != nil {
		return err
	}
	return v.done("deliveries", "released")
}

// discard has the account keep those that the guard stopped.
func (v *visit) discard() error {
	_, err := v.Service.Discard(v.r.Context(), v.tenant.ID, v.heldInput())
	if err != nil {
		return err
	}
	return v.done("deliveries", "discarded")
}

func (v *visit) heldInput() admin.HeldInput {
	if id := v.field("id"); id != "" {
		return admin.HeldInput{IDs: []string{id}}
	}
	return admin.HeldInput{}
}
