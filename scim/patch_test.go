package scim

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"scimgate/scim/value"
)

// patchOf is the body of a PATCH with these operations.
func patchOf(operations string) string {
	return `{"schemas":["` + PatchURN + `"],"Operations":[` + operations + `]}`
}

// stored is a user as the store has it; %E and %A stand for the extensions' URNs.
func stored(attributes string) *Resource {
	urns := `"` + UserURN + `"`
	for _, short := range []string{"%E", "%A"} {
		if strings.Contains(attributes, `"`+short+`"`) {
			urns += `,"` + long(short) + `"`
		}
	}
	body := `{"schemas":[` + urns + `],"id":"U1","userName":"ana"`
	if attributes != "" {
		body += "," + attributes
	}
	return StoredResource("User", "U1", 1, []byte(long(body+"}")))
}

func long(s string) string {
	return strings.NewReplacer("%E", EnterpriseUserURN, "%A", AppspaceUserURN).Replace(s)
}

// patched applies operations to r; a nil error says nothing of whether r changed.
func patched(r *Resource, operations string, m Mode) (bool, error) {
	doc, err := ParseBody([]byte(long(patchOf(operations))), value.DefaultLimits)
	if err != nil {
		return false, err
	}
	p, err := ParsePatch(doc, m)
	if err != nil {
		return false, err
	}
	return p.Apply(r, testUser(), m)
}

const (
	work      = `{"type":"work","value":"w@x.io","primary":true}`
	home      = `{"type":"home","value":"h@x.io"}`
	workMail  = `emails[type eq \"work\"].value`
	same      = "same" // the resource is as before
	userNamed = `"userName":"ana"`
)

// What a PATCH makes of a user: vectors of entra-and-appspace.md (E), the same
// file's PATCH matrix (M), RFC 7644 §3.5.2 (R), and section 6 of the design (D).
func TestPatch(t *testing.T) {
	for _, c := range []struct {
		name, before, operations, after string
		tolerated                       string // in order, without those of op in upper case
	}{
		// disable, in all forms
		{"E29", `"active":true`, `{"op":"Replace","path":"active","value":"False"}`, `"active":false`, "booleanAsString active"},
		{"E30 text", `"active":true`, `{"op":"Replace","path":"active","value":"false"}`, `"active":false`, "booleanAsString active"},
		{"E30 boolean", `"active":true`, `{"op":"Replace","path":"active","value":false}`, `"active":false`, ""},
		{"E30 back", `"active":false`, `{"op":"Replace","path":"active","value":"True"}`, `"active":true`, "booleanAsString active"},
		{"E30 wrapped", `"active":true`, `{"op":"Replace","path":"active","value":[{"value":"False"}]}`, `"active":false`, "wrappedValue active, booleanAsString active"},
		{"E49 no path", `"active":true`, `{"op":"replace","value":{"active":false}}`, `"active":false`, ""},
		{"M no path, as text", `"active":true`, `{"op":"replace","value":{"active":"False"}}`, `"active":false`, "booleanAsString active"},

		// single attributes: add is replace
		{"M add", ``, `{"op":"Add","path":"nickName","value":"Babs"}`, `"nickName":"Babs"`, ""},
		{"M add again", `"nickName":"B"`, `{"op":"add","path":"nickName","value":"Babs"}`, `"nickName":"Babs"`, ""},
		{
			"E31 many at once", `"displayName":"A","emails":[` + work + `],"name":{"givenName":"A","familyName":"B","middleName":"M"}`,
			`{"op":"Replace","path":"displayName","value":"B"},{"op":"Replace","path":"` + workMail + `","value":"n@x.io"},{"op":"Replace","path":"name.givenName","value":"K"},{"op":"Replace","path":"name.familyName","value":"U"},{"op":"Replace","path":"externalId","value":"x9"},{"op":"Replace","path":"%E:employeeNumber","value":"701"}`,
			`"displayName":"B","emails":[{"type":"work","value":"n@x.io","primary":true}],"name":{"givenName":"K","familyName":"U","middleName":"M"},"%E":{"employeeNumber":"701"},"externalId":"x9"`, "",
		},
		{"E41", ``, `{"op":"Replace","path":"userName","value":"bea"}`, `"userName":"bea"`, ""},
		{"R later operations see earlier ones", `"title":"T"`, `{"op":"remove","path":"title"},{"op":"add","path":"title","value":"U"},{"op":"replace","path":"title","value":"V"}`, `"title":"V"`, ""},
		{"R complex values merge", `"name":{"givenName":"A","familyName":"B"}`, `{"op":"replace","path":"name","value":{"givenName":"K"}}`, `"name":{"givenName":"K","familyName":"B"}`, ""},
		{"complex values merge, null clears", `"name":{"givenName":"A","familyName":"B"}`, `{"op":"replace","value":{"name":{"GIVENNAME":null,"middleName":"M"}}}`, `"name":{"familyName":"B","middleName":"M"}`, ""},
		{"complex, all null", `"name":{"givenName":"A"}`, `{"op":"replace","path":"name","value":{"givenName":""}}`, ``, ""},
		{"complex, {} names nothing", `"name":{"givenName":"A"}`, `{"op":"replace","path":"name","value":{}}`, same, ""},
		{"complex, {} on nothing", ``, `{"op":"replace","path":"name","value":{}}`, same, ""},
		{"complex cleared", `"name":{"givenName":"A"}`, `{"op":"replace","path":"name","value":null}`, ``, ""},
		{"complex removed", `"name":{"givenName":"A"}`, `{"op":"remove","path":"name"}`, ``, ""},
		{"sub-attribute of nothing", ``, `{"op":"add","path":"name.givenName","value":"K"},{"op":"remove","path":"name.familyName"}`, `"name":{"givenName":"K"}`, ""},
		{"sub-attribute of nothing removed", ``, `{"op":"remove","path":"name.familyName"}`, same, ""},
		{"the last sub-attribute removed", `"name":{"givenName":"A"}`, `{"op":"remove","path":"name.givenName"}`, ``, ""},
		{"E45", `"%A":{"badge":"7"}`, `{"op":"Replace","path":"%A:badge","value":"9"}`, `"%A":{"badge":"9"}`, ""},
		{"E45 add", ``, `{"op":"Add","path":"%A:badge","value":"9"}`, `"%A":{"badge":"9"}`, ""},
		{"D6.6 integer as text", ``, `{"op":"Add","path":"%A:floor","value":"701"}`, `"%A":{"floor":"701"}`, "numberAsString " + AppspaceUserURN + ":floor"},
		{"D6.8 nothing changes", `"title":"T","emails":[` + work + `]`, `{"op":"replace","path":"title","value":"T"},{"op":"replace","path":"` + workMail + `","value":"w@x.io"},{"op":"add","path":"emails","value":[` + work + `]}`, same, ""},
		{"nothing changes in the end", `"title":"T"`, `{"op":"replace","path":"title","value":"U"},{"op":"replace","path":"title","value":"T"}`, same, ""},

		// the element that a value filter asks for
		{"E32", ``, `{"op":"Add","path":"` + workMail + `","value":"w@x.io"}`, `"emails":[{"type":"work","value":"w@x.io"}]`, "createdByFilter emails"},
		{"E33", `"emails":[` + home + `]`, `{"op":"Replace","path":"` + workMail + `","value":"w@x.io"}`, `"emails":[` + home + `,{"type":"work","value":"w@x.io"}]`, "createdByFilter emails"},
		{"E33 siblings stay", `"emails":[` + work + `,` + home + `]`, `{"op":"Replace","path":"` + workMail + `","value":"n@x.io"}`, `"emails":[{"type":"work","value":"n@x.io","primary":true},` + home + `]`, ""},
		{
			"E34", ``, `{"op":"Replace","path":"addresses[type eq \"work\"].formatted","value":"1 St"},{"op":"Replace","path":"addresses[type eq \"work\"].country","value":"MY"}`,
			`"addresses":[{"type":"work","formatted":"1 St","country":"MY"}]`, "createdByFilter addresses",
		},
		{"E43", `"roles":[{"value":"A"}]`, `{"op":"Replace","path":"roles[primary eq \"True\"].value","value":"Editor"}`, `"roles":[{"value":"A"},{"primary":true,"value":"Editor"}]`, "booleanAsString roles.primary, createdByFilter roles"},
		{"E46 case", `"emails":[` + work + `],"name":{"familyName":"B"}`, `{"op":"Replace","path":"Emails[Type EQ \"WORK\"].Value","value":"n@x.io"},{"op":"Replace","path":"NAME.FAMILYNAME","value":"C"},{"op":"Replace","path":"URN:ietf:params:scim:schemas:EXTENSION:enterprise:2.0:user:DEPARTMENT","value":"D"}`, `"emails":[{"type":"work","value":"n@x.io","primary":true}],"name":{"familyName":"C"},"%E":{"department":"D"}`, ""},
		{"D6.3 all eq terms", ``, `{"op":"add","path":"emails[type eq \"work\" and primary eq true].value","value":"w@x.io"}`, `"emails":[{"type":"work","primary":true,"value":"w@x.io"}]`, "createdByFilter emails"},
		{"the value as an object", ``, `{"op":"add","path":"emails[type eq \"work\"]","value":{"value":"w@x.io","display":"W"}}`, `"emails":[{"type":"work","value":"w@x.io","display":"W"}]`, "createdByFilter emails"},
		{"the value as an object in a list", `"emails":[` + work + `]`, `{"op":"replace","path":"emails[type eq \"work\"]","value":[{"value":"n@x.io"}]}`, `"emails":[{"type":"work","value":"n@x.io","primary":true}]`, ""},
		{"the value bare", `"emails":[` + work + `]`, `{"op":"replace","path":"emails[type eq \"work\"]","value":"n@x.io"}`, `"emails":[{"type":"work","value":"n@x.io","primary":true}]`, "bareValue emails"},
		{"E52", `"emails":[{"type":"work","value":"w@x.io"},` + home + `]`, `{"op":"replace","path":"emails[type eq \"work\"].primary","value":"true"},{"op":"replace","path":"emails[primary eq true].value","value":"n@x.io"}`, `"emails":[{"type":"work","value":"n@x.io","primary":true},` + home + `]`, "booleanAsString emails.primary"},
		{"E52 display first", ``, `{"op":"add","path":"emails[type eq \"home\"].primary","value":true},{"op":"add","path":"emails[type eq \"home\"].value","value":"h@x.io"}`, `"emails":[{"type":"home","primary":true,"value":"h@x.io"}]`, "createdByFilter emails"},
		{"D6.9 primary", `"emails":[{"type":"work","value":"1"},{"type":"work","value":"2","primary":true}]`, `{"op":"replace","path":"` + workMail + `","value":"n"}`, `"emails":[{"type":"work","value":"1"},{"type":"work","value":"n","primary":true}]`, "ambiguousFilter emails"},
		{"D6.9 first", `"emails":[{"type":"work","value":"1"},{"type":"work","value":"2"}]`, `{"op":"replace","path":"` + workMail + `","value":"n"}`, `"emails":[{"type":"work","value":"n"},{"type":"work","value":"2"}]`, "ambiguousFilter emails"},
		{"R all that match", `"emails":[{"type":"a","value":"1@x"},{"type":"b","value":"2@x"},{"type":"c","value":"3@y"}]`, `{"op":"replace","path":"emails[value ew \"@x\"].display","value":"X"}`, `"emails":[{"type":"a","value":"1@x","display":"X"},{"type":"b","value":"2@x","display":"X"},{"type":"c","value":"3@y"}]`, ""},
		{"R a sub-attribute of all", `"emails":[` + work + `,` + home + `]`, `{"op":"remove","path":"emails.type"}`, `"emails":[{"value":"w@x.io","primary":true},{"value":"h@x.io"}]`, ""},
		{"a sub-attribute of none", ``, `{"op":"add","path":"emails.value","value":"a@x"}`, `"emails":[{"value":"a@x"}]`, "createdByFilter emails"},

		// lists
		{"R add to a list", `"emails":[` + home + `]`, `{"op":"add","path":"emails","value":[{"type":"work","value":"w@x.io"}]}`, `"emails":[` + home + `,{"type":"work","value":"w@x.io"}]`, ""},
		{"add one", `"emails":[` + home + `]`, `{"op":"add","path":"emails","value":{"type":"work","value":"w@x.io"}}`, `"emails":[` + home + `,{"type":"work","value":"w@x.io"}]`, "singleAsList emails"},
		{"R add what is there", `"emails":[` + home + `]`, `{"op":"add","path":"emails","value":[{"value":"H@x.io"},{"type":"HOME","value":"h@x.io"}]}`, `"emails":[{"type":"HOME","value":"h@x.io"}]`, ""},
		{"add what is there, with more", `"emails":[{"value":"h@x.io"}]`, `{"op":"add","path":"emails","value":[{"value":"h@x.io","type":"home","display":"H"}]}`, `"emails":[{"value":"h@x.io","type":"home","display":"H"}]`, ""},
		{"one number of two types", `"phoneNumbers":[{"type":"work","value":"1"}]`, `{"op":"add","path":"phoneNumbers","value":[{"type":"mobile","value":"1"},{"type":"mobile","value":"1"}]}`, `"phoneNumbers":[{"type":"work","value":"1"},{"type":"mobile","value":"1"}]`, ""},
		{"elements without value", `"addresses":[{"type":"work","country":"MY"}]`, `{"op":"add","path":"addresses","value":[{"country":"MY","TYPE":"work"},{"type":"work","country":"SG"}]}`, `"addresses":[{"type":"work","country":"MY"},{"type":"work","country":"SG"}]`, ""},
		{"R the newest is primary", `"emails":[` + work + `]`, `{"op":"add","path":"emails","value":[{"type":"home","value":"h@x.io","primary":"True"}]}`, `"emails":[{"type":"work","value":"w@x.io","primary":false},{"type":"home","value":"h@x.io","primary":true}]`, "booleanAsString emails.primary"},
		{"the newest is primary, by path", `"emails":[` + work + `,` + home + `]`, `{"op":"add","path":"emails[type eq \"home\"].primary","value":true}`, `"emails":[{"type":"work","value":"w@x.io","primary":false},{"type":"home","value":"h@x.io","primary":true}]`, ""},
		{"add nothing", `"emails":[` + home + `]`, `{"op":"add","path":"emails","value":[]},{"op":"add","path":"emails","value":null},{"op":"add","value":{"emails":""}}`, same, ""},
		{"R replace a list", `"emails":[` + work + `,` + home + `]`, `{"op":"replace","path":"emails","value":[` + home + `]}`, `"emails":[` + home + `]`, ""},
		{"E51", `"roles":[{"value":"A"},{"value":"B"}]`, `{"op":"replace","path":"roles","value":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"User","value":"User"}]}`, `"roles":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"User","value":"User"}]`, ""},
		{"M boolean text in a list", ``, `{"op":"replace","value":{"roles":[{"primary":"False","value":"A"}]}}`, `"roles":[{"primary":false,"value":"A"}]`, "booleanAsString roles.primary"},
		{
			"E44", `"roles":[{"value":"Admin","display":"Admin","primary":false}]`, `{"op":"Add","path":"roles","value":[{"value":"{\"id\":\"r1\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"},{"value":"{\"id\":\"r2\",\"value\":\"User\",\"displayName\":\"User\"}"}]}`,
			`"roles":[{"value":"Admin","display":"Admin","primary":false},{"value":"User","display":"User","primary":false}]`, "encodedValue roles, encodedValue roles",
		},

		// the value of an operation without a path
		{
			"E48", `"emails":[` + work + `],"name":{"givenName":"A"}`,
			`{"op":"replace","path":"` + workMail + `","value":"n@x.io"},{"op":"replace","value":{"displayName":"B","name.givenName":"K","name.familyName":"U","%E:employeeNumber":"A"}}`,
			`"emails":[{"type":"work","value":"n@x.io","primary":true}],"name":{"givenName":"K","familyName":"U"},"displayName":"B","%E":{"employeeNumber":"A"}`, "pathAsKey name, pathAsKey name, pathAsKey employeeNumber",
		},
		{"E50", `"%E":{"costCenter":"C","department":"D"}`, `{"op":"add","value":{"%E":{"department":"X"}}}`, `"%E":{"costCenter":"C","department":"X"}`, ""},
		{"an extension with paths as keys", `"%E":{"costCenter":"C"}`, `{"op":"replace","value":{"%E":{"manager.value":"U2","costCenter":""}}}`, `"%E":{"manager":{"value":"U2"}}`, "pathAsKey manager"},
		{"an extension within another", `"%E":{"department":"D"}`, `{"op":"replace","value":{"%E":{"%A:department":"X"}}}`, same, "unknownAttribute " + AppspaceUserURN + ":department"},
		{"a filter as key", ``, `{"op":"replace","value":{"emails[type eq \"work\"].value":"w@x.io"}}`, `"emails":[{"type":"work","value":"w@x.io"}]`, "pathAsKey emails, createdByFilter emails"},
		{"the core by its URN", ``, `{"op":"replace","value":{"` + UserURN + `":{"title":"T"},"` + UserURN + `:nickName":"N"}}`, `"title":"T","nickName":"N"`, "pathAsKey nickName"},
		{"an extension as path", `"%E":{"costCenter":"C"}`, `{"op":"add","path":"%E","value":{"department":"X"}}`, `"%E":{"costCenter":"C","department":"X"}`, ""},
		{"an extension removed", `"%E":{"costCenter":"C"}`, `{"op":"remove","path":"%E"}`, ``, ""},
		{"an extension cleared", `"%E":{"costCenter":"C"}`, `{"op":"replace","value":{"%E":null}}`, ``, ""},
		{"nothing added to an extension", `"%E":{"costCenter":"C"}`, `{"op":"add","value":{"%E":null}},{"op":"replace","value":{"%E":{}}}`, same, ""},
		{"readOnly by the way", `"title":"T"`, `{"op":"replace","value":{"id":"mine","schemas":["x"],"meta":{"version":"9"},"title":"U","groups":[{"value":"g"}]}}`, `"title":"U"`, "readOnlyIgnored id, readOnlyIgnored schemas, readOnlyIgnored meta, readOnlyIgnored groups"},
		{"D6.10 password", ``, `{"op":"replace","path":"password","value":"x"},{"op":"add","value":{"password":"x","title":"T"}}`, `"title":"T"`, "passwordDropped password, passwordDropped password"},
		{"an empty path", ``, `{"op":"add","path":"","value":{"title":"T"}},{"op":"add","path":null,"value":{"title":"U"}}`, `"title":"U"`, "emptyPath Operations.path"},

		// manager, and Enterprise attributes without their URN
		{"E35", ``, `{"op":"Add","path":"%E:department","value":"Retail"}`, `"%E":{"department":"Retail"}`, ""},
		{"E36", ``, `{"op":"Add","path":"%E:manager","value":"U2"}`, `"%E":{"manager":{"value":"U2"}}`, "bareValue " + EnterpriseUserURN + ":manager"},
		{"E37", `"%E":{"manager":{"value":"U2","$ref":"../Users/U2"}}`, `{"op":"Replace","path":"%E:manager","value":"U3"}`, `"%E":{"manager":{"value":"U3"}}`, "bareValue " + EnterpriseUserURN + ":manager"},
		{"E37 cleared", `"%E":{"manager":{"value":"U2"}}`, `{"op":"Replace","path":"%E:manager","value":""}`, ``, ""},
		{"E37 cleared within", `"%E":{"manager":{"value":"U2","$ref":"../Users/U2"}}`, `{"op":"Replace","path":"%E:manager","value":{"value":""}}`, ``, ""},
		{"manager.value", `"%E":{"manager":{"value":"U2","$ref":"../Users/U2"}}`, `{"op":"Replace","path":"%E:manager.value","value":"U3"}`, `"%E":{"manager":{"value":"U3"}}`, ""},
		{"manager.value as it is", `"%E":{"manager":{"value":"U2","$ref":"../Users/U2"}}`, `{"op":"Replace","path":"%E:manager.value","value":"U2"}`, same, ""},
		{"manager by what is not the client's", `"%E":{"manager":{"value":"U2"}}`, `{"op":"Replace","path":"%E:manager","value":{"displayName":"Boss"}}`, same, ""},
		{"manager without what is not the client's", `"%E":{"manager":{"value":"U2","displayName":"B"}}`, `{"op":"Replace","path":"%E:manager","value":{"displayName":null}}`, same, ""},
		{"E38", ``, `{"op":"Add","path":"manager","value":[{"$ref":"../Users/U2","value":"U2"}]}`, `"%E":{"manager":{"$ref":"../Users/U2","value":"U2"}}`, "misplacedAttribute manager, wrappedValue " + EnterpriseUserURN + ":manager"},
		{"manager removed, late", `"%E":{"manager":{"value":"U3"}}`, `{"op":"Remove","path":"%E:manager","value":[{"value":"U2"}]}`, same, "removeWithValue " + EnterpriseUserURN + ":manager, wrappedValue " + EnterpriseUserURN + ":manager"},
		{"manager removed", `"%E":{"manager":{"value":"U3"}}`, `{"op":"Remove","path":"%E:manager","value":"u3"}`, ``, "removeWithValue " + EnterpriseUserURN + ":manager, bareValue " + EnterpriseUserURN + ":manager"},

		// remove and clear
		{"E40", `"title":"New"`, `{"op":"Remove","path":"title"}`, ``, ""},
		{"E40 absent", ``, `{"op":"Remove","path":"title"}`, same, ""},
		{"E40 late", `"title":"New"`, `{"op":"Remove","path":"title","value":"Old"}`, same, "removeWithValue title"},
		{"E40 in time", `"title":"New"`, `{"op":"Remove","path":"title","value":"NEW"}`, ``, "removeWithValue title"},
		{"E40 null", `"title":"New"`, `{"op":"Remove","path":"title","value":null}`, ``, ""},
		{"E40 e-mail late", `"emails":[` + work + `]`, `{"op":"Remove","path":"` + workMail + `","value":"old@x.io"}`, same, "removeWithValue emails.value"},
		{"E40 e-mail", `"emails":[` + work + `,` + home + `]`, `{"op":"Remove","path":"` + workMail + `","value":"W@X.IO"}`, `"emails":[` + home + `]`, "removeWithValue emails.value"},
		{"M e-mail", `"emails":[` + work + `,` + home + `]`, `{"op":"remove","path":"` + workMail + `"}`, `"emails":[` + home + `]`, ""},
		{"M e-mail element", `"emails":[` + work + `,` + home + `]`, `{"op":"remove","path":"emails[type eq \"home\"]"}`, `"emails":[` + work + `]`, ""},
		{"R all e-mails that match", `"emails":[` + work + `,` + home + `]`, `{"op":"remove","path":"emails[value ew \"@x.io\"]"}`, ``, ""},
		{"e-mail absent", `"emails":[` + home + `]`, `{"op":"remove","path":"emails[type eq \"work\"]"},{"op":"remove","path":"` + workMail + `"},{"op":"replace","path":"` + workMail + `","value":""}`, same, ""},
		{"a part of an address", `"addresses":[{"type":"work","country":"MY","region":"R"}]`, `{"op":"remove","path":"addresses[type eq \"work\"].region"}`, `"addresses":[{"type":"work","country":"MY"}]`, ""},
		{"D6.4 remove listed", `"roles":[{"value":"A"},{"value":"B"},{"value":"C"}]`, `{"op":"Remove","path":"roles","value":[{"$ref":null,"value":"a"},"C",{"value":"D"}]}`, `"roles":[{"value":"B"}]`, "removeWithValue roles"},
		{"D6.4 remove one", `"roles":[{"value":"A"},{"value":"B"}]`, `{"op":"Remove","path":"roles","value":"A"},{"op":"Remove","path":"roles","value":{"value":"B"}}`, ``, "removeWithValue roles, removeWithValue roles"},
		{"D6.4 remove whole elements", `"addresses":[{"type":"work","country":"MY"},{"type":"home","country":"MY"}]`, `{"op":"Remove","path":"addresses","value":[{"country":"MY","type":"home"}]}`, `"addresses":[{"type":"work","country":"MY"}]`, "removeWithValue addresses"},
		{"D6.4 remove all", `"roles":[{"value":"A"},{"value":"B"}]`, `{"op":"remove","path":"roles"}`, ``, ""},
		{"D6.4 replace by none", `"roles":[{"value":"A"}]`, `{"op":"replace","path":"roles","value":[]}`, ``, ""},

		// what is not defined
		{"E45 undefined", ``, `{"op":"Replace","path":"%A:shoe","value":"9"},{"op":"add","value":{"%A":{"size":7},"%A:wide":true}}`, `"%A":{"shoe":"9","size":7,"wide":true}`, "undefinedAttribute " + AppspaceUserURN + ":shoe, undefinedAttribute " + AppspaceUserURN + ":size, pathAsKey wide, undefinedAttribute " + AppspaceUserURN + ":wide"},
		{"undefined, wrapped", ``, `{"op":"Add","path":"%A:shoe","value":[{"value":"9"}]}`, `"%A":{"shoe":"9"}`, "undefinedAttribute " + AppspaceUserURN + ":shoe, wrappedValue " + AppspaceUserURN + ":shoe"},
		{"undefined and cleared", `"%A":{"shoe":"9","size":"7"}`, `{"op":"Replace","path":"%A:SHOE","value":""},{"op":"remove","path":"%A:size"}`, ``, "undefinedAttribute " + AppspaceUserURN + ":SHOE, undefinedAttribute " + AppspaceUserURN + ":size"},
		{"undefined and not simple", `"title":"T"`, `{"op":"Add","path":"%A:shoe","value":{"left":9}}`, same, "undefinedAttribute " + AppspaceUserURN + ":shoe, unknownAttribute " + AppspaceUserURN + ":shoe"},
		{"D6.6 unknown", ``, `{"op":"Add","path":"shoeSize","value":9},{"op":"Add","path":"name.shoe","value":9},{"op":"add","value":{"$set":{},"a.b.c":1,"urn:x:2.0:User":{"a":1},"title":"T"}},{"op":"replace","path":"%E:shoe","value":1}`, `"title":"T"`, "unknownAttribute shoeSize, unknownAttribute name.shoe, unknownAttribute $set, unknownAttribute a.b.c, pathAsKey User, unknownAttribute urn:x:2.0:User, unknownAttribute " + EnterpriseUserURN + ":shoe"},
		{"unknown with a filter", ``, `{"op":"Add","path":"shoes[type eq \"S3CRET\"].value","value":9},{"op":"Add","path":"%A:shoe[a eq \"S3CRET\"]","value":9}`, same, "unknownAttribute shoes.value, undefinedAttribute " + AppspaceUserURN + ":shoe, unknownAttribute " + AppspaceUserURN + ":shoe"},
	} {
		m, seen := counting()
		r := stored(c.before)
		was := string(r.Body())
		changed, err := patched(r, c.operations, m)
		want := was
		if c.after != same {
			want = string(stored(c.after).Body())
		}
		if strings.HasPrefix(c.after, `"userName"`) {
			want = strings.Replace(want, userNamed+",", "", 1)
		}
		if err != nil || !value.Equal(parse(t, string(r.Body())), parse(t, want)) || changed != (c.after != same) {
			t.Errorf("%s: changed %v, %v\n%s, want\n%s", c.name, changed, err, r.Body(), want)
		}
		*seen = slices.DeleteFunc(*seen, func(s string) bool { return strings.HasPrefix(s, "operationCase") })
		if got := strings.Join(*seen, ", "); got != c.tolerated {
			t.Errorf("%s:\ntolerated %s,\n     want %s", c.name, got, c.tolerated)
		}
		if !changed && string(r.Body()) != was {
			t.Errorf("%s: nothing changed, but the body is\n%s, was\n%s", c.name, r.Body(), was)
		}
		if again, err := patched(r, c.operations, Mode{}); err == nil && again && !strings.HasPrefix(c.name, "R later") && !strings.HasPrefix(c.name, "D6.4 remove one") {
			t.Errorf("%s: the same PATCH again makes it\n%s", c.name, r.Body())
		}
	}
}

func TestPatchRefuses(t *testing.T) {
	const before = `"title":"T","active":true,"emails":[` + work + `],"roles":[{"value":"A"}],"%E":{"manager":{"value":"U2"}}`
	for _, c := range []struct {
		name, operations string
		kind             ErrorType
	}{
		{"E30", `{"op":"Replace","path":"active","value":"maybe"}`, InvalidValue},
		{"E47 op", `{"op":"Upsert","path":"title","value":"x"}`, InvalidSyntax},
		{"op in no case", `{"op":"move","path":"title","value":"x"}`, InvalidSyntax},
		{"no op", `{"path":"title","value":"x"}`, InvalidSyntax},
		{"op is no text", `{"op":["add"],"path":"title","value":"x"}`, InvalidSyntax},
		{"an operation that is none", `"add"`, InvalidSyntax},
		{"no operation", ``, InvalidSyntax},
		{"too many", strings.TrimSuffix(strings.Repeat(`{"op":"add","path":"title","value":"x"},`, 1001), ","), InvalidValue},
		{"E47 id", `{"op":"replace","path":"id","value":"x"}`, Mutability},
		{"B50 schemas", `{"op":"replace","path":"schemas","value":["x"]}`, Mutability},
		{"meta", `{"op":"remove","path":"meta.version"}`, Mutability},
		{"groups", `{"op":"add","path":"groups","value":[{"value":"g"}]}`, Mutability},
		{"a readOnly sub-attribute", `{"op":"add","path":"%E:manager.displayName","value":"x"}`, Mutability},
		{"E53 required, cleared", `{"op":"replace","path":"userName","value":""}`, InvalidValue},
		{"required, null", `{"op":"replace","value":{"userName":null}}`, InvalidValue},
		{"required, removed", `{"op":"remove","path":"userName"}`, InvalidValue},
		{"required, blank", `{"op":"replace","path":"userName","value":"  "}`, InvalidValue},
		{"B45 no path, no object", `{"op":"add","value":"x"}`, InvalidValue},
		{"no value", `{"op":"replace","path":"title"}`, InvalidValue},
		{"an extension that is no object", `{"op":"replace","value":{"%E":"x"}}`, InvalidValue},
		{"the core that is no object", `{"op":"replace","value":{"` + UserURN + `":"x"}}`, InvalidValue},
		{"B46 remove an empty list", `{"op":"remove","path":"roles","value":[]}`, InvalidValue},
		{"B46 remove null", `{"op":"remove","path":"roles","value":null}`, InvalidValue},
		{"B46 remove nothing", `{"op":"remove","path":"roles","value":[{}]}`, InvalidValue},
		{"B46 remove a shape unknown", `{"op":"remove","path":"roles","value":[{"id":"A"}]}`, InvalidValue},
		{"B46 remove a half known shape", `{"op":"remove","path":"roles","value":[{"value":"A"},{"id":"B"}]}`, InvalidValue},
		{"B46 remove a list in a list", `{"op":"remove","path":"roles","value":[["A"]]}`, InvalidValue},
		{"remove an address by a text", `{"op":"remove","path":"addresses","value":["A"]}`, InvalidValue},
		{"replace by nothing that can be kept", `{"op":"replace","path":"roles","value":[{}]}`, InvalidValue},
		{"replace a list by {}", `{"op":"replace","path":"roles","value":{}}`, InvalidValue},
		{"design 6.4 remove without a path", `{"op":"remove","value":{"title":"T"}}`, NoTarget},
		{"D6.3 other filters", `{"op":"replace","path":"emails[type ne \"work\"].value","value":"x"}`, NoTarget},
		{"or", `{"op":"add","path":"emails[type eq \"a\" or type eq \"b\"].value","value":"x"}`, NoTarget},
		{"not", `{"op":"add","path":"emails[not (type eq \"work\")].value","value":"x"}`, NoTarget},
		{"pr", `{"op":"add","path":"emails[display pr].value","value":"x"}`, NoTarget},
		{"terms that cannot both hold", `{"op":"add","path":"emails[type eq \"a\" and type eq \"b\"].value","value":"x"}`, NoTarget},
		{"a term of another type", `{"op":"add","path":"emails[primary eq \"maybe\"].value","value":"x"}`, NoTarget},
		{"B48 unclosed", `{"op":"add","path":"emails[type eq \"work\"","value":"x"}`, InvalidPath},
		{"B49 100 KiB of brackets", `{"op":"add","path":"` + strings.Repeat("a[", 50<<10) + `","value":"x"}`, InvalidPath},
		{"path is no text", `{"op":"add","path":7,"value":"x"}`, InvalidPath},
		{"path is no path", `{"op":"add","path":"a b","value":"x"}`, InvalidPath},
		{"a filter on a single attribute", `{"op":"add","path":"name[givenName eq \"x\"].familyName","value":"x"}`, InvalidPath},
		{"a filter on a simple attribute", `{"op":"add","path":"title[value eq \"x\"]","value":"x"}`, InvalidPath},
		{"a filter on what is unknown", `{"op":"add","path":"emails[shoe eq \"x\"].value","value":"x"}`, InvalidFilter},
		{"a filter without meaning", `{"op":"add","path":"emails[primary gt true].value","value":"x"}`, InvalidFilter},
		{"a value of the wrong type", `{"op":"add","path":"%A:floor","value":"ground"}`, InvalidValue},
		{"a remove with a value of the wrong type", `{"op":"remove","path":"title","value":{"x":1}}`, InvalidValue},
		{"an element of the wrong type", `{"op":"add","path":"emails[type eq \"work\"]","value":true}`, InvalidValue},
	} {
		r := stored(before)
		was := string(r.Body())
		operations := c.operations
		if operations != "" && c.name != "too many" { // all or nothing: what comes before must not stay
			operations = `{"op":"replace","path":"title","value":"changed"},` + operations
		}
		changed, err := patched(r, operations, Mode{})
		if changed {
			t.Errorf("%s: changed", c.name)
		}
		wantErrorOf(t, c.name, err, c.kind)
		o, err := r.Attributes()
		if err != nil || jsonOf(value.Of(o)) != was {
			t.Errorf("%s left\n%s, %v; was\n%s", c.name, jsonOf(value.Of(o)), err, was)
		}
		if err := err; err != nil && strings.Contains(err.Error(), "S3CRET") {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func wantErrorOf(t *testing.T, name string, err error, kind ErrorType) {
	t.Helper()
	if e, ok := err.(*Error); !ok || e.Status != 400 || e.Type != kind || e.Detail == "" { //nolint:errorlint // it must be one itself
		t.Errorf("%s: error %#v, want 400 %s", name, err, kind)
	}
}

func TestParsePatchRefuses(t *testing.T) {
	for _, text := range []string{
		`null`, `[]`, `"x"`, `{}`, `{"schemas":["` + PatchURN + `"]}`, patchOf(``), `{"Operations":{"op":"add"}}`, `{"Operations":"add"}`, `{"Operations":[null]}`, `{"Operations":null}`,
	} {
		_, err := ParsePatch(parse(t, text), Mode{})
		wantErrorOf(t, text, err, InvalidSyntax)
	}
	m, seen := counting()
	if _, err := ParsePatch(parse(t, `{"operations":[{"OP":"Add","Path":"title","VALUE":"x"}]}`), m); err != nil || !slices.Equal(*seen, []string{"missingSchema schemas", "operationCase Operations.op"}) {
		t.Errorf("%v, tolerated %q", err, *seen)
	}
}

// A strict tenant gets the RFC's answer to everything that we tolerate otherwise.
func TestPatchStrict(t *testing.T) {
	const before = `"title":"T","emails":[` + home + `,` + home + `],"roles":[{"value":"A"}]`
	for operations, kind := range map[string]ErrorType{
		`{"op":"Add","path":"title","value":"x"}`:                         InvalidSyntax,
		`{"op":"replace","path":"active","value":"False"}`:                InvalidValue,
		`{"op":"replace","value":{"name.givenName":"K"}}`:                 InvalidPath,
		`{"op":"replace","value":{"%E:department":"K"}}`:                  InvalidPath,
		`{"op":"replace","value":{"emails[type eq \"home\"].value":"K"}}`: InvalidPath,
		`{"op":"replace","path":"","value":{"title":"K"}}`:                InvalidPath,
		`{"op":"replace","path":"` + workMail + `","value":"w@x.io"}`:     NoTarget,
		`{"op":"add","path":"emails.value","value":"w@x.io"},{"op":"remove","path":"emails"},{"op":"add","path":"emails.value","value":"w@x.io"}`: NoTarget,
		`{"op":"remove","path":"roles","value":[{"value":"A"}]}`:                                                                                  InvalidSyntax,
		`{"op":"remove","path":"title","value":"T"}`:                                                                                              InvalidSyntax,
		`{"op":"replace","value":{"id":"x"}}`:                                                                                                     Mutability,
		`{"op":"replace","path":"shoeSize","value":9}`:                                                                                            InvalidPath,
		`{"op":"replace","value":{"shoeSize":9}}`:                                                                                                 InvalidPath,
		`{"op":"replace","path":"%A:shoe","value":9}`:                                                                                             InvalidPath,
		`{"op":"replace","value":{"%A":{"shoe":9}}}`:                                                                                              InvalidPath,
		`{"op":"add","path":"manager","value":{"value":"U2"}}`:                                                                                    InvalidPath,
		`{"op":"add","path":"%E:manager","value":"U2"}`:                                                                                           InvalidValue,
		`{"op":"add","path":"emails","value":{"value":"w@x.io"}}`:                                                                                 InvalidValue,
	} {
		m, seen := counting()
		m.Strict = true
		_, err := patched(stored(before), operations, m)
		if e, ok := err.(*Error); !ok || e.Status != 400 || e.Type != kind { //nolint:errorlint // it must be one itself
			t.Errorf("%s: error %#v, want 400 %s", operations, err, kind)
		}
		if len(*seen) > 0 {
			t.Errorf("%s: counted %q", operations, *seen)
		}
	}
	for operations, after := range map[string]string{
		`{"op":"replace","value":{"title":"K","%E":{"department":"D"}}}`:                         `"title":"K","emails":[` + home + `,` + home + `],"roles":[{"value":"A"}],"%E":{"department":"D"}`,
		`{"op":"replace","path":"emails[type eq \"home\"].value","value":"n"}`:                   `"title":"T","emails":[{"type":"home","value":"n"},{"type":"home","value":"n"}],"roles":[{"value":"A"}]`,
		`{"op":"remove","path":"roles"},{"op":"remove","path":"emails[type eq \"home\"]"}`:       `"title":"T"`,
		`{"op":"replace","path":"roles","value":[]},{"op":"replace","path":"title","value":"U"}`: `"title":"U","emails":[` + home + `,` + home + `]`,
		`{"op":"add","path":"password","value":"x"},{"op":"replace","path":"title","value":"U"}`: `"title":"U","emails":[` + home + `,` + home + `],"roles":[{"value":"A"}]`,
	} {
		r := stored(before)
		if _, err := patched(r, operations, Mode{Strict: true}); err != nil || !value.Equal(parse(t, string(r.Body())), parse(t, string(stored(after).Body()))) {
			t.Errorf("%s: %v\n%s", operations, err, r.Body())
		}
	}
}

// Vector 53: the gallery kit clears every optional attribute by "" and by null,
// under the names that /Schemas has for it.
func TestPatchClearsEveryOptionalAttribute(t *testing.T) {
	user := testUser()
	paths := map[string]string{} // and a value
	for _, s := range append([]*Schema{user.Core}, user.Extensions...) {
		for _, a := range s.Attributes {
			prefix := ""
			if s != user.Core {
				prefix = s.ID + ":"
			}
			for path, v := range clearable(a) {
				paths[prefix+path] = v
			}
		}
	}
	if len(paths) < 50 {
		t.Fatalf("only %d paths", len(paths))
	}
	for path, v := range paths {
		for _, nothing := range []string{`""`, `null`} {
			r := stored(``)
			was := string(r.Body())
			quoted := jsonOf(value.NewText(path))
			if changed, err := patched(r, `{"op":"add","path":`+quoted+`,"value":`+v+`}`, Mode{}); !changed || err != nil {
				t.Errorf("%s set to %s: %v, %v", path, v, changed, err)
			}
			if changed, err := patched(r, `{"op":"replace","path":`+quoted+`,"value":`+nothing+`}`, Mode{}); !changed || err != nil || string(r.Body()) != was {
				t.Errorf("%s set to %s: %v, %v\n%s", path, nothing, changed, err, r.Body())
			}
		}
	}
}

// clearable returns the paths of an attribute that may be cleared, as Microsoft's
// kit flattens them, each with a value for it.
func clearable(a *Attribute) map[string]string {
	paths := map[string]string{}
	sample := map[Type]string{Boolean: `true`, Integer: `7`}
	add := func(path string, of *Attribute) {
		if v := sample[of.Type]; v != "" {
			paths[path] = v
		} else {
			paths[path] = `"x"`
		}
	}
	switch {
	case a.Mutability == readOnly || a.Required:
	case a.Type != Complex:
		add(a.Name, a)
	default:
		within := a.Name
		if a.MultiValued {
			within += `[type eq "work"]`
		}
		for _, sub := range a.SubAttributes {
			if sub.Mutability != readOnly && (!a.MultiValued || sub.Name != "type") {
				add(within+"."+sub.Name, sub)
			}
		}
	}
	return paths
}

// A group's members are one more list; their place in the store is another matter.
func TestPatchGroupMembers(t *testing.T) {
	group := Define(nil).Type("Group")
	for _, c := range []struct{ name, before, operations, after string }{
		{"E61", `"U0"`, `{"op":"Add","path":"members","value":[{"$ref":null,"value":"U1"},{"value":"U2"},{"value":"U0"}]}`, `"U0","U1","U2"`},
		{"E62", `"U1","U2"`, `{"op":"Remove","path":"members","value":[{"$ref":null,"value":"U1"}]}`, `"U2"`},
		{"E63", `"U1","U2"`, `{"op":"remove","path":"members[value eq \"U2\"]"},{"op":"remove","path":"members[value eq \"U9\"]"}`, `"U1"`},
		{"E64", `"U1","U2"`, `{"op":"remove","path":"members"}`, ``},
		{"E64 replace", `"U1","U2"`, `{"op":"Replace","path":"members","value":[]}`, ``},
		{"E65", `"U1"`, `{"op":"Add","path":"members","value":"U2"},{"op":"Add","path":"members","value":{"value":"U3"}}`, `"U1","U2","U3"`},
		{"E66", ``, `{"op":"add","value":{"members":[{"value":"U1"}]}}`, `"U1"`},
	} {
		body := func(ids string) string {
			if ids != "" {
				ids = `,"members":[{"value":` + strings.ReplaceAll(ids, ",", `},{"value":`) + `}]`
			}
			return `{"schemas":["` + GroupURN + `"],"id":"G","displayName":"All"` + ids + `}`
		}
		r := StoredResource("Group", "G", 1, []byte(body(c.before)))
		p, err := ParsePatch(parse(t, patchOf(c.operations)), Mode{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = p.Apply(r, group, Mode{}); err != nil || string(r.Body()) != body(c.after) {
			t.Errorf("%s: %v\n%s, want\n%s", c.name, err, r.Body(), body(c.after))
		}
	}
	for operation, kind := range map[string]ErrorType{
		`{"op":"replace","path":"members[value eq \"U1\"].value","value":"U2"}`:   Mutability, // it is immutable
		`{"op":"replace","path":"members[value eq \"U1\"].display","value":"U2"}`: Mutability, // it is readOnly
		`{"op":"add","path":"members[display eq \"Bo\"].value","value":"U2"}`:     NoTarget,
	} {
		r := StoredResource("Group", "G", 1, []byte(`{"schemas":["`+GroupURN+`"],"id":"G","displayName":"All","members":[{"value":"U1"}]}`))
		p, err := ParsePatch(parse(t, patchOf(operation)), Mode{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Apply(r, group, Mode{})
		wantErrorOf(t, operation, err, kind)
	}
}

// A Patch is applied again if a write was lost to another: it must not have
// changed, nor share anything with what it was applied to.
func TestPatchCanBeAppliedAgain(t *testing.T) {
	doc := parse(t, patchOf(`{"op":"add","path":"emails","value":[{"value":"a","primary":true}]},{"op":"add","path":"emails","value":[{"value":"b","primary":true}]}`))
	was := jsonOf(doc)
	p, err := ParsePatch(doc, Mode{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r := stored(``)
		if changed, err := p.Apply(r, testUser(), Mode{}); err != nil || !changed {
			t.Fatal(changed, err)
		}
		if want := string(stored(`"emails":[{"value":"a","primary":false},{"value":"b","primary":true}]`).Body()); string(r.Body()) != want {
			t.Errorf("%s, want\n%s", r.Body(), want)
		}
	}
	if jsonOf(doc) != was {
		t.Errorf("the body of the request became\n%s, was\n%s", jsonOf(doc), was)
	}
	if _, err := p.Apply(StoredResource("User", "U1", 1, []byte(`{`)), testUser(), Mode{}); err == nil {
		t.Error("a damaged body is no error")
	}
}

func TestPatchSaysWhichOperation(t *testing.T) {
	_, err := patched(stored(``), `{"op":"add","path":"title","value":"x"},{"op":"add","path":"active","value":"x"}`, Mode{})
	if err == nil || !strings.Contains(err.Error(), "Operation 2: ") {
		t.Errorf("%v", err)
	}
	_, err = patched(stored(``), `{"op":"add","path":"active","value":"S3CRET"}`, Mode{})
	if err == nil || strings.Contains(err.Error(), "Operation") || strings.Contains(err.Error(), "S3CRET") {
		t.Errorf("%v", err)
	}
}

func TestPatchRequiredCustomAttribute(t *testing.T) {
	user := Define([]CustomAttribute{{Property: "badge", Type: "String", Required: true}, {Property: "desk", Type: "String"}}).Type("User")
	for operation, ok := range map[string]bool{
		`{"op":"replace","path":"%A:badge","value":""}`: false, `{"op":"remove","path":"%A:badge"}`: false, `{"op":"replace","path":"%A:desk","value":"4"}`: true, `{"op":"remove","path":"%A:desk"}`: true,
	} {
		p, err := ParsePatch(parse(t, long(patchOf(operation))), Mode{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = p.Apply(stored(`"%A":{"badge":"7","desk":"3"}`), user, Mode{}); (err == nil) != ok {
			t.Errorf("%s: %v", operation, err)
		}
	}
}

// One body can name many operations and a resource many values: their product
// must not be done.
func TestPatchWorkIsBounded(t *testing.T) {
	var roles strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&roles, `,{"value":"r%d"}`, i)
	}
	list := "[" + roles.String()[1:] + "]"
	r := stored(`"roles":` + list)
	remove := strings.TrimSuffix(strings.Repeat(`{"op":"remove","path":"roles[value eq \"x\"]"},`, 900), ",")
	_, err := patched(r, remove, Mode{})
	wantErrorOf(t, "900 × 20,000", err, TooMany)
	if changed, err := patched(r, `{"op":"add","path":"roles","value":`+list+`},{"op":"remove","path":"roles","value":`+list+`}`, Mode{}); !changed || err != nil {
		t.Errorf("20,000 added and removed at once: %v, %v", changed, err)
	}
}

func FuzzPatch(f *testing.F) {
	for _, seed := range []string{
		`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"x"}`, `{"op":"add","value":{"name.givenName":"K","` + EnterpriseUserURN + `:manager":""}}`,
		`{"op":"Remove","path":"roles","value":[{"value":"A"}]}`, `{"op":"add","path":"roles","value":[{"value":"{\"value\":\"A\"}","primary":"True"}]}`,
		`{"op":"replace","value":{"` + AppspaceUserURN + `":{"floor":"7","x":[1]},"active":[{"value":"False"}]}}`, `{"op":"remove","path":"name"},{"op":"add","path":"x509Certificates","value":"x"}`,
	} {
		f.Add(seed)
	}
	user := testUser()
	f.Fuzz(func(t *testing.T, operations string) {
		doc, err := ParseBody([]byte(patchOf(operations)), value.DefaultLimits)
		if err != nil {
			return
		}
		p, err := ParsePatch(doc, Mode{})
		if err != nil {
			return
		}
		r := stored(`"active":true,"name":{"givenName":"A"},"emails":[` + work + `,` + home + `],"roles":[{"value":"A"}],"%E":{"manager":{"value":"U2","$ref":"x"}},"%A":{"floor":"7","x":1}`)
		was := string(r.Body())
		changed, err := p.Apply(r, user, Mode{})
		if err != nil {
			if e, ok := err.(*Error); !ok || e.Status >= 500 { //nolint:errorlint // it must be one itself
				t.Fatalf("%#v", err)
			}
		}
		if !changed && string(r.Body()) != was {
			t.Fatalf("not changed, but\n%s, was\n%s", r.Body(), was)
		}
		checkWhole(t, user, r)
	})
}

// checkWhole checks that r is what its own PUT would make of it.
func checkWhole(t *testing.T, user *ResourceType, r *Resource) {
	t.Helper()
	doc, err := value.Parse(r.Body(), value.DefaultLimits)
	if err != nil {
		t.Fatalf("%s: %v", r.Body(), err)
	}
	if changed, err := user.Replace(StoredResource("User", "U1", 1, r.Body()), doc, Mode{}); changed || err != nil {
		t.Fatalf("a PUT of what a PATCH left: changed %v, %v\n%s", changed, err, r.Body())
	}
}

func BenchmarkPatch(b *testing.B) {
	text := []byte(long(patchOf(`{"op":"Replace","path":"` + workMail + `","value":"n@x.io"},{"op":"Replace","path":"active","value":"False"},{"op":"Add","path":"%E:department","value":"Retail"},{"op":"replace","value":{"displayName":"B","name.givenName":"K"}}`)))
	r, err := testUser().ReadNew(parse(b, entraUser), "U1", Mode{})
	if err != nil {
		b.Fatal(err)
	}
	body, user := r.Body(), testUser()
	b.ReportAllocs()
	for b.Loop() {
		doc, err := ParseBody(text, value.DefaultLimits)
		if err != nil {
			b.Fatal(err)
		}
		p, err := ParsePatch(doc, Mode{})
		if err != nil {
			b.Fatal(err)
		}
		r := StoredResource("User", "U1", 1, body)
		if changed, err := p.Apply(r, user, Mode{}); err != nil || !changed {
			b.Fatal(changed, err)
		}
		_ = r.Body()
	}
}
