package gateway

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"scimgate/cmd/scimgate/config"
	"scimgate/connectors"
	"scimgate/connectors/appspace"
	"scimgate/connectors/webhook"
	"scimgate/mapping"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// kinds are the connectors of this build; a new kind is one line.
var kinds = connectors.Kinds{
	"appspace": appspace.Kind,
	"webhook":  webhook.Kind,
}

// opener opens connections: it alone holds what unseals and the guarded client
// together.
type opener struct {
	vault  tenant.Vault
	client *http.Client
}

func newOpener(o config.Outbound, vault tenant.Vault) *opener {
	return &opener{vault: vault, client: connectors.NewClient(connectors.Guard{Hosts: o.Hosts, Loopback: o.Loopback})}
}

func (o *opener) open(ctx context.Context, t *tenant.Tenant, c tenant.Connection) (connectors.Connector, error) {
	kind, ok := kinds[c.Kind]
	if !ok {
		return nil, fmt.Errorf("connection %s: unknown kind %q", c.ID, c.Kind)
	}
	settings, err := o.vault.Open(ctx, c.Sealed, t.ID, c.Field())
	if err != nil {
		return nil, fmt.Errorf("connection %s: its settings cannot be unsealed with this key: %w", c.ID, err)
	}
	return kind(settings, o.client)
}

// rules compiles each tenant's rules once a version.
type rules struct {
	mu       sync.Mutex
	compiled map[tenant.ID]compiled
}

type compiled struct {
	created time.Time // of the tenant: a slug may be deleted and taken again
	rev     uint64
	rules   *mapping.Rules
}

func newRules() *rules { return &rules{compiled: map[tenant.ID]compiled{}} }

func (r *rules) of(t *tenant.Tenant) (*mapping.Rules, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, ok := r.compiled[t.ID]; ok && c.rev == t.RulesRev && c.created.Equal(t.Created) {
		return c.rules, nil
	}
	m, err := mapping.Compile(t.Rules, server.Definitions(t).Type("User"))
	if err == nil {
		r.compiled[t.ID] = compiled{t.Created, t.RulesRev, m}
	}
	return m, err
}
