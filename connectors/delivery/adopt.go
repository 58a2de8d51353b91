package delivery

import "scimgate/tenant"

// adoptIn is the rule of a connection.
func adoptIn(t *tenant.Tenant, s tenant.Slot) tenant.Adopt {
	for _, c := range t.Connections {
		if c.Slot == s {
			return c.Adopt
		}
	}
	return tenant.AdoptAsk
}
