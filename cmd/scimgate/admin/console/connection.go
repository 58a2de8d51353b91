package console

import (
	"cmp"
	"net/http"

	"scimgate/cmd/scimgate/admin"
	"scimgate/connectors/delivery"
	"scimgate/tenant"
)

// connectionData is the page of where an account's users go.
type connectionData struct {
	Connections []connectionRow
	Tested      string // id of the connection that was just tested
	Result      admin.TestResult
	Faults      []string
	BaseURL     string // as it was sent
	Refused     []string
	Guard       tenant.Guard // in force
	GuardFaults []string
}

// connectionRow is a connection with what of its settings is no secret.
type connectionRow struct {
	tenant.Connection
	Settings []admin.Setting
	Breaker  *delivery.ConnectionState // nil where this process delivers nothing
	Probed   *admin.ProbeView          // nil where the account was never asked
}

// Waits reports whether settings wait for the account to accept them.
func (r connectionRow) Waits() bool { return r.Next != nil }

// State says whether deliveries flow: the key of a text under "breaker.state", and
// of a look.
func (r connectionRow) State() string { return string(r.Breaker.State) }

// AdoptRules are whom a connection can adopt.
func (r connectionRow) AdoptRules() []tenant.Adopt {
	return []tenant.Adopt{tenant.AdoptAsk, tenant.AdoptUserName, tenant.AdoptExternalID}
}

// AdoptRule is whom it does adopt.
func (r connectionRow) AdoptRule() tenant.Adopt { return cmp.Or(r.Adopt, tenant.AdoptAsk) }

// accountConnection is the id of the connection to the Appspace account.
const accountConnection = "appspace"

// HasAccount reports whether the Appspace account is connected.
func (d connectionData) HasAccount() bool {
	for _, c := range d.Connections {
		if c.ID == accountConnection {
			return true
		}
	}
	return false
}

func (v *visit) connection() error { return v.showConnection(http.StatusOK, connectionData{}) }

func (v *visit) showConnection(status int, data connectionData) error {
	data.Guard = v.tenant.Settings.Guard.Filled()
	breakers, err := v.breakers()
	if err != nil {
		return err
	}
	for _, c := range v.tenant.Connections {
		settings, err := v.Service.PublicSettings(v.r.Context(), v.tenant.ID, c)
		if err != nil {
			return err
		}
		row := connectionRow{Connection: c, Settings: settings, Probed: admin.Probed(c)}
		if state, ok := breakers[c.ID]; ok {
			row.Breaker = &state
		}
		data.Connections = append(data.Connections, row)
		if c.ID == accountConnection && data.BaseURL == "" {
			data.BaseURL = settingOf(settings, "baseURL")
		}
	}
	return v.render(status, "connection", data)
}

func settingOf(settings []admin.Setting, name string) string {
	for _, s := range settings {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}

// leadsElsewhere reports whether there is a connection to another address.
func (v *visit) leadsElsewhere(baseURL string) bool {
	c := v.accountConnection()
	if c == nil {
		return false
	}
	settings, err := v.Service.PublicSettings(v.r.Context(), v.tenant.ID, *c)
	return err != nil || settingOf(settings, "baseURL") != baseURL
}

// saveConnection makes the connection to the Appspace account, or changes where
// it leads. Without a token the one that is there stays.
func (v *visit) saveConnection() error {
	given := map[string]any{"baseURL": v.field("baseURL")}
	if token := v.field("token"); token != "" {
		given["token"] = token
	} else if v.leadsElsewhere(v.field("baseURL")) { // the token is not shown to another address
		return v.showConnection(http.StatusUnprocessableEntity, connectionData{
			Faults: []string{texts.of("connection.fault.token")}, BaseURL: v.field("baseURL"),
		})
	}
	_, err := v.Service.ChangeSettings(v.r.Context(), v.tenant.ID, accountConnection, accountConnection, given)
	if faults := faultsOf(err); faults != nil {
		return v.showConnection(http.StatusUnprocessableEntity, connectionData{Faults: faults, BaseURL: v.field("baseURL")})
	}
	if err != nil {
		return err
	}
	return v.done("connection", "connected")
}

func (v *visit) pauseConnection() error {
	paused := v.field("to") == "paused"
	_, err := v.Service.ChangeConnection(v.r.Context(), v.tenant.ID, v.r.PathValue("connection"), admin.ConnectionInput{Paused: &paused})
	if err != nil {
		return err
	}
	if paused {
		return v.done("connection", "paused")
	}
	return v.done("connection", "resumed")
}

// probeConnection finds out what the account can do.
func (v *visit) probeConnection() error {
	_, err := v.Service.ProbeConnection(v.r.Context(), v.tenant.ID, v.r.PathValue("connection"))
	if faults := faultsOf(err); faults != nil {
		return v.showConnection(http.StatusUnprocessableEntity, connectionData{Refused: faults})
	}
	if err != nil {
		return err
	}
	return v.done("connection", "probed")
}

// replaceToken puts the account's next token beside the one in force, until the
// account has accepted it.
func (v *visit) replaceToken() error {
	id, token := v.r.PathValue("connection"), v.field("token")
	if token == "" {
		return v.showConnection(http.StatusUnprocessableEntity, connectionData{Refused: []string{texts.of("connection.fault.next")}})
	}
	c, err := v.Service.ReplaceToken(v.r.Context(), v.tenant.ID, id, token)
	if faults := faultsOf(err); faults != nil {
		return v.showConnection(http.StatusUnprocessableEntity, connectionData{Refused: faults})
	}
	if err != nil {
		return err
	}
	if c.Next != nil {
		return v.done("connection", "nextWaits")
	}
	return v.done("connection", "nextTaken")
}

// testConnection asks the account, and shows what it said.
func (v *visit) testConnection() error {
	id := v.r.PathValue("connection")
	result, err := v.Service.TestConnection(v.r.Context(), v.tenant.ID, id)
	if err != nil {
		return err
	}
	if v.tenant, err = v.Service.Tenants.Tenant(v.r.Context(), v.tenant.ID); err != nil { // what waited may be in force
		return err
	}
	return v.showConnection(http.StatusOK, connectionData{Tested: id, Result: result})
}
