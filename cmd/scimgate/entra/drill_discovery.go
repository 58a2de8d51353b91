package entra

import "net/http"

// discoveryCases are what is asked before the first user.
var discoveryCases = []drillCase{
	{"Test Connection: a user that cannot exist is an empty list, not 404", guide + "; RFC 7644 §3.4.2", []step{
		get(`/Users?filter=userName eq "<nobody>"`, finds()),
	}},
	{"the same for externalId, as newer apps match", "OctopusDeploy/Issues 9841; RFC 7644 §3.4.2", []step{
		get(`/Users?filter=externalId eq "<nobody>"`, finds()),
	}},
	{"the flag aadOptscim062020 in the query is ignored", compat, []step{
		get(`/Users?aadOptscim062020&filter=userName eq "<nobody>"`, finds()),
	}},
	{"blanks in a query may be + or %20", postman + "; RFC 3986 §2.1", []step{
		user("ana"),
		expect(ask{method: http.MethodGet, target: `/Users?filter=userName eq "<ana.name>"`, percent: true}, []int{200}, []check{finds("ana")}),
		get(`/Users?filter=userName eq "<ana.name>"`, finds("ana")),
	}},
	{"Okta's probe: numbers in startIndex and itemsPerPage", oktaTest + "; RFC 7644 §3.4.2", []step{
		user("ana"),
		get(`/Users?startIndex=1&count=2`, isPage(1, 2)),
	}},
	{"ServiceProviderConfig offers PATCH and filters", "RFC 7643 §5; RFC 7644 §4", []step{
		get("/ServiceProviderConfig", truth("patch/supported", true), truth("filter/supported", true), present("authenticationSchemes"), noNull),
	}},
	{"ResourceTypes has users", "RFC 7643 §6; RFC 7644 §4", []step{get("/ResourceTypes", lists("endpoint", "/Users"), noNull)}},
	{"Schemas has users, and null nowhere", guide + "; RFC 7643 §7", []step{
		get("/Schemas", lists("id", userURN), lists("id", enterprise), noNull),
	}},
	{"one schema by its URN", "RFC 7644 §4", []step{get("/Schemas/"+userURN, has("id", userURN), present("attributes"))}},
	{"every answer is application/scim+json", guide + "; RFC 7644 §3.1", []step{
		user("ana"), reads("ana", asSCIM), get(`/Users?filter=userName eq "<ana.name>"`, asSCIM),
		get("/ServiceProviderConfig", asSCIM),
		expect(ask{method: http.MethodGet, target: "/Users/<nobody>"}, []int{404}, []check{asSCIM}),
	}},
}
