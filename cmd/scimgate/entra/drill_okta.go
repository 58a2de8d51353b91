package entra

import (
	"net/http"

	"scimgate/scim/value"
)

// oktaCases are what Okta does otherwise than Entra: it replaces with PUT, and
// disables by a PATCH without path.
var oktaCases = []drillCase{
	{"looks a user up, and pages with it", okta, []step{
		user("ana"),
		get(`/Users?filter=userName eq "<nobody>"&startIndex=1&count=100`, finds()),
		get(`/Users?filter=userName eq "<ana.name>"&startIndex=1&count=100`, finds("ana")),
	}},
	{"deactivates: PATCH without path, active false; and activates again", okta, []step{
		user("ana"), changes("ana", `{"op":"replace","value":{"active":false}}`), reads("ana", truth("active", false), has("title", "Tester")),
		changes("ana", `{"op":"replace","value":{"active":true}}`), reads("ana", truth("active", true)),
	}},
	{"updates with PUT of the whole user", okta + "; RFC 7644 §3.5.1", []step{
		user("ana"), put("/Users/<ana>", oktaUser("ana", "Lead", "true")),
		reads("ana", has("title", "Lead"), has("name/familyName", "Drill"), has("emails/type=work/value", "<ana.name>"), truth("active", true)),
	}},
	{"deactivates and activates with PUT", okta, []step{
		user("ana"), put("/Users/<ana>", oktaUser("ana", "T", "false")), reads("ana", truth("active", false)),
		put("/Users/<ana>", oktaUser("ana", "T", "true")), reads("ana", truth("active", true)),
	}},
	{"what PUT leaves out and a client may write is gone", "RFC 7644 §3.5.1", []step{
		user("ana"), put("/Users/<ana>", `{"schemas":["`+userURN+`"],"userName":"<ana.name>","active":true}`), reads("ana", lacks("title")),
	}},
	{"PUT with the answer to a GET, id and meta and all", okta + "; RFC 7644 §3.5.1", []step{
		user("ana"), putBack("ana"), reads("ana", has("title", "Tester"), has("emails/type=work/value", "<ana.name>")),
	}},
	{"PUT renames", okta, []step{
		user("ana"), put("/Users/<ana>", `{"schemas":["`+userURN+`"],"userName":"new.<ana.name>","active":true}`),
		get(`/Users?filter=userName eq "new.<ana.name>"`, first(sameID("ana"))),
	}},
	{"PUT to nobody is 404", "RFC 7644 §3.5.1", []step{
		refused(404, "", ask{method: http.MethodPut, target: "/Users/<nobody>", body: `{"schemas":["` + userURN + `"],"userName":"<ana.name>"}`}),
	}},
	{"PUT of a name that is taken is 409", oktaTest + "; RFC 7644 §3.5.1", []step{
		user("ana"), user("ben"),
		refused(409, "uniqueness", ask{method: http.MethodPut, target: "/Users/<ben>", body: `{"schemas":["` + userURN + `"],"userName":"<ana.name>"}`}),
	}},
	{"sends the id along in a PATCH without path", okta, []step{
		user("ana"), changes("ana", `{"op":"replace","value":{"id":"<ana>","title":"Lead"}}`), reads("ana", has("title", "Lead")),
	}},
}

// oktaUser is a user as Okta replaces it.
func oktaUser(who, title, active string) string {
	return `{"schemas":["` + userURN + `"],"id":"<` + who + `>","userName":"<` + who + `.name>","name":{"givenName":"Ana","familyName":"Drill"},` +
		`"emails":[{"primary":true,"value":"<` + who + `.name>","type":"work","display":"<` + who + `.name>"}],` +
		`"title":"` + title + `","active":` + active + `,"groups":[],"meta":{"resourceType":"User"}}`
}

// putBack sends a user as it was read.
func putBack(who string) step {
	return func(t *trial) error {
		a, err := t.send(ask{method: http.MethodGet, target: "/Users/<" + who + ">"})
		if err != nil {
			return err
		}
		if err := wanted(a, http.StatusOK); err != nil {
			return err
		}
		return put("/Users/<"+who+">", string(value.Append(nil, value.Of(a.resource))))(t)
	}
}
