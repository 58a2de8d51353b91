package console

import (
	"net/http"
	"slices"

	"scimgate/cmd/scimgate/admin"
	"scimgate/tenant"
)

// keysData is the page of an account's API keys, or of all.
type keysData struct {
	Keys   []keyRow
	Roles  []Role         // that a new one can have
	New    *admin.MadeKey // just made; its secret is shown this once
	Next   string         // id to go on from; "" where that is all
	Faults []string
}

type keyRow struct{ *tenant.APIKey }

// Mark says how it stands with the key: the key of a text under "token".
func (r keyRow) Mark() string {
	switch left := r.Expires.Sub(now()); {
	case left <= 0:
		return "expired"
	case left < soonKey:
		return "expiring"
	default:
		return "valid"
	}
}

// soonKey is when an API key is about to expire: it lives for less long than tokens.
const soonKey = soon / 2

// keysShown is how many a page shows.
const keysShown = 100

func (v *visit) keys() error { return v.showKeys(http.StatusOK, keysData{}) }

func (v *visit) showKeys(status int, data keysData) error {
	keys, err := v.keysOf(v.r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	if len(keys) == keysShown {
		data.Next = keys[keysShown-1].ID
	}
	for _, k := range keys {
		data.Keys = append(data.Keys, keyRow{k})
	}
	slices.SortStableFunc(data.Keys, func(a, b keyRow) int { return b.Created.Compare(a.Created) })
	data.Roles = []Role{Operator, Support}
	if v.tenant != nil {
		data.Roles = []Role{Administrator, Support}
	}
	return v.render(status, "keys", data)
}

// keysOf are the account's keys, or where the page is of none, all.
func (v *visit) keysOf(after string) ([]*tenant.APIKey, error) {
	if v.tenant != nil {
		return v.Service.TenantKeys(v.r.Context(), v.tenant.ID, after, keysShown)
	}
	return v.Service.Tenants.APIKeys(v.r.Context(), "", after, keysShown)
}

// createKey makes a key and shows its secret, here and never again.
func (v *visit) createKey() error {
	in := admin.OperatorKeyInput{
		Name: v.field("name"), Role: Role(v.field("role")), Tenant: tenant.ID(v.field("tenant")),
		ExpiresInDays: v.number("days", 1, 730, admin.DefaultKeyDays),
	}
	if faults := v.keyFaults(in); faults != nil {
		return v.showKeys(http.StatusUnprocessableEntity, keysData{Faults: faults})
	}
	made, err := v.makeKey(in)
	if isMissing(err) {
		return v.showKeys(http.StatusUnprocessableEntity, keysData{Faults: []string{texts.of("keys.fault.tenant")}})
	}
	if faults := faultsOf(err); faults != nil {
		return v.showKeys(http.StatusUnprocessableEntity, keysData{Faults: faults})
	}
	if err != nil {
		return err
	}
	return v.showKeys(http.StatusOK, keysData{New: made})
}

func (v *visit) makeKey(in admin.OperatorKeyInput) (*admin.MadeKey, error) {
	if v.tenant != nil {
		return v.Service.CreateKey(v.r.Context(), v.tenant.ID, admin.KeyInput{Name: in.Name, Role: in.Role, ExpiresInDays: in.ExpiresInDays})
	}
	return v.Service.CreateOperatorKey(v.r.Context(), in)
}

func (v *visit) keyFaults(in admin.OperatorKeyInput) (faults []string) {
	if in.Name == "" || len(in.Name) > maxName {
		faults = append(faults, texts.of("keys.fault.name"))
	}
	role := Operator
	if v.tenant != nil {
		role = Administrator
	}
	if in.Role != role && in.Role != Support {
		faults = append(faults, texts.of("keys.fault.role"))
	}
	return faults
}

func (v *visit) revokeKey() error {
	id := v.r.PathValue("apiKey")
	if v.tenant == nil {
		if err := v.Service.RevokeAnyKey(v.r.Context(), id); err != nil {
			return err
		}
		return v.redirect("/keys?done=keyRevoked")
	}
	if err := v.Service.RevokeKey(v.r.Context(), v.tenant.ID, id); err != nil {
		return err
	}
	return v.done("keys", "keyRevoked")
}
