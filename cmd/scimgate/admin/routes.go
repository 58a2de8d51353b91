package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"scimgate/cmd/scimgate/traffic"
	"scimgate/tenant"
)

const (
	oneTenant     = Prefix + "/tenants/{tenant}"
	oneConnection = oneTenant + "/connections/{connection}"
	oneCredential = oneTenant + "/credentials/{credential}"
	oneAudit      = oneTenant + "/audits/{audit}"
)

// routes is the whole API. Each line is method, path, status, summary and what is
// called. Who may: readers what is read, editors what changes; else the line says so
// (only). What does not GET is told of (Service.Begin), unless the line says that it
// changes nothing (reading).
var routes = []*operation{
	only(Overseers, route("GET", Prefix+"/tenants", 200, "List tenants by id", (*Service).listTenants)),
	only(Operators, route("POST", Prefix+"/tenants", 201, "Create a tenant", (*Service).createTenant)),
	versioned(route("GET", oneTenant, 200, "Show a tenant", (*Service).showTenant)),
	versioned(route("PATCH", oneTenant, 200, "Change name and settings; what is absent stays", (*Service).changeTenant)),
	only(Operators, removing(route("DELETE", oneTenant, 204, "Remove a tenant and everything kept of it; its account stays as it is", (*Service).deleteTenant))),

	route("GET", oneTenant+"/tokens", 200, "List tokens, newest first", (*Service).listTokens),
	route("POST", oneTenant+"/tokens", 201, "Mint a token; earlier ones stay valid", (*Service).createToken),
	route("PATCH", oneTenant+"/tokens/{keyId}", 200, "Change a token's label and end; its secret stays", (*Service).changeToken),
	route("POST", oneTenant+"/tokens/{keyId}/rotate", 201, "Mint a token to replace another, which lives on for an overlap", (*Service).rotateToken),
	route("DELETE", oneTenant+"/tokens/{keyId}", 204, "Revoke a token at once", (*Service).revokeToken),

	route("POST", oneTenant+"/test", 200, "Play Entra's Test connection against the Tenant URL, with a token of its own; nothing is made", (*Service).testTenantURL),
	route("POST", oneTenant+"/drill", 200, "Play all that Entra and Okta are known to send against the Tenant URL; what is made is never delivered, and removed", (*Service).drillTenantURL),

	route("GET", oneTenant+"/credentials", 200, fmt.Sprintf("List credentials other than tokens, newest first; there are %d at most", MostCredentials), (*Service).listCredentials),
	route("POST", oneTenant+"/credentials", 201, "Make an OAuth client, or trust what an issuer signs", (*Service).createCredential),
	route("GET", oneCredential, 200, "Show a credential", (*Service).showCredential),
	route("PATCH", oneCredential, 200, "Change a credential; what is absent stays", (*Service).changeCredential),
	route("DELETE", oneCredential, 204, "End a credential and its access tokens at once", (*Service).deleteCredential),
	route("POST", oneCredential+"/secrets", 201, "Give a client a second secret, to move to", (*Service).addSecret),
	route("DELETE", oneCredential+"/secrets/{secret}", 200, "End a client's secret, and the access tokens that it gave, at once", (*Service).dropSecret),

	versioned(route("GET", oneTenant+"/connections", 200, fmt.Sprintf("List connections; there are %d at most", tenant.MaxConnections), (*Service).listConnections)),
	versioned(route("GET", oneConnection, 200, "Show a connection", (*Service).showConnection)),
	versioned(route("PUT", oneConnection, 200, "Make a connection or change it; a new one is owed everything that the tenant has", (*Service).putConnection)),
	versioned(route("PATCH", oneConnection, 200, "Change a connection; what is absent stays", (*Service).changeConnection)),
	versioned(only(Operators, route("DELETE", oneConnection, 204, "Forget a connection; its account stays as it is", (*Service).deleteConnection))),
	route("POST", oneConnection+"/probe", 200, "Find out what the account can do, and keep it; nothing is created there", (*Service).probeConnection),
	route("POST", oneConnection+"/test", 200, "Ask the account whether it answers and takes the credential", (*Service).testConnection),

	versioned(route("GET", oneTenant+"/attributes", 200, fmt.Sprintf("List custom attributes; there are %d at most", maxAttributes), (*Service).listAttributes)),
	route("GET", oneTenant+"/attributes/seen", 200, fmt.Sprintf("List properties that users have and nobody defined yet, %d at most", mostSeen), (*Service).listSeen),
	versioned(route("POST", oneTenant+"/attributes", 201, "Define a custom attribute", (*Service).createAttribute)),
	versioned(route("PUT", oneTenant+"/attributes", 200, "Replace the list of custom attributes", (*Service).putAttributes)),
	versioned(route("DELETE", oneTenant+"/attributes/{property}", 204, "Undefine a custom attribute; what was stored of it stays", (*Service).deleteAttribute)),

	versioned(route("GET", oneTenant+"/rules", 200, "Show the rules in force", (*Service).showRules)),
	versioned(route("GET", oneTenant+"/rules/draft", 200, "Show the draft", (*Service).showDraft)),
	versioned(yamlToo(route("PUT", oneTenant+"/rules/draft", 204, "Check and keep a draft, in JSON or YAML", (*Service).putDraft))),
	versioned(route("DELETE", oneTenant+"/rules/draft", 204, "Drop the draft", (*Service).deleteDraft)),
	versioned(route("POST", oneTenant+"/rules/publish", 201, "Put the draft in force, as a new version", (*Service).publish)),
	versioned(route("POST", oneTenant+"/rules/rollback", 201, "Put the rules of an earlier version in force, as a new one", (*Service).rollback)),
	route("GET", oneTenant+"/rules/versions", 200, "List what was published, newest first", (*Service).listVersions),
	route("GET", oneTenant+"/rules/versions/{rev}", 200, "Show one version", (*Service).showVersion),
	route("GET", oneTenant+"/rules/diff", 200, "Compare two versions target by target", (*Service).showDiff),
	previewRoute,
	reading(route("POST", oneTenant+"/rules/explain", 200, "Tell how a user's attributes come about", (*Service).explainRules)),
	route("GET", oneTenant+"/rules/starter", 200, "Show rules to begin with: Entra's default mapping and the custom attributes", (*Service).showStarter),
	route("GET", Prefix+"/rules.schema.json", 200, "The JSON Schema of rules", (*Service).showSchema),
	route("GET", Prefix+"/functions", 200, "List the functions of expressions, all of them, and where they differ from Entra's", (*Service).listFunctions),

	route("GET", oneTenant+"/azure-setup", 200, "Write what an administrator has to enter in Azure", (*Service).showAzureSetup),
	route("POST", oneTenant+"/azure-setup/import", 200, "Turn a schema that Azure exported into rules and custom attributes", (*Service).importAzure),

	route("GET", oneTenant+"/deliveries", 200, "List what is due, parked or held, in the order in which it is served", (*Service).listDeliveries),
	route("POST", oneTenant+"/deliveries/replay", 200, "Send again what is picked, as it is now; safe to repeat", (*Service).replay),
	route("POST", oneTenant+"/deliveries/release", 200, "Let users leave whom the mass-change guard holds", (*Service).release),
	route("GET", oneTenant+"/deliveries/shadow", 200, "Work out what would be sent of what is due, and send nothing", (*Service).listShadow),
	route("POST", oneTenant+"/deliveries/discard", 200, "Keep users at the account whom the mass-change guard holds, until their next change", (*Service).discard),

	route("GET", oneTenant+"/users", 200, "List users by userName", (*Service).listUsers),
	route("GET", oneTenant+"/users/{id}", 200, "Show everything that is known of a user", (*Service).showUser),
	route("GET", oneTenant+"/groups", 200, "List groups by displayName", (*Service).listGroups),
	route("GET", oneTenant+"/groups/{id}", 200, "Show a group without its members", (*Service).showGroup),

	only(Operators, route("GET", oneTenant+"/invites", 200, "List invitations to the tenant's console that can still be used, newest first", (*Service).listInvites)),
	only(Operators, route("POST", oneTenant+"/invites", 201, "Make a one-time link to the tenant's console", (*Service).createInvite)),
	only(Operators, route("DELETE", oneTenant+"/invites/{id}", 204, "Revoke an invitation", (*Service).revokeInvite)),

	route("GET", oneTenant+"/journal", 200, "List what happened in a tenant: changes, and attempts to deliver them", (*Service).listJournal),
	route("GET", oneTenant+"/requests", 200, fmt.Sprintf("List the last requests, newest first, without values; %d at most: of all processes that share a Redis, else of the one that answers this", traffic.MostLines), (*Service).listRequests),
	route("GET", oneTenant+"/users/{id}/journal", 200, "Tell a user's whole story", (*Service).listUserJournal),
	route("GET", oneTenant+"/groups/{id}/journal", 200, "Tell a group's whole story", (*Service).listGroupJournal),
	route("GET", oneTenant+"/named", 200, "Find who has a name, and who had it when deleted", (*Service).listNamed),

	route("POST", oneTenant+"/audits", 202, "Begin to compare all users with an account; nothing is changed", (*Service).startAudit),
	route("GET", oneTenant+"/audits", 200, fmt.Sprintf("List audits, newest first; the last %d are kept", keptOf), (*Service).listAudits),
	route("GET", oneAudit, 200, "Show how far an audit is, or what it found", (*Service).showAudit),
	route("POST", oneAudit+"/repair", 200, "Send again what an audit found missing or different; never what is extra", (*Service).repair),
	route("POST", oneAudit+"/adopt", 200, "Make the account users of these conflicts ours; never a protected one", (*Service).adopt),

	only(Operators, route("POST", Prefix+"/rekey", 200, "Seal settings under the newest key, a page of tenants at a time", (*Service).rekey)),

	route("GET", oneTenant+"/keys", 200, "List a tenant's own API keys, by id", (*Service).listTenantKeys),
	route("POST", oneTenant+"/keys", 201, "Make an API key of the tenant", (*Service).createKeyOfTenant),
	route("DELETE", oneTenant+"/keys/{id}", 204, "Revoke an API key of the tenant at once", (*Service).revokeKeyOfTenant),
	only(Operators, route("GET", Prefix+"/keys", 200, "List all API keys, by id", (*Service).listKeys)),
	only(Operators, route("POST", Prefix+"/keys", 201, "Make an API key for an operator or for support, of one tenant or of all", (*Service).createOperatorKey)),
	only(Operators, route("DELETE", Prefix+"/keys/{id}", 204, "Revoke any API key at once", (*Service).revokeAnyKey)),

	only(Overseers, route("GET", Prefix+"/changes", 200, "List who did what to which tenant, newest first", (*Service).listChanges)),
	route("GET", oneTenant+"/changes", 200, "List who did what to the tenant, newest first", (*Service).listTenantChanges),

	route("GET", oneTenant+"/ledger", 200, "List which leniencies the identity provider needs, and how often; each of those that there are stands there once", (*Service).listLedger),
}

// operation is one line of the table.
type operation struct {
	method, path string
	who          Audience
	reads        bool // it changes nothing, and nobody is told of it
	removes      bool // its tenant, and what is told of that
	versioned    bool // of what stands in the tenant's document: it has an ETag, and takes If-Match
	register     func(*Service, huma.API)
}

// newOperation is an operation for whom it is as a rule.
func newOperation(method, path string, register func(*Service, huma.API)) *operation {
	op := &operation{method: method, path: path, who: Editors, register: register}
	if method == http.MethodGet {
		op.who, op.reads = Readers, true
	}
	return op
}

func only(who Audience, op *operation) *operation { op.who = who; return op }

func reading(op *operation) *operation { op.reads = true; return op }

func removing(op *operation) *operation { op.removes = true; return op }

func versioned(op *operation) *operation { op.versioned = true; return op }

// route makes one operation of what is called. Its faults are the API's problems.
func route[I, O any](method, path string, status int, summary string, call func(*Service, context.Context, *I) (O, error)) *operation {
	type output struct{ Body O }
	op := newOperation(method, path, nil)
	op.register = func(s *Service, api huma.API) {
		operation := huma.Operation{
			Method: method, Path: path, DefaultStatus: status, Summary: summary,
			OperationID:  huma.GenerateOperationID(method, path, new(output)),
			Errors:       []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusServiceUnavailable},
			MaxBodyBytes: 1 << 20,
		}
		op.document(&operation)
		huma.Register(api, operation, func(ctx context.Context, in *I) (*output, error) {
			body, err := call(s, ctx, in)
			if err != nil {
				return nil, s.refusal(ctx, err)
			}
			return &output{body}, nil
		})
	}
	return op
}

// none is the answer of an operation that has nothing to show.
type none *struct{}

// InTenant is the path of everything that belongs to a tenant.
type InTenant struct {
	Tenant tenant.ID `path:"tenant" doc:"Slug of the tenant" maxLength:"63"`
}

// InConnection is the path of what belongs to a connection.
type InConnection struct {
	InTenant
	Connection string `path:"connection" doc:"Id of the connection" maxLength:"63" example:"appspace"`
}

type body[B any] struct {
	InTenant
	Body B
}

type list[T any] struct {
	Items []T `json:"items"`
}

type page struct {
	After tenant.ID `query:"after" doc:"Id after which the list begins" maxLength:"63"`
	Limit int       `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// Page asks for a part of a list that has a tenant's own order.
type Page struct {
	After string `query:"after" doc:"Id of the last one of the page before (of versions, their number)" maxLength:"64"`
	Limit int    `query:"limit" minimum:"1" maximum:"500" default:"500"`
}

type pageOfTenant struct {
	InTenant
	Page
}

// PageOf is the part of all that p asks for, and whether more follow. Where what it
// names is not there any more that is an *InvalidError: whoever reads page after page
// would else begin again, and not know.
func PageOf[T any](all []T, p Page, id func(T) string) (part []T, more bool, err error) {
	if p.After != "" {
		at := slices.IndexFunc(all, func(one T) bool { return id(one) == p.After })
		if at < 0 {
			return nil, false, invalid("after: this one is not in the list, or not any more; begin again")
		}
		all = all[at+1:]
	}
	n := min(len(all), p.Limit)
	return all[:n], n < len(all), nil
}

// listPage is the list of a page of all, if they could be had.
func listPage[S, T any](all []S, failed error, p Page, id func(S) string, show func(S) T) (list[T], error) {
	if failed != nil {
		return list[T]{}, failed
	}
	part, _, err := PageOf(all, p, id)
	return listOf(part, show), err
}

func listOf[S, T any](from []S, show func(S) T) list[T] {
	items := make([]T, 0, len(from))
	for _, s := range from {
		items = append(items, show(s))
	}
	return list[T]{items}
}
