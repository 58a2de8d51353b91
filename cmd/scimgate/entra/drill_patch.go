package entra

// oldPatchCases are PATCH as Entra sends it by default, and always on demand.
var oldPatchCases = []drillCase{
	{`disable: Replace active with the text "False"`, compat, []step{
		user("ana"), changes("ana", `{"op":"Replace","path":"active","value":"False"}`),
		reads("ana", truth("active", false)),
	}},
	{`restore: Replace active with the text "True"`, lifecycle, []step{
		user("ana"), changes("ana", `{"op":"Replace","path":"active","value":"False"}`),
		changes("ana", `{"op":"Replace","path":"active","value":"True"}`), reads("ana", truth("active", true)),
	}},
	{"active wrapped in a list, and in small letters", guide + "; " + compat, []step{
		user("ana"), changes("ana", `{"op":"Replace","path":"active","value":[{"value":"False"}]}`), reads("ana", truth("active", false)),
		changes("ana", `{"op":"Replace","path":"active","value":"true"}`), reads("ana", truth("active", true)),
	}},
	{"Add an attribute that had no value", compat, []step{
		user("ana"), changes("ana", `{"op":"Add","path":"nickName","value":"Babs"}`), reads("ana", has("nickName", "Babs")),
	}},
	{"Add where there is a value replaces it", "buildbuddy-io/buildbuddy 8811; RFC 7644 §3.5.2.1", []step{
		user("ana"), changes("ana", `{"op":"Add","path":"title","value":"Lead"}`), reads("ana", has("title", "Lead")),
	}},
	{"many attributes in one request, one operation each", compat, []step{
		user("ana"), changes("ana", `{"op":"Replace","path":"displayName","value":"Bjfe"},
			{"op":"Replace","path":"emails[type eq \"work\"].value","value":"new.<ana.name>"},{"op":"Replace","path":"name.givenName","value":"Kimmy"},
			{"op":"Replace","path":"name.familyName","value":"Unda"},{"op":"Replace","path":"externalId","value":"<ana.ext>2"},
			{"op":"Replace","path":"`+enterprise+`:employeeNumber","value":"10976"}`),
		reads("ana", has("displayName", "Bjfe"), has("emails/type=work/value", "new.<ana.name>"), has("name/givenName", "Kimmy"),
			has("name/familyName", "Unda"), has("externalId", "<ana.ext>2"), has(enterprise+"/employeeNumber", "10976"), has("title", "Tester")),
	}},
	{"Add the work e-mail of a user without e-mails makes it", "Captain-P-Goldfish/SCIM-SDK 416", []step{
		bare("ana", ""), changes("ana", `{"op":"Add","path":"emails[type eq \"work\"].value","value":"<ana.name>"}`),
		reads("ana", has("emails/type=work/value", "<ana.name>")),
	}},
	{"Replace the work e-mail: made if it is not there, the home one stays", "Captain-P-Goldfish/SCIM-SDK 668; wireapp/wire-server 5419", []step{
		bare("ana", `"emails":[{"type":"home","value":"home.<ana.name>"}]`),
		changes("ana", `{"op":"Replace","path":"emails[type eq \"work\"].value","value":"<ana.name>"}`),
		changes("ana", `{"op":"Replace","path":"emails[type eq \"work\"].value","value":"2.<ana.name>"}`),
		reads("ana", counts("emails", 2), has("emails/type=work/value", "2.<ana.name>"), has("emails/type=home/value", "home.<ana.name>")),
	}},
	{"one address from several operations", "limosa-io/laravel-scim-server 34; " + guide, []step{
		bare("ana", ""), changes("ana", `{"op":"Replace","path":"addresses[type eq \"work\"].formatted","value":"1 Road"}`),
		changes("ana", `{"op":"Add","path":"addresses[type eq \"work\"].country","value":"PT"},{"op":"Add","path":"addresses[type eq \"work\"].postalCode","value":"1000"}`),
		reads("ana", counts("addresses", 1), has("addresses/type=work/formatted", "1 Road"), has("addresses/type=work/country", "PT")),
	}},
	{"telephones by type", guide, []step{
		bare("ana", ""), changes("ana", `{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+351 1"},{"op":"Add","path":"phoneNumbers[type eq \"fax\"].value","value":"+351 2"}`),
		reads("ana", has("phoneNumbers/type=mobile/value", "+351 1"), has("phoneNumbers/type=fax/value", "+351 2")),
	}},
	{"Add to an extension that the user does not have yet", "limosa-io/laravel-scim-server 34", []step{
		bare("ana", ""), changes("ana", `{"op":"Add","path":"`+enterprise+`:department","value":"Retail"}`),
		reads("ana", has(enterprise+"/department", "Retail")),
	}},
	{"set, change and clear the manager, as a bare id", "Captain-P-Goldfish/SCIM-SDK 541; " + kit + ", test 25", []step{
		user("boss"), user("chief"), user("ana"),
		changes("ana", `{"op":"Add","path":"`+enterprise+`:manager","value":"<boss>"}`), reads("ana", has(enterprise+"/manager/value", "<boss>")),
		changes("ana", `{"op":"Replace","path":"`+enterprise+`:manager","value":"<chief>"}`), reads("ana", has(enterprise+"/manager/value", "<chief>")),
		changes("ana", `{"op":"Replace","path":"`+enterprise+`:manager","value":""}`), reads("ana", lacks(enterprise+"/manager")),
	}},
	{"the manager without URN, in a list", guide + ", example 5", []step{
		user("boss"), user("ana"),
		changes("ana", `{"op":"Add","path":"manager","value":[{"$ref":"http://drill.example/Users/<boss>","value":"<boss>"}]}`),
		reads("ana", has(enterprise+"/manager/value", "<boss>")),
	}},
	{"Remove, without a value and with the one that is there", postman + "; RFC 7644 §3.5.2.2", []step{
		bare("ana", `"title":"Tester","nickName":"Babs"`),
		changes("ana", `{"op":"Remove","path":"title"}`), changes("ana", `{"op":"Remove","path":"nickName","value":"Babs"}`),
		reads("ana", lacks("title"), lacks("nickName")),
	}},
	{"Remove with a value that is not there any more removes nothing", reference + " 87", []step{
		user("ana"), changes("ana", `{"op":"Remove","path":"title","value":"Somebody else"}`), reads("ana", has("title", "Tester")),
	}},
	{"rename: Replace userName, found by the new name only, with the same id", guide, []step{
		user("ana"), changes("ana", `{"op":"Replace","path":"userName","value":"new.<ana.name>"}`),
		get(`/Users?filter=userName eq "new.<ana.name>"`, first(sameID("ana"))), get(`/Users?filter=userName eq "<ana.name>"`, finds()),
	}},
	{"rename to one's own name in capitals", "RFC 7643 §4.1.1", []step{
		user("ana"), changes("ana", `{"op":"Replace","path":"userName","value":"<ana.NAME>"}`), reads("ana", has("userName", "<ana.NAME>")),
	}},
	{`a role by roles[primary eq "True"]`, attrs, []step{
		bare("ana", ""), changes("ana", `{"op":"Replace","path":"roles[primary eq \"True\"].value","value":"Editor"}`),
		reads("ana", has("roles/primary=true/value", "Editor"), counts("roles", 1)),
	}},
	{"roles as JSON in a text, and the same again", attrs + "; Captain-P-Goldfish/SCIM-SDK 516", []step{
		bare("ana", ""), changes("ana", encodedRoles), changes("ana", encodedRoles),
		reads("ana", counts("roles", 2), has("roles/value=Admin/value", "Admin"), has("roles/value=User/value", "User")),
	}},
	{"paths and operators in another case", guide + "; RFC 7643 §2.1", []step{
		user("ana"), changes("ana", `{"op":"REPLACE","path":"Emails[Type EQ \"work\"].Value","value":"new.<ana.name>"},{"op":"replace","path":"NAME.FAMILYNAME","value":"Unda"}`),
		reads("ana", has("emails/type=work/value", "new.<ana.name>"), has("name/familyName", "Unda")),
	}},
}

const encodedRoles = `{"op":"Add","path":"roles","value":[{"value":"{\"id\":\"1\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"},{"value":"{\"id\":\"2\",\"value\":\"User\",\"displayName\":\"User\"}"}]}`

// newPatchCases are PATCH as Entra sends it with aadOptscim062020, and as its test
// kits do.
var newPatchCases = []drillCase{
	{"disable and restore with booleans", compat, []step{
		user("ana"), changes("ana", `{"op":"replace","path":"active","value":false}`), reads("ana", truth("active", false)),
		changes("ana", `{"op":"replace","path":"active","value":true}`), reads("ana", truth("active", true)),
	}},
	{"add an attribute that had no value", compat, []step{
		user("ana"), changes("ana", `{"op":"add","path":"nickName","value":"Babs"}`), reads("ana", has("nickName", "Babs")),
	}},
	{"no path: dotted names and URNs as keys", compat, []step{
		user("ana"), changes("ana", `{"op":"replace","path":"emails[type eq \"work\"].value","value":"new.<ana.name>"},
			{"op":"replace","value":{"displayName":"Bjfe","name.givenName":"Kimmy","name.familyName":"Unda","`+enterprise+`:employeeNumber":"10976"}}`),
		reads("ana", has("emails/type=work/value", "new.<ana.name>"), has("displayName", "Bjfe"), has("name/givenName", "Kimmy"),
			has("name/familyName", "Unda"), has(enterprise+"/employeeNumber", "10976"), has(enterprise+"/department", "Quality")),
	}},
	{"no path: an extension as an object is merged", "RFC 7644 §3.5.2.1", []step{
		bare("ana", `"`+enterprise+`":{"employeeNumber":"7"}`),
		changes("ana", `{"op":"add","value":{"`+enterprise+`":{"department":"X"}}}`),
		reads("ana", has(enterprise+"/department", "X"), has(enterprise+"/employeeNumber", "7")),
	}},
	{"no path: a name as an object is merged", "RFC 7644 §3.5.2.3", []step{
		user("ana"), changes("ana", `{"op":"replace","value":{"name":{"familyName":"Unda"}}}`),
		reads("ana", has("name/familyName", "Unda"), has("name/givenName", "Drill")),
	}},
	{"the work e-mail is made if it is not there", "ssoready/ssoready 249", []step{
		bare("ana", ""), changes("ana", `{"op":"replace","path":"emails[type eq \"work\"].value","value":"<ana.name>"}`),
		reads("ana", has("emails/type=work/value", "<ana.name>")),
	}},
	{"the manager as an id", "Captain-P-Goldfish/SCIM-SDK 541", []step{
		user("boss"), user("ana"), changes("ana", `{"op":"add","path":"`+enterprise+`:manager","value":"<boss>"}`),
		reads("ana", has(enterprise+"/manager/value", "<boss>")),
	}},
	{"roles are replaced as a set", attrs, []step{
		bare("ana", `"roles":[{"value":"Old"},{"value":"Older"}]`),
		changes("ana", `{"op":"replace","path":"roles","value":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"User","value":"User"}]}`),
		reads("ana", counts("roles", 1), has("roles/value=User/display", "User")),
	}},
	{"the primary e-mail, and primary as a text", "sourcegraph PR 49119", []step{
		user("ana"), changes("ana", `{"op":"replace","path":"emails[primary eq true].value","value":"new.<ana.name>"}`),
		changes("ana", `{"op":"replace","path":"emails[type eq \"work\"].primary","value":"true"}`),
		reads("ana", has("emails/type=work/value", "new.<ana.name>"), truth("emails/type=work/primary", true)),
	}},
	{`"" clears, and so does null`, kit + ", test 16; RFC 7643 §2.5", []step{
		bare("ana", `"title":"T","displayName":"D","emails":[{"type":"work","value":"<ana.name>"}]`),
		changes("ana", `{"op":"replace","path":"title","value":""},{"op":"replace","path":"emails[type eq \"work\"].value","value":""}`),
		changes("ana", `{"op":"replace","path":"displayName","value":null}`), changes("ana", `{"op":"replace","path":"title","value":""}`),
		reads("ana", lacks("title"), lacks("displayName"), lacks("emails/type=work/value")),
	}},
	{"remove by path, one element, and what is not there", "RFC 7644 §3.5.2.2", []step{
		bare("ana", `"title":"T","emails":[{"type":"work","value":"w.<ana.name>"},{"type":"home","value":"h.<ana.name>"}]`),
		changes("ana", `{"op":"remove","path":"title"},{"op":"remove","path":"emails[type eq \"home\"]"}`), changes("ana", `{"op":"remove","path":"title"}`),
		reads("ana", lacks("title"), counts("emails", 1), has("emails/type=work/value", "w.<ana.name>")),
	}},
	{"operations act in order", "RFC 7644 §3.5.2", []step{
		user("ana"), changes("ana", `{"op":"replace","path":"title","value":"1"},{"op":"remove","path":"title"},{"op":"add","path":"title","value":"3"}`),
		reads("ana", has("title", "3")),
	}},
	{"the same PATCH again changes nothing and is no error", "RFC 7644 §3.5.2.1", []step{
		user("ana"), changes("ana", `{"op":"replace","path":"title","value":"Lead"}`), changes("ana", `{"op":"replace","path":"title","value":"Lead"}`),
		reads("ana", has("title", "Lead")),
	}},
}
