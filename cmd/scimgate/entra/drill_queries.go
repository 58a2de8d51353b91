package entra

import (
	"fmt"
	"slices"
	"strconv"

	"scimgate/scim/value"
)

// queryCases are how clients look for what they know, and read all there is.
var queryCases = []drillCase{
	{"userName in another case", guide + "; RFC 7643 §4.1.1", []step{
		user("ana"), get(`/Users?filter=userName eq "<ana.NAME>"`, finds("ana")),
	}},
	{"externalId", "OctopusDeploy/Issues 9841; RFC 7643 §3.1", []step{
		user("ana"), get(`/Users?filter=externalId eq "<ana.ext>"`, finds("ana")),
	}},
	{"externalId is exact: another case is another user", "RFC 7643 §3.1", []step{
		create("/Users", "ana", `{"schemas":["`+userURN+`"],"userName":"<ana.name>","externalId":"<ana.NAME>"}`),
		get(`/Users?filter=externalId eq "<ana.name>"`, finds()),
		get(`/Users?filter=externalId eq "<ana.NAME>"`, finds("ana")),
	}},
	{"the work e-mail, with brackets in the filter", "Microsoft: troubleshoot-user-provisioning-validation; RFC 7644 §3.4.2.2", []step{
		user("ana"),
		get(`/Users?filter=emails[type eq "work"].value eq "<ana.name>"`, finds("ana")),
		get(`/Users?filter=emails[type eq "work"].value eq "<nobody>@drill.example"`, finds()),
	}},
	{"two terms joined by and", guide + "; RFC 7644 §3.4.2.2", []step{
		user("ana"),
		get(`/Users?filter=userName eq "<ana.name>" and active eq true`, finds("ana")),
		get(`/Users?filter=userName eq "<ana.name>" and active eq false`, finds()),
	}},
	{"whether somebody is the manager, by id and either order", guide + ", example 4", []step{
		user("boss"),
		bare("ana", `"`+enterprise+`":{"manager":{"value":"<boss>"}}`),
		get(`/Users?filter=id eq "<ana>" and manager eq "<boss>"&attributes=id`, finds("ana")),
		get(`/Users?filter=manager eq "<boss>" and id eq "<ana>"&attributes=id`, finds("ana")),
		get(`/Users?filter=id eq "<ana>" and manager eq "<nobody>"&attributes=id`, finds()),
	}},
	{"a value without quotation marks", guide + ", example 1", []step{
		create("/Users", "ana", `{"schemas":["`+userURN+`"],"userName":"<ana.name>","externalId":"<ana.ext>"}`),
		get(`/Users?filter=externalId eq <ana.ext>`, finds("ana")),
	}},
	{"names with ' + & and an accent", "Microsoft: known-issues; RFC 7644 §3.4.2.2", []step{
		create("/Users", "odd", `{"schemas":["`+userURN+`"],"userName":"<odd.odd>"}`),
		get(`/Users?filter=userName eq "<odd.odd>"`, finds("odd")),
	}},
	{"operators and attribute names in another case", "RFC 7643 §2.1; RFC 7644 §3.4.2.2", []step{
		user("ana"), get(`/Users?filter=USERNAME EQ "<ana.name>"`, finds("ana")),
	}},
	{"only the attributes that are asked for", guide + "; RFC 7644 §3.9", []step{
		user("ana"),
		get(`/Users/<ana>?attributes=userName`, sameID("ana"), has("userName", "<ana.name>"), lacks("emails"), lacks("name")),
		get(`/Users/<ana>?excludedAttributes=emails`, sameID("ana"), has("displayName", "Drill ana"), lacks("emails")),
	}},
	{"paging: pages do not overlap, startIndex is echoed", kit + ", test 23; RFC 7644 §3.4.2.4", append(crowd(12), pages(5))},
	{"paging: one at a time, as account discovery does", accounts + "; RFC 7644 §3.4.2.4", []step{
		user("ana"), user("ben"),
		get(`/Users?startIndex=1&count=1`, isPage(1, 1)), get(`/Users?startIndex=2&count=1`, isPage(2, 1)),
	}},
	{"paging: count=0 tells only how many there are", "RFC 7644 §3.4.2.4", []step{
		user("ana"), get(`/Users?count=0`, isPage(1, 0)),
	}},
	{"paging: startIndex and count below their bounds", "RFC 7644 §3.4.2.4", []step{
		user("ana"), get(`/Users?startIndex=0&count=-3`, isPage(1, 0)),
	}},
	{"paging: beyond the end is an empty page", "RFC 7644 §3.4.2.4", []step{
		user("ana"), get(`/Users?startIndex=2000000000&count=5`, isPage(2000000000, 0)),
	}},
}

// isPage checks a page of a list of which we know only that it is not empty.
func isPage(startIndex, most int) check {
	return func(_ *trial, a *answer) error {
		total, resources := a.resource.At("totalResults"), look(value.Of(a.resource), "Resources")
		n := 0
		for _, r := range resources {
			n += len(r.Items())
		}
		switch start := a.resource.At("startIndex"); {
		case total == nil || total.Kind() != value.Number || total.Text() == "0":
			return a.unexpected("totalResults is not a number above 0")
		case n > most || most == 1 && n == 0:
			return a.unexpected(fmt.Sprintf("%d resources where there should be %d", n, most))
		case start != nil && (start.Kind() != value.Number || start.Text() != strconv.Itoa(startIndex)):
			return a.unexpected(fmt.Sprintf("startIndex is not the number %d", startIndex))
		}
		return perPage(a, n)
	}
}

// perPage checks itemsPerPage, which like startIndex is required on a page (RFC
// 7644 §3.4.2).
func perPage(a *answer, n int) error {
	for _, name := range []string{"startIndex", "itemsPerPage"} {
		v := a.resource.At(name)
		if v == nil && n > 0 {
			return a.unexpected(name + " is missing")
		}
		if v != nil && v.Kind() != value.Number {
			return a.unexpected(name + " is not a number")
		}
	}
	return nil
}

// crowd makes users, so that there is something to page through.
func crowd(n int) []step {
	steps := make([]step, n)
	for i := range steps {
		steps[i] = bare("u"+strconv.Itoa(i+1), "")
	}
	return steps
}

// pages reads two pages and checks that nobody is on two of them.
func pages(count int) step {
	return func(t *trial) error {
		var seen []string
		for start := 1; start <= 2*count; start += count {
			target := fmt.Sprintf("/Users?startIndex=%d&count=%d", start, count)
			err := get(target, isPage(start, count), func(_ *trial, a *answer) error {
				resources, _ := a.resource.Get("Resources")
				for _, r := range resources.Items() {
					if slices.Contains(seen, top("id")(r.Object())) {
						return a.unexpected("somebody is on two pages")
					}
					seen = append(seen, top("id")(r.Object()))
				}
				if len(seen) != start-1+count {
					return a.unexpected("the page is not full, and not the last")
				}
				return nil
			})(t)
			if err != nil {
				return err
			}
		}
		return nil
	}
}
