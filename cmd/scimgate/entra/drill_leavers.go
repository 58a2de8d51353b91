package entra

import "net/http"

// leaverCases are how people leave, for a while and for good, and come back.
var leaverCases = []drillCase{
	{"who is disabled is still found and read", guide, []step{
		user("ben"), disable("ben"),
		get(`/Users?filter=userName eq "<ben.name>"`, finds("ben")), reads("ben", truth("active", false)),
	}},
	{"who is disabled is changed like anybody, and stays disabled", lifecycle, []step{
		user("ana"), disable("ana"), changes("ana", `{"op":"replace","path":"title","value":"Left"}`),
		reads("ana", truth("active", false), has("title", "Left")),
	}},
	{"who is disabled keeps the name: a second one of it is 409", guide, []step{
		user("ana"), disable("ana"),
		refused(409, "uniqueness", ask{method: http.MethodPost, target: "/Users", body: `{"schemas":["` + userURN + `"],"userName":"<ana.name>"}`}),
	}},
	{"disabled, then deleted for good: 204, then 404 for everything", guide + "; RFC 7644 §3.6", []step{
		user("ana"), disable("ana"), remove("/Users/<ana>"),
		refused(404, "", ask{method: http.MethodGet, target: "/Users/<ana>"}),
		get(`/Users?filter=userName eq "<ana.name>"`, finds()),
		refused(404, "", ask{method: http.MethodDelete, target: "/Users/<ana>"}),
		refused(404, "", ask{method: http.MethodPatch, target: "/Users/<ana>", body: patchTitle}),
	}},
	{"hired again after deletion: the name is free, the id is new", "draft-zollner-scim-interop-profile; RFC 7643 §3.1", []step{
		user("ana"), as("before", "ana"), remove("/Users/<ana>"), user("ana"),
		reads("ana", has("userName", "<ana.name>"), truth("active", true)),
		refused(404, "", ask{method: http.MethodGet, target: "/Users/<before>"}),
	}},
	{"deleted without being disabled before", lifecycle, []step{
		user("ana"), remove("/Users/<ana>"), refused(404, "", ask{method: http.MethodGet, target: "/Users/<ana>"}),
	}},
	{"the manager leaves: who was managed stays", "RFC 7644 §3.6", []step{
		user("boss"), bare("ana", `"`+enterprise+`":{"manager":{"value":"<boss>"}}`), remove("/Users/<boss>"), reads("ana"),
	}},
}

const patchTitle = `{"schemas":["` + patchURN + `"],"Operations":[{"op":"replace","path":"title","value":"x"}]}`

// as keeps an id under another name too.
func as(other, who string) step {
	return func(t *trial) error {
		t.kept[other] = t.kept[who]
		return nil
	}
}
