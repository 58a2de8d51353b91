package admin

import (
	"cmp"
	"fmt"
	"time"

	"scimgate/connectors"
	"scimgate/tenant"
)

// setAdopt changes whom a connection adopts. Who is parked as a conflict is then
// looked at anew, with all others.
func setAdopt(c *tenant.Connection, rule tenant.Adopt) {
	if rule == "" || rule == cmp.Or(c.Adopt, tenant.AdoptAsk) {
		return
	}
	c.Adopt = rule
	c.Resync = append(c.Resync[:len(c.Resync):len(c.Resync)], time.Now().UTC())
}

// checkAdopt refuses a rule where there is nobody to adopt.
func checkAdopt(c tenant.Connection, connector connectors.Connector) error {
	if _, ok := connector.(connectors.Auditor); !ok && cmp.Or(c.Adopt, tenant.AdoptAsk) != tenant.AdoptAsk {
		return invalid(fmt.Sprintf("adopt: a connection of kind %s cannot look for users that are there already", c.Kind))
	}
	return nil
}
