package entra

import (
	"net/http"
	"strings"
)

// errorCases are what must be refused, and how: by these answers Entra tells a
// user that is skipped from a job that is stopped.
var errorCases = []drillCase{
	{"a wrong token is 401", guide + "; RFC 7644 §3.12", []step{
		expect(ask{method: http.MethodGet, target: `/Users?filter=userName eq "<nobody>"`, token: "not-a-token-of-anybody"}, []int{401}, nil),
	}},
	{"nobody has this id: 404, also for PATCH and DELETE", guide + "; RFC 7644 §3.12", []step{
		refused(404, "", ask{method: http.MethodGet, target: "/Users/<nobody>"}),
		refused(404, "", ask{method: http.MethodPatch, target: "/Users/<nobody>", body: patchTitle}),
		refused(404, "", ask{method: http.MethodDelete, target: "/Users/<nobody>"}),
	}},
	{"the same user again is 409, and there is still one", guide + "; RFC 7644 §3.3", []step{
		bare("ana", ""),
		refused(409, "uniqueness", ask{method: http.MethodPost, target: "/Users", body: `{"schemas":["` + userURN + `"],"userName":"<ana.name>"}`}),
		get(`/Users?filter=userName eq "<ana.name>"`, finds("ana")),
	}},
	{"a name that differs in case only is 409", "RFC 7643 §4.1.1", []step{
		bare("ana", ""),
		refused(409, "uniqueness", ask{method: http.MethodPost, target: "/Users", body: `{"schemas":["` + userURN + `"],"userName":"<ana.NAME>"}`}),
	}},
	{"a rename to a name that is taken is 409 and changes nothing", guide + "; RFC 7644 §3.5.2", []step{
		user("ana"), user("ben"),
		refused(409, "uniqueness", operations("/Users/<ben>", `{"op":"replace","path":"title","value":"x"},{"op":"replace","path":"userName","value":"<ana.name>"}`)),
		reads("ben", has("userName", "<ben.name>"), has("title", "Tester")),
	}},
	{"no userName is 400", postman + "; RFC 7643 §4.1.1", []step{
		refused(400, "invalidValue", ask{method: http.MethodPost, target: "/Users", body: `{"schemas":["` + userURN + `"],"externalId":"<ana.ext>"}`}),
	}},
	{"a body that is no JSON is 400", postman + "; RFC 7644 §3.12", []step{
		refused(400, "invalidSyntax", ask{method: http.MethodPost, target: "/Users", body: `{"schemas":["` + userURN + `"],"userName":"<ana.name>`}),
	}},
	{"an operator that there is not is 400", "RFC 7644 §3.4.2.2", []step{
		refused(400, "invalidFilter", ask{method: http.MethodGet, target: `/Users?filter=userName zz "<nobody>"`}),
	}},
	{"a filter that is cut short is 400", "RFC 7644 §3.4.2.2", []step{
		refused(400, "invalidFilter", ask{method: http.MethodGet, target: `/Users?filter=userName eq "<nobody>`}),
	}},
	{"an operation that there is not is 400", "RFC 7644 §3.5.2", []step{
		user("ana"), refused(400, "invalidSyntax", operations("/Users/<ana>", `{"op":"upsert","path":"title","value":"x"}`)),
	}},
	{"a PATCH without operations is 400", "RFC 7644 §3.5.2", []step{
		user("ana"), refused(400, "invalidSyntax", ask{method: http.MethodPatch, target: "/Users/<ana>", body: `{"schemas":["` + patchURN + `"]}`}),
	}},
	{"active as a text that is no boolean is 400", "RFC 7644 §3.12", []step{
		user("ana"), refused(400, "invalidValue", operations("/Users/<ana>", `{"op":"replace","path":"active","value":"perhaps"}`)),
		reads("ana", truth("active", true)),
	}},
	{"an id cannot be changed", "RFC 7643 §3.1; RFC 7644 §3.5.2", []step{
		user("ana"), refused(400, "mutability", operations("/Users/<ana>", `{"op":"replace","path":"id","value":"<nobody>"}`)),
		reads("ana"),
	}},
	{"one bad operation undoes all of its PATCH", "RFC 7644 §3.5.2", []step{
		user("ana"), refused(400, "", operations("/Users/<ana>", `{"op":"replace","path":"title","value":"x"},{"op":"replace","path":"active","value":"perhaps"}`)),
		reads("ana", has("title", "Tester")),
	}},
	{"what is required cannot be removed", "RFC 7644 §3.5.2.2", []step{
		user("ana"), refused(400, "", operations("/Users/<ana>", `{"op":"remove","path":"userName"}`)), reads("ana", has("userName", "<ana.name>")),
	}},
	{"no answer tells what a stranger's token opens", "RFC 7644 §7.4", []step{
		user("ana"),
		expect(ask{method: http.MethodGet, target: "/Users/<ana>", token: "not-a-token-of-anybody"}, []int{401}, []check{lacks("userName"), silent("<ana.name>")}),
	}},
}

// operations is a PATCH with these operations.
func operations(target, operations string) ask {
	return ask{method: http.MethodPatch, target: target, body: `{"schemas":["` + patchURN + `"],"Operations":[` + operations + `]}`}
}

// silent checks that a text is nowhere in the answer.
func silent(text string) check {
	return func(t *trial, a *answer) error {
		text, err := t.expand(text)
		if err == nil && strings.Contains(t.shown(a), text) {
			return a.unexpected("the answer tells what it must not")
		}
		return err
	}
}
