package console

import (
	"net/http"
	"strconv"

	"scimgate/cmd/scimgate/admin"
	"scimgate/cmd/scimgate/entra"
	"scimgate/ratelimit"
	"scimgate/tenant"
)

// settingsData is the page of the guide: Users > Settings > User provisioning > SCIM.
type settingsData struct {
	TenantURL string
	New       *admin.Minted // just made; its secret is shown this once
	Tokens    []*tenant.Token
	Limit     ratelimit.Limit    // in force
	Limits    []classLimit       // by kind of requests
	Groups    *tenant.Connection // to the account, which has group sync or not; nil: none
	Faults    []string
	Probed    *entra.Report // nil: nothing was tested
	Drilled   *drilled      // nil: nothing was drilled
	Refused   []string      // why it was not
}

// Live is how many tokens can be used.
func (d settingsData) Live() int {
	live := 0
	for _, token := range d.Tokens {
		if token.Expires.After(now()) {
			live++
		}
	}
	return live
}

func (v *visit) settings() error { return v.showSettings(http.StatusOK, settingsData{}) }

func (v *visit) showSettings(status int, data settingsData) error {
	var err error
	data.TenantURL, data.Limit = v.Service.TenantURL(v.tenant.ID), v.tenant.Settings.Limit
	if data.Limit == (ratelimit.Limit{}) {
		data.Limit = ratelimit.DefaultLimit
	}
	data.Limits = classLimits(v.tenant.Settings.Limits)
	data.Groups = v.accountConnection()
	if data.Tokens, err = v.Service.Tokens(v.r.Context(), v.tenant.ID); err != nil {
		return err
	}
	return v.render(status, "settings", data)
}

// saveSettings takes the switches of the page. Each part of it is a form of its
// own, and says which part it is.
func (v *visit) saveSettings() error {
	in := admin.SettingsInput{}
	switch v.field("part") {
	case "justInTime":
		off := v.ticked("justInTimeOff")
		in.JustInTimeOff = &off
	case "options":
		activation, strict := v.ticked("automaticActivation"), v.ticked("strict")
		in.AutomaticActivation, in.Strict = &activation, &strict
		if policy := v.field("onDelete"); policy == string(tenant.Suspend) || policy == string(tenant.Delete) {
			in.OnDelete = &policy
		}
	}
	return v.change(in, "saved")
}

func (v *visit) switchSCIM() error {
	paused := v.field("to") == "off"
	what := "scimOn"
	if paused {
		what = "scimOff"
	}
	return v.change(admin.SettingsInput{Paused: &paused}, what)
}

// accountConnection is the connection to the Appspace account, or nil.
func (v *visit) accountConnection() *tenant.Connection {
	for i := range v.tenant.Connections {
		if v.tenant.Connections[i].ID == accountConnection {
			return &v.tenant.Connections[i]
		}
	}
	return nil
}

// switchGroups turns user group sync on or off.
func (v *visit) switchGroups() error {
	on, what := v.field("to") == "on", "groupsOff"
	if on {
		what = "groupsOn"
	}
	_, err := v.Service.ChangeConnection(v.r.Context(), v.tenant.ID, accountConnection, admin.ConnectionInput{Groups: &on})
	if faults := faultsOf(err); faults != nil {
		return v.showSettings(http.StatusUnprocessableEntity, settingsData{Faults: faults})
	}
	if err != nil {
		return err
	}
	return v.done("settings", what)
}

// testTenantURL plays Entra's test connection, and shows what came of each step.
func (v *visit) testTenantURL() error {
	report, err := v.Service.TestTenantURL(v.r.Context(), v.tenant.ID)
	if faults := faultsOf(err); faults != nil {
		return v.showSettings(http.StatusUnprocessableEntity, settingsData{Refused: faults})
	}
	if err != nil {
		return err
	}
	return v.showSettings(http.StatusOK, settingsData{Probed: report})
}

// drilled is what a drill found, by area.
type drilled struct {
	*entra.Drilled
	Areas []drilledArea
}

type drilledArea struct {
	Name        string
	Passed, All int
	Failed      []entra.Row
}

// drillTenantURL plays all that identity providers are known to send, and shows what
// came of it.
func (v *visit) drillTenantURL() error {
	found, err := v.Service.DrillTenantURL(v.r.Context(), v.tenant.ID)
	if faults := faultsOf(err); faults != nil {
		return v.showSettings(http.StatusUnprocessableEntity, settingsData{Refused: faults})
	}
	if err != nil {
		return err
	}
	return v.showSettings(http.StatusOK, settingsData{Drilled: byArea(found)})
}

func byArea(found *entra.Drilled) *drilled {
	d := &drilled{Drilled: found}
	for _, row := range found.Rows {
		if n := len(d.Areas); n == 0 || d.Areas[n-1].Name != row.Area {
			d.Areas = append(d.Areas, drilledArea{Name: row.Area})
		}
		area := &d.Areas[len(d.Areas)-1]
		area.All++
		if row.OK {
			area.Passed++
		} else {
			area.Failed = append(area.Failed, row)
		}
	}
	return d
}

func (v *visit) change(in admin.SettingsInput, done string) error {
	_, err := v.Service.ChangeTenant(v.r.Context(), v.tenant.ID, admin.TenantChange{Settings: &in})
	if err != nil {
		return err
	}
	return v.done("settings", done)
}

// number is a whole number of the form within bounds, else another.
func (v *visit) number(name string, least, most, otherwise int) int {
	n, err := strconv.Atoi(v.field(name))
	if err != nil || n < least || n > most {
		return otherwise
	}
	return n
}
