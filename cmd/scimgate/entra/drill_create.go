package entra

// createCases are users as they are created.
var createCases = []drillCase{
	{"as Entra creates by its default mappings: all of it is read back", guide + "; RFC 7644 §3.3", []step{
		user("ana"),
		reads("ana", has("userName", "<ana.name>"), has("externalId", "<ana.ext>"), truth("active", true),
			has("displayName", "Drill ana"), has("title", "Tester"), has("name/familyName", "ana"), has("name/givenName", "Drill"),
			has("emails/type=work/value", "<ana.name>"), truth("emails/type=work/primary", true), has(enterprise+"/department", "Quality"),
			has("meta/resourceType", "User"), present("meta/created"), noNull),
	}},
	{"201 has the resource, its id and a Location", guide + "; RFC 7644 §3.3", []step{
		bare("ana", `"displayName":"Ana"`, present("id"), has("userName", "<ana.name>"), present("meta"), hasLocation),
	}},
	{"a name is enough", "RFC 7643 §4.1.1", []step{bare("ana", ""), reads("ana", has("userName", "<ana.name>"))}},
	{"as Okta creates: a password, which is never shown", okta + "; RFC 7643 §4.1.1", []step{
		bare("ana", `"name":{"givenName":"Ana","familyName":"Drill"},"emails":[{"primary":true,"value":"<ana.name>","type":"work"}],
			"displayName":"Ana Drill","locale":"en-US","externalId":"<ana.ext>","groups":[],"password":"1mz050nq","active":true`, lacks("password")),
		reads("ana", has("displayName", "Ana Drill"), has("locale", "en-US"), truth("active", true), lacks("password")),
	}},
	{"null is no value: for lists, and for attributes in the wrong place", guide + ", example 2; RFC 7643 §2.5", []step{
		bare("ana", `"addresses":null,"phoneNumbers":null,"preferredLanguage":null,"title":null,"department":null,"manager":null`),
		reads("ana", lacks("addresses"), lacks("title"), noNull),
	}},
	{"schemas with a slip in the URN, and with one that is not known", guide + ", example 2", []step{
		create("/Users", "ana", `{"schemas":["`+userURN+`","urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],"userName":"<ana.name>"}`),
		create("/Users", "ben", `{"schemas":["`+userURN+`","urn:example:drill"],"userName":"<ben.name>"}`),
		reads("ana"), reads("ben"),
	}},
	{"an extension whose URN is not in schemas", attrs, []step{
		create("/Users", "ana", `{"schemas":["`+userURN+`"],"userName":"<ana.name>","`+enterprise+`":{"department":"Retail","employeeNumber":"701984"}}`),
		reads("ana", has(enterprise+"/department", "Retail"), has(enterprise+"/employeeNumber", "701984")),
	}},
	{`active as the text "True" is read back as a boolean`, postman, []step{bare("ana", `"active":"True"`), reads("ana", truth("active", true))}},
	{"created disabled", guide, []step{bare("ana", `"active":false`), reads("ana", truth("active", false))}},
	{"the manager as a bare id, read back as an object", "apache/directory-scimple 1242; Budibase/budibase 15369", []step{
		user("boss"), bare("ana", `"`+enterprise+`":{"manager":"<boss>"}`),
		reads("ana", has(enterprise+"/manager/value", "<boss>")),
	}},
	{"roles of an app, and an empty list of them", attrs, []step{
		bare("ana", `"roles":[{"primary":true,"type":"WindowsAzureActiveDirectoryRole","value":"Admin"}]`),
		reads("ana", has("roles/type=WindowsAzureActiveDirectoryRole/value", "Admin")),
		bare("ben", `"roles":[]`), reads("ben", lacks("roles")),
	}},
	{"two e-mails of the type work are both kept", postman, []step{
		bare("ana", `"emails":[{"type":"work","value":"1.<ana.name>","primary":true},{"type":"work","value":"2.<ana.name>"}]`),
		reads("ana", counts("emails", 2)),
	}},
	{"id and meta are not the client's to say", "RFC 7643 §3.1", []step{
		bare("ana", `"id":"<nobody>","meta":{"created":"2001-01-01T00:00:00Z","location":"https://elsewhere.example/"}`),
		get(`/Users?filter=userName eq "<ana.name>"`, finds("ana")),
		get(`/Users?filter=id eq "<nobody>"`, finds()),
	}},
	{"letters of all the world are read back as sent", "RFC 7643 §2.3.1; RFC 8259 §8.1", []step{
		bare("ana", `"displayName":"Žofia 𠮷野 O'Neill <B>","name":{"familyName":"Ångström","givenName":"Παῦλος"}`),
		reads("ana", has("displayName", "Žofia 𠮷野 O'Neill <B>"), has("name/familyName", "Ångström")),
	}},
	{"numbers of telephones stay as they are written", guide, []step{
		bare("ana", `"phoneNumbers":[{"type":"work","value":"+49 (0)30 / 1234-5"}]`),
		reads("ana", has("phoneNumbers/type=work/value", "+49 (0)30 / 1234-5")),
	}},
}

// hasLocation checks for where the new resource is (RFC 7644 §3.3).
func hasLocation(_ *trial, a *answer) error {
	if a.header.Get("Location") == "" {
		return a.unexpected("there is no Location")
	}
	return nil
}
