package sandbox

// Assumption is one behaviour of an Appspace account, and how we know of it.
type Assumption struct {
	Behaviour string `json:"behaviour"`
	// Source is what the behaviour was read from; "" is an assumption of ours.
	Source string `json:"source,omitempty"`
}

// Sources.
const (
	guideSCIM  = "docs.appspace.com: Configure SCIM"
	guideAzure = "Appspace support: SCIM - Azure Setup, 22 July 2025"
	guideIntro = "docs.appspace.com: Introduction to SCIM in Appspace"
	guideSAML  = "docs.appspace.com: Configure SAML attributes"
)

// Assumptions is what the sandbox does, documented or not. A real account may
// do otherwise wherever Source is empty.
var Assumptions = []Assumption{
	{"SCIM is served at {server}/identity/scim under one bearer token.", guideSCIM},
	{"A look-up of a user that does not exist answers 200 with an empty ListResponse.", guideAzure},
	{"userName is the user's e-mail address.", guideSCIM},
	{"Custom attributes live under urn:ietf:params:scim:schemas:extension:appspace:2.0:User.", guideAzure},
	{"Custom attributes are of type String or Integer.", guideSAML},
	{"active=false suspends a user, who stays visible; active=true lets the user back in.", guideIntro},
	{"A userName that is no e-mail address, or not the primary one, is refused with 400 invalidValue.", ""},
	{"DELETE removes a user: it is 404 from then on, and its userName is free.", ""},
	{"All core and enterprise attributes of RFC 7643 are kept and returned as sent.", ""},
	{"Custom attributes that were not defined in the account are kept and returned.", ""},
	{"userName is unique without regard to case; a second user of one name is 409 uniqueness.", ""},
	{"All filters, PATCH paths, PUT and paging of RFC 7644 work; PATCH answers 200 with the user.", ""},
	{"add or replace of emails[type eq \"work\"].value creates the element if it is missing.", ""},
	{"/ServiceProviderConfig, /ResourceTypes and /Schemas answer.", ""},
	{"Groups are served, as if \"Enable User Group Sync\" were on; their shape is that of RFC 7643.", ""},
	{"Errors are those of RFC 7644; there is no rate limit; If-Match of an old version is 412.", ""},
	{"A user with a role that has \"admin\" in it is an administrator of the account.", ""},
	{"manager is kept as the id that was sent, whether or not the account has such a user.", ""},
}
