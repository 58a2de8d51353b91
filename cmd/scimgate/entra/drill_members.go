package entra

// memberCases are memberships, in each of the shapes that clients send.
var memberCases = []drillCase{
	{"Add with a list of values, old dialect; again is no error and no double", guide + "; RFC 7644 §3.5.2.1", []step{
		user("ana"), user("ben"), group("team"),
		joins(`{"op":"Add","path":"members","value":[{"$ref":null,"value":"<ana>"},{"$ref":null,"value":"<ben>"}]}`), team("ana", "ben"),
		joins(`{"op":"Add","path":"members","value":[{"$ref":null,"value":"<ana>"}]}`), team("ana", "ben"),
	}},
	{"Remove with a list of values, old dialect: these go, the others stay", guide + "; " + reference + " 10", []step{
		user("ana"), user("ben"), user("cy"), group("team", "ana", "ben", "cy"),
		joins(`{"op":"Remove","path":"members","value":[{"$ref":null,"value":"<ana>"},{"value":"<cy>"}]}`), team("ben"),
	}},
	{"add, new dialect", compat, []step{
		user("ana"), user("ben"), group("team", "ana"), joins(`{"op":"add","path":"members","value":[{"value":"<ben>"}]}`), team("ana", "ben"),
	}},
	{`remove by members[value eq "…"]`, compat + "; " + oktaPush, []step{
		user("ana"), user("ben"), group("team", "ana", "ben"), joins(`{"op":"remove","path":"members[value eq \"<ana>\"]"}`), team("ben"),
	}},
	{`Remove by members[value eq "…"], with a capital`, "boxyhq/jackson; RFC 7644 §3.5.2", []step{
		user("ana"), user("ben"), group("team", "ana", "ben"), joins(`{"op":"Remove","path":"members[value eq \"<ana>\"]"}`), team("ben"),
	}},
	{"a member as a bare text", postman, []step{
		user("ana"), group("team"), joins(`{"op":"Add","path":"members","value":"<ana>"}`), team("ana"),
	}},
	{"a member as an object that is in no list", postman, []step{
		user("ana"), user("ben"), group("team", "ben"), joins(`{"op":"add","path":"members","value":{"value":"<ana>"}}`), team("ana", "ben"),
	}},
	{"members as a list of bare texts", postman, []step{
		user("ana"), user("ben"), group("team"), joins(`{"op":"Add","path":"members","value":["<ana>","<ben>"]}`), team("ana", "ben"),
	}},
	{"no path: members in the value", "RFC 7644 §3.5.2.1", []step{
		user("ana"), user("ben"), group("team", "ben"), joins(`{"op":"add","value":{"members":[{"value":"<ana>"}]}}`), team("ana", "ben"),
	}},
	{"Okta adds with the display name", oktaPush, []step{
		user("ana"), group("team"), joins(`{"op":"add","path":"members","value":[{"value":"<ana>","display":"<ana.name>"}]}`), team("ana"),
	}},
	{"replace members: these and no others", oktaPush + "; RFC 7644 §3.5.2.3", []step{
		user("ana"), user("ben"), user("cy"), group("team", "ana", "ben"),
		joins(`{"op":"replace","path":"members","value":[{"value":"<ben>"},{"value":"<cy>"}]}`), team("ben", "cy"),
	}},
	{"replace members with an empty list empties the group", "RFC 7644 §3.5.2.3", []step{
		user("ana"), group("team", "ana"), joins(`{"op":"Replace","path":"members","value":[]}`), team(),
	}},
	{"remove members with neither value nor filter empties the group", "RFC 7644 §3.5.2.2", []step{
		user("ana"), user("ben"), group("team", "ana", "ben"), joins(`{"op":"remove","path":"members"}`), team(),
	}},
	{"who is no member is removed without error", guide, []step{
		user("ana"), user("ben"), group("team", "ana"),
		joins(`{"op":"Remove","path":"members","value":[{"value":"<ben>"}]}`), joins(`{"op":"remove","path":"members[value eq \"<ben>\"]"}`), team("ana"),
	}},
	{"the last member goes: the group stays", guide, []step{
		user("ana"), group("team", "ana"), joins(`{"op":"Remove","path":"members","value":[{"value":"<ana>"}]}`), team(), get("/Groups/<team>", has("displayName", "<team.group>")),
	}},
	{"many operations in one PATCH, in order", kit + "; draft-openid-ipsie-al-scim-profile", []step{
		user("ana"), user("ben"), user("cy"), user("di"), group("team", "ana", "ben"),
		joins(`{"op":"remove","path":"members[value eq \"<ana>\"]"},{"op":"remove","path":"members[value eq \"<ben>\"]"},{"op":"add","path":"members","value":[{"value":"<cy>"}]},` +
			`{"op":"add","path":"members","value":[{"value":"<di>"}]},{"op":"add","path":"members","value":[{"value":"<ana>"}]},{"op":"remove","path":"members[value eq \"<cy>\"]"}`),
		team("ana", "di"),
	}},
	{"rename and a new member in one PATCH", "Microsoft: scim-validator-tutorial (preview)", []step{
		user("ana"), group("team"),
		joins(`{"op":"Replace","path":"displayName","value":"<team.group>.new"},{"op":"Add","path":"members","value":[{"value":"<ana>"}]}`),
		get("/Groups/<team>", has("displayName", "<team.group>.new"), membersAre("ana")),
	}},
	{"whether somebody is a member: by id and members, in each spelling", guide + "; RFC 7644 §3.4.2.2", []step{
		user("ana"), user("ben"), group("team", "ana"),
		get(`/Groups?filter=id eq "<team>" and members eq "<ana>"&attributes=id`, finds("team")),
		get(`/Groups?filter=members eq "<ana>" and id eq "<team>"&attributes=id`, finds("team")),
		get(`/Groups?filter=id eq "<team>" and members.value eq "<ana>"`, finds("team")),
		get(`/Groups?filter=id eq "<team>" and members[value eq "<ana>"]`, finds("team")),
		get(`/Groups?filter=id eq "<team>" and members eq "<ben>"&attributes=id`, finds()),
	}},
	{"who is disabled stays a member, and is one when restored", lifecycle, []step{
		user("ana"), group("team", "ana"), disable("ana"), team("ana"),
		restore("ana"), team("ana"),
	}},
	{"who is deleted is no member any more", "RFC 7644 §3.6", []step{
		user("ana"), user("ben"), group("team", "ana", "ben"), remove("/Users/<ana>"), team("ben"),
	}},
	{"hired again: in no group until somebody says so", "RFC 7643 §3.1", []step{
		user("ana"), group("team", "ana"), remove("/Users/<ana>"), user("ana"), team(),
	}},
	{"one who is not known does not cost the others their membership", "fleetdm/fleet 52600; lightdash/lightdash 24458", []step{
		user("ana"), group("team"), asksFor(`{"op":"Add","path":"members","value":[{"value":"<ana>"},{"value":"<nobody>"}]}`, 200, 204, 400, 404),
		joins(`{"op":"Add","path":"members","value":[{"value":"<ana>"}]}`), team("ana"),
	}},
	{"a member of two groups leaves one and stays in the other", guide, []step{
		user("ana"), group("team", "ana"), group("crew", "ana"),
		joins(`{"op":"Remove","path":"members","value":[{"value":"<ana>"}]}`), team(), get("/Groups/<crew>", membersAre("ana")),
	}},
}

// joins changes the group that a case calls team.
func joins(operations string) step { return patch("/Groups/<team>", operations) }

// team checks who is in it.
func team(who ...string) step { return get("/Groups/<team>", sameID("team"), membersAre(who...)) }

// asksFor is joins where more than one answer will do.
func asksFor(list string, statuses ...int) step {
	return expect(operations("/Groups/<team>", list), statuses, nil)
}
