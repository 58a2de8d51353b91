package entra

import "net/http"

// groupCases are groups as such: made, found, renamed, gone.
var groupCases = []drillCase{
	{"ResourceTypes has groups", kit + "; RFC 7643 §6", []step{get("/ResourceTypes", lists("endpoint", "/Groups"))}},
	{"Schemas has groups", kit + "; RFC 7643 §7", []step{get("/Schemas", lists("id", groupURN))}},
	{"as Entra creates: two schemas, no members", guide, []step{
		create("/Groups", "team", entraGroup("team"), present("id"), has("displayName", "<team.group>"), hasLocation),
		get("/Groups/<team>", has("displayName", "<team.group>"), has("externalId", "<team.ext>"), has("meta/resourceType", "Group"), lacks("members"), noNull),
	}},
	{"as Okta creates: with members", oktaPush, []step{
		user("ana"), user("ben"), group("team", "ana", "ben"), team("ana", "ben"),
	}},
	{"the same group again is 409, also in another case", guide, []step{
		group("team"),
		refused(409, "uniqueness", ask{method: http.MethodPost, target: "/Groups", body: `{"schemas":["` + groupURN + `"],"displayName":"<team.group>"}`}),
		refused(409, "uniqueness", ask{method: http.MethodPost, target: "/Groups", body: `{"schemas":["` + groupURN + `"],"displayName":"<team.GROUP>"}`}),
	}},
	{"no displayName is 400", "RFC 7643 §4.2", []step{
		refused(400, "invalidValue", ask{method: http.MethodPost, target: "/Groups", body: `{"schemas":["` + groupURN + `"],"externalId":"<team.ext>"}`}),
	}},
	{"found by displayName, in any case; not found is an empty list", guide, []step{
		group("team"), get(`/Groups?filter=displayName eq "<team.group>"`, finds("team")),
		get(`/Groups?filter=displayName eq "<team.GROUP>"`, finds("team")), get(`/Groups?filter=displayName eq "<nobody>"`, finds()),
	}},
	{"found by externalId", guide, []step{
		create("/Groups", "team", entraGroup("team")), get(`/Groups?filter=externalId eq "<team.ext>"`, finds("team")),
	}},
	{"excludedAttributes=members: one match, and none of its members", guide + "; " + logs, []step{
		user("ana"), group("team", "ana"),
		get(`/Groups?excludedAttributes=members&filter=displayName eq "<team.group>"`, finds("team"), first(lacks("members"), has("displayName", "<team.group>"))),
		get(`/Groups/<team>?excludedAttributes=members`, has("displayName", "<team.group>"), lacks("members")),
	}},
	{"rename, as Entra does", guide, []step{
		group("team"), patch("/Groups/<team>", `{"op":"Replace","path":"displayName","value":"<team.group>.new"}`),
		get(`/Groups?filter=displayName eq "<team.group>.new"`, first(sameID("team"))), get(`/Groups?filter=displayName eq "<team.group>"`, finds()),
	}},
	{"rename, as Okta does: no path, the id with it; members stay", oktaPush, []step{
		user("ana"), group("team", "ana"), patch("/Groups/<team>", `{"op":"replace","value":{"id":"<team>","displayName":"<team.group>.new"}}`),
		get("/Groups/<team>", has("displayName", "<team.group>.new"), membersAre("ana")),
	}},
	{"rename to a name that is taken is 409 and changes nothing", guide, []step{
		group("team"), group("crew"),
		refused(409, "uniqueness", operations("/Groups/<crew>", `{"op":"Replace","path":"displayName","value":"<team.group>"}`)),
		get("/Groups/<crew>", has("displayName", "<crew.group>")),
	}},
	{"PUT replaces name and members", oktaPush + "; RFC 7644 §3.5.1", []step{
		user("ana"), user("ben"), group("team", "ana"),
		put("/Groups/<team>", `{"schemas":["`+groupURN+`"],"id":"<team>","displayName":"<team.group>.new","members":[{"value":"<ben>","display":"ben"}]}`),
		get("/Groups/<team>", has("displayName", "<team.group>.new"), membersAre("ben")),
	}},
	{"Okta imports groups page by page", oktaPush, []step{group("team"), get(`/Groups?startIndex=1&count=100`, isPage(1, 100))}},
	{"deleted: 204, then 404; its members stay", guide + "; RFC 7644 §3.6", []step{
		user("ana"), group("team", "ana"), remove("/Groups/<team>"), reads("ana"),
		refused(404, "", ask{method: http.MethodGet, target: "/Groups/<team>"}), refused(404, "", ask{method: http.MethodDelete, target: "/Groups/<team>"}),
		get(`/Groups?filter=displayName eq "<team.group>"`, finds()),
	}},
	{"made again after deletion", guide, []step{group("team"), remove("/Groups/<team>"), group("team"), team()}},
	{"a group is no user, and has no user's id", "RFC 7643 §3.1", []step{
		user("ana"), group("team"),
		refused(404, "", ask{method: http.MethodGet, target: "/Users/<team>"}), refused(404, "", ask{method: http.MethodGet, target: "/Groups/<ana>"}),
	}},
}

// entraGroup is a group as Entra creates it.
func entraGroup(who string) string {
	return `{"schemas":["` + groupURN + `","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],` +
		`"externalId":"<` + who + `.ext>","displayName":"<` + who + `.group>","meta":{"resourceType":"Group"}}`
}
