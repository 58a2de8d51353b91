package console

import (
	"net/http"

	"scimgate/cmd/scimgate/admin"
)

// route is one page or action: who may, and what answers.
type route struct {
	method, path string
	who          admin.Audience
	serve        func(*visit) error
	section      string // name of the account's section that links here; "" for none
	does         string // what is told of it: key of a text under "does"
	reads        bool   // a form that changes nothing
}

// told reports whether what is done here is told of, as every action is of whoever
// is signed in. Signing in tells of itself.
func (r route) told() bool { return r.method != http.MethodGet && !r.reads && r.who != everybody }

// account begins the path of everything of one account.
const account = "/accounts/{tenant}"

// routes is the whole console. The sections stand in the navigation in this order.
var routes = []route{
	{method: "GET", path: "/{$}", who: everybody, serve: (*visit).home},
	{method: "GET", path: "/sign-in", who: everybody, serve: (*visit).signInPage},
	{method: "POST", path: "/sign-in/key", who: everybody, serve: (*visit).signInByKey},
	{method: "GET", path: "/sign-in/oidc", who: everybody, serve: (*visit).signInByOIDC},
	{method: "GET", path: "/sign-in/callback", who: everybody, serve: (*visit).signInCallback},
	{method: "POST", path: "/sign-out", who: everybody, serve: (*visit).signOut},
	{method: "POST", path: "/theme", who: everybody, serve: (*visit).setTheme},
	{method: "GET", path: "/invite/{secret}", who: everybody, serve: (*visit).invitePage},
	{method: "POST", path: "/invite/{secret}", who: everybody, serve: (*visit).takeInvite},

	{method: "GET", path: "/accounts", who: overseers, serve: (*visit).accounts},
	{method: "POST", path: "/accounts", who: operators, serve: (*visit).createAccount, does: "createAccount"},
	{method: "GET", path: account, who: readers, serve: (*visit).accountHome},
	{method: "GET", path: account + "/events", who: readers, serve: (*visit).events},

	{method: "GET", path: account + "/settings", who: readers, serve: (*visit).settings, section: "settings"},
	{method: "POST", path: account + "/settings", who: editors, serve: (*visit).saveSettings, does: "saveSettings"},
	{method: "POST", path: account + "/scim", who: editors, serve: (*visit).switchSCIM, does: "switchSCIM"},
	{method: "POST", path: account + "/group-sync", who: editors, serve: (*visit).switchGroups, does: "switchGroups"},
	{method: "POST", path: account + "/test", who: editors, serve: (*visit).testTenantURL, does: "testTenantURL"},
	{method: "POST", path: account + "/drill", who: editors, serve: (*visit).drillTenantURL, does: "drillTenantURL"},
	{method: "POST", path: account + "/limit", who: operators, serve: (*visit).saveLimit, does: "saveLimit"},

	{method: "GET", path: account + "/credentials", who: readers, serve: (*visit).credentials, section: "credentials"},
	{method: "POST", path: account + "/tokens", who: editors, serve: (*visit).createToken, does: "createToken"},
	{method: "POST", path: account + "/tokens/{key}/rotate", who: editors, serve: (*visit).rotateToken, does: "rotateToken"},
	{method: "POST", path: account + "/tokens/{key}/extend", who: editors, serve: (*visit).extendToken, does: "extendToken"},
	{method: "POST", path: account + "/tokens/{key}/revoke", who: editors, serve: (*visit).revokeToken, does: "revokeToken"},

	{method: "POST", path: account + "/credentials", who: editors, serve: (*visit).createCredential, does: "createCredential"},
	{method: "POST", path: account + "/credentials/{credential}/switch", who: editors, serve: (*visit).switchCredential, does: "switchCredential"},
	{method: "POST", path: account + "/credentials/{credential}/secrets", who: editors, serve: (*visit).addSecret, does: "addSecret"},
	{method: "POST", path: account + "/credentials/{credential}/secrets/{secret}/end", who: editors, serve: (*visit).dropSecret, does: "dropSecret"},
	{method: "POST", path: account + "/credentials/{credential}/delete", who: editors, serve: (*visit).deleteCredential, does: "deleteCredential"},

	{method: "GET", path: account + "/azure", who: readers, serve: (*visit).azure, section: "azure"},
	{method: "GET", path: account + "/azure/{file}", who: readers, serve: (*visit).azureFile},
	{method: "POST", path: account + "/azure/import", who: editors, serve: (*visit).importAzure, does: "importAzure"},

	{method: "GET", path: account + "/mapping", who: readers, serve: (*visit).mapping, section: "mapping"},
	{method: "POST", path: account + "/mapping/draft", who: editors, serve: (*visit).saveDraft, does: "saveDraft"},
	{method: "POST", path: account + "/mapping/preview", who: editors, serve: (*visit).preview, reads: true},
	{method: "POST", path: account + "/mapping/publish", who: editors, serve: (*visit).publish, does: "publish"},
	{method: "GET", path: account + "/mapping/versions/{rev}", who: readers, serve: (*visit).version},
	{method: "POST", path: account + "/mapping/versions/{rev}/rollback", who: editors, serve: (*visit).rollback, does: "rollback"},
	{method: "GET", path: account + "/mapping/explain", who: readers, serve: (*visit).explain},
	{method: "POST", path: account + "/mapping/seen", who: editors, serve: (*visit).seen, does: "seen"},
	{method: "POST", path: account + "/attributes", who: editors, serve: (*visit).createAttribute, does: "createAttribute"},
	{method: "POST", path: account + "/attributes/{property}/delete", who: editors, serve: (*visit).deleteAttribute, does: "deleteAttribute"},

	{method: "GET", path: account + "/users", who: readers, serve: (*visit).users, section: "users"},
	{method: "GET", path: account + "/users/{id}", who: readers, serve: (*visit).user},
	{method: "GET", path: account + "/groups", who: readers, serve: (*visit).groups, section: "groups"},
	{method: "GET", path: account + "/groups/{id}", who: readers, serve: (*visit).group},

	{method: "GET", path: account + "/deliveries", who: readers, serve: (*visit).deliveries, section: "deliveries"},
	{method: "POST", path: account + "/deliveries/replay", who: editors, serve: (*visit).replay, does: "replay"},

	{method: "POST", path: account + "/deliveries/release", who: editors, serve: (*visit).release, does: "release"},
	{method: "POST", path: account + "/deliveries/discard", who: editors, serve: (*visit).discard, does: "discard"},
	{method: "GET", path: account + "/activity", who: readers, serve: (*visit).activity, section: "activity"},
	{method: "GET", path: account + "/traffic", who: readers, serve: (*visit).traffic, section: "traffic"},
	{method: "GET", path: account + "/ledger", who: readers, serve: (*visit).ledger, section: "ledger"},

	{method: "GET", path: account + "/connection", who: readers, serve: (*visit).connection, section: "connection"},
	{method: "POST", path: account + "/connections", who: editors, serve: (*visit).saveConnection, does: "saveConnection"},
	{method: "POST", path: account + "/connections/{connection}/pace", who: editors, serve: (*visit).savePace, does: "savePace"},
	{method: "POST", path: account + "/connections/{connection}/pause", who: editors, serve: (*visit).pauseConnection, does: "pauseConnection"},
	{method: "POST", path: account + "/connections/{connection}/test", who: editors, serve: (*visit).testConnection, does: "testConnection"},
	{method: "POST", path: account + "/connections/{connection}/probe", who: editors, serve: (*visit).probeConnection, does: "probeConnection"},
	{method: "POST", path: account + "/connections/{connection}/next", who: editors, serve: (*visit).replaceToken, does: "replaceToken"},

	{method: "POST", path: account + "/connections/{connection}/adopt", who: editors, serve: (*visit).saveAdopt, does: "saveAdopt"},
	{method: "POST", path: account + "/connections/{connection}/shadow", who: editors, serve: (*visit).switchShadow, does: "switchShadow"},
	{method: "GET", path: account + "/connections/{connection}/plan", who: readers, serve: (*visit).plan},
	{method: "POST", path: account + "/guard", who: editors, serve: (*visit).saveGuard, does: "saveGuard"},

	{method: "GET", path: account + "/drift", who: readers, serve: (*visit).drift, section: "drift"},
	{method: "POST", path: account + "/drift", who: editors, serve: (*visit).startAudit, does: "startAudit"},
	{method: "GET", path: account + "/drift/{audit}", who: readers, serve: (*visit).audit},
	{method: "POST", path: account + "/drift/{audit}/repair", who: editors, serve: (*visit).repair, does: "repair"},
	{method: "POST", path: account + "/drift/{audit}/adopt", who: editors, serve: (*visit).adopt, does: "adopt"},

	{method: "GET", path: account + "/access", who: operators, serve: (*visit).access, section: "access"},
	{method: "POST", path: account + "/invites", who: operators, serve: (*visit).createInvite, does: "createInvite"},
	{method: "POST", path: account + "/invites/{invite}/revoke", who: operators, serve: (*visit).revokeInvite, does: "revokeInvite"},

	{method: "GET", path: account + "/keys", who: readers, serve: (*visit).keys, section: "keys"},
	{method: "POST", path: account + "/keys", who: editors, serve: (*visit).createKey, does: "createKey"},
	{method: "POST", path: account + "/keys/{apiKey}/revoke", who: editors, serve: (*visit).revokeKey, does: "revokeKey"},
	{method: "GET", path: "/keys", who: operators, serve: (*visit).keys},
	{method: "POST", path: "/keys", who: operators, serve: (*visit).createKey, does: "createKey"},
	{method: "POST", path: "/keys/{apiKey}/revoke", who: operators, serve: (*visit).revokeKey, does: "revokeKey"},

	{method: "GET", path: account + "/changes", who: readers, serve: (*visit).changesPage, section: "changes"},
	{method: "GET", path: "/changes", who: overseers, serve: (*visit).changesPage},
}

// page serves one route to whoever may have it.
func (c *Console) page(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Console: c, w: w, r: r, route: route}
		v.answer() //nolint:contextcheck // a visit has its request's
	})
}
