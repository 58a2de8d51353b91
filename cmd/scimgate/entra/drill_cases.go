package entra

// The cases are what Entra and Okta are documented to send, and what both are
// known to stumble over. A new one is a row of a table below.

// drillCase is one thing that a client does. Its steps rely on nothing that
// another case made.
type drillCase struct {
	name   string
	source string // who sends it, or who asks for the answer
	steps  []step
}

// area is a part of the table that can be played alone.
type area struct {
	name  string
	cases []drillCase
}

// areas are the whole table.
var areas = []area{
	{"discovery", discoveryCases},
	{"queries", queryCases},
	{"create", createCases},
	{"patch-old", oldPatchCases},
	{"patch-new", newPatchCases},
	{"okta", oktaCases},
	{"leavers", leaverCases},
	{"errors", errorCases},
	{"groups", groupCases},
	{"members", memberCases},
}

// The sources: Microsoft's pages below learn.microsoft.com/entra/identity/
// app-provisioning, its reference code and test kits, and Okta's pages.
const (
	guide     = "Microsoft: use-scim-to-provision-users-and-groups"
	compat    = "Microsoft: application-provisioning-config-problem-scim-compatibility"
	attrs     = "Microsoft: customize-application-attributes"
	lifecycle = "Microsoft: how-provisioning-works"
	accounts  = "Microsoft: how-to-account-discovery"
	logs      = "Microsoft: howto-analyze-provisioning-logs"
	kit       = "Microsoft: SCIM-Validation-Test-Overview (gallery test kit)"
	postman   = "Microsoft: SCIMReferenceCode, Postman collection"
	reference = "Microsoft: SCIMReferenceCode"
	okta      = "Okta: SCIM 2.0 protocol reference"
	oktaTest  = "Okta: SCIM 2.0 spec test"
	oktaPush  = "Okta: SCIM 2.0 protocol reference, group push"
)

// reads reads a user again: what counts is what is kept, not what a change answers.
func reads(who string, checks ...check) step {
	return get("/Users/<"+who+">", append([]check{sameID(who)}, checks...)...)
}

// changes changes a user with these operations.
func changes(who, operations string) step { return patch("/Users/<"+who+">", operations) }

// disable and restore are by the book, for cases about something else.
func disable(who string) step { return changes(who, `{"op":"replace","path":"active","value":false}`) }

func restore(who string) step { return changes(who, `{"op":"replace","path":"active","value":true}`) }
