package console

import (
	"html/template"
	"net/http"
	"strings"
	"time"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

// changesShown is how many changes a page shows.
const changesShown = 50

// changesData is the page of who changed what, of one account or of all.
type changesData struct {
	Rows     []changeRow
	Filtered bool
	Tenant   string // as asked for, of all
	Actor    string
	Since    string // a day
	Until    string // a day, it included
	Next     template.URL
	Faults   []string
}

// changeRow is one change as a page tells it.
type changeRow struct{ admin.ChangeView }

// Mark says what became of it: of a look, and of a text under "changes.outcome".
func (r changeRow) Mark() string { return "change-" + string(r.Outcome) }

// What is what was done, in one word: an operation of the API by its id, of the
// console by its method, which the path follows in either case.
func (r changeRow) What() string {
	method, _, _ := strings.Cut(r.Operation, " ")
	return method
}

func (v *visit) changesPage() error {
	query := v.r.URL.Query()
	data := changesData{Actor: query.Get("actor"), Tenant: query.Get("tenant"), Since: query.Get("since"), Until: query.Get("until")}
	q := tenant.ChangeQuery{Tenant: tenant.ID(data.Tenant), Actor: data.Actor, After: query.Get("after"), Limit: changesShown}
	if v.tenant != nil {
		q.Tenant = v.tenant.ID
	}
	var ok1, ok2 bool
	q.Since, ok1 = dayOf(data.Since, 0)
	q.Until, ok2 = dayOf(data.Until, 1)
	if !ok1 || !ok2 {
		data.Faults = []string{texts.of("changes.fault.day")}
		return v.render(http.StatusUnprocessableEntity, "changes", data)
	}
	page, err := v.Service.Changes(v.r.Context(), q)
	if err != nil {
		return err
	}
	for _, c := range page.Items {
		data.Rows = append(data.Rows, changeRow{c})
	}
	data.Filtered = data.Actor+data.Since+data.Until+data.Tenant != "" || q.After != ""
	if page.Next != "" {
		query.Set("after", page.Next)
		data.Next = template.URL(query.Encode()) //nolint:gosec // encoded
	}
	return v.render(http.StatusOK, "changes", data)
}

// dayOf reads a day in UTC, and some days after it; the zero time for none.
func dayOf(text string, after int) (at time.Time, ok bool) {
	if text == "" {
		return at, true
	}
	day, err := time.Parse(time.DateOnly, text)
	return day.AddDate(0, 0, after), err == nil
}
