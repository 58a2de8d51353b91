package console

import (
	"html/template"
	"net/http"
	"net/url"

	"scimgate/cmd/scimgate/admin"
	"scimgate/connectors/delivery"
	"scimgate/scim/directory"
	"scimgate/tenant"
)

// breakers tell by connection whether deliveries flow; nil where nobody tells.
func (v *visit) breakers() (map[string]delivery.ConnectionState, error) {
	if v.Service.Breakers == nil {
		return nil, nil //nolint:nilnil // nothing is known of any
	}
	known, err := v.Service.Breakers(v.r.Context(), v.tenant.ID)
	if err != nil {
		return nil, err
	}
	all := map[string]delivery.ConnectionState{}
	for _, c := range v.tenant.Connections {
		all[c.ID] = delivery.ConnectionState{State: delivery.BreakerClosed}
	}
	for _, state := range known {
		all[state.Connection] = state
	}
	return all, nil
}

// saveAdopt sets which of the account's users become the tenant's.
func (v *visit) saveAdopt() error {
	in := admin.ConnectionInput{}
	switch rule := tenant.Adopt(v.field("adopt")); rule {
	case tenant.AdoptAsk, tenant.AdoptUserName, tenant.AdoptExternalID:
		in.Adopt = rule
	}
	return v.changeConnection(in, "saved")
}

// switchShadow has a connection work out what would be sent, or send it.
func (v *visit) switchShadow() error {
	shadow, what := v.field("to") == "on", "shadowOff"
	if shadow {
		what = "shadowOn"
	}
	return v.changeConnection(admin.ConnectionInput{Shadow: &shadow}, what)
}

// changeConnection changes the connection that the path names. What was done is a
// text under "done".
func (v *visit) changeConnection(in admin.ConnectionInput, what string) error {
	_, err := v.Service.ChangeConnection(v.r.Context(), v.tenant.ID, v.r.PathValue("connection"), in)
	if faults := faultsOf(err); faults != nil {
		return v.showConnection(http.StatusUnprocessableEntity, connectionData{Refused: faults})
	}
	if err != nil {
		return err
	}
	return v.done("connection", what)
}

// saveGuard sets how many users may leave at once.
func (v *visit) saveGuard() error {
	least, percent, off := v.number("least", 0, 100_000_000, -1), v.number("percent", 0, 100, -1), v.ticked("off")
	if !off && (least < 0 || percent < 0) {
		return v.showConnection(http.StatusUnprocessableEntity, connectionData{GuardFaults: []string{texts.of("connection.fault.guard")}})
	}
	in := admin.GuardInput{Off: &off}
	if !off {
		in.Least, in.Percent = &least, &percent
	}
	_, err := v.Service.ChangeTenant(v.r.Context(), v.tenant.ID, admin.TenantChange{Settings: &admin.SettingsInput{Guard: &in}})
	if err != nil {
		return err
	}
	return v.done("connection", "saved")
}

// planData is the page of what would be sent at a connection.
type planData struct {
	Connection tenant.Connection
	Rows       []planRow
	Next       template.URL // query of the next page; "" where there is none
}

// planRow is one delivery that would be made.
type planRow struct {
	admin.Planned
	Section string // where its page is
	Name    string // "" once it was deleted
	Others  int    // paths beyond those shown
}

// What a page shows of plans.
const (
	plansShown = 50
	pathsShown = 12 // of each
)

// plan works out what would be sent, and sends nothing.
func (v *visit) plan() error {
	id := v.r.PathValue("connection")
	page, err := v.Service.Plans(v.r.Context(), v.tenant.ID, id, v.r.URL.Query().Get("after"), plansShown, false)
	if faultsOf(err) != nil {
		return errNotFound
	}
	if err != nil {
		return err
	}
	data := planData{}
	for _, c := range v.tenant.Connections {
		if c.ID == id {
			data.Connection = c
		}
	}
	if data.Rows, err = together(page.Items, v.planRow); err != nil {
		return err
	}
	if page.Next != "" {
		data.Next = template.URL(url.Values{"after": {page.Next}}.Encode()) //nolint:gosec // encoded
	}
	return v.render(http.StatusOK, "plan", data)
}

func (v *visit) planRow(p admin.Planned) (planRow, error) {
	name, err := v.nameOf(directory.Ref{Kind: p.ResourceType, ID: p.ID})
	row := planRow{Planned: p, Section: sectionOfKind[p.ResourceType], Name: name, Others: max(len(p.Paths)-pathsShown, 0)}
	row.Paths = p.Paths[:len(p.Paths)-row.Others]
	return row, err
}

// sectionOfKind is where resources of a type have their pages.
var sectionOfKind = map[string]string{"User": "users", "Group": "groups"}
