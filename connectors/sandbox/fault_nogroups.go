package sandbox

import (
	"net/http"
	"slices"
	"strings"

	"scimgate/scim/value"
)

// noGroups takes groups away from the service and from what it says of itself.
func noGroups(arguments) behaviour {
	return func(s strike) {
		switch path, _ := below(s.r); {
		case path == "/Groups", strings.HasPrefix(path, "/Groups/"), path == "/ResourceTypes/Group":
			s.refuse(http.StatusNotFound, "There is nothing at this path of the SCIM service.")
		case path == "/ResourceTypes":
			s.withoutGroupType()
		default:
			s.pass()
		}
	}
}

func (s strike) withoutGroupType() {
	a := s.apply()
	if doc := a.document(); doc != nil && a.ok() {
		list, _ := doc.Get("Resources")
		setResources(doc, slices.DeleteFunc(slices.Clone(list.Items()), isGroupType))
		a.say(doc)
	}
	a.send()
}

func isGroupType(v value.Value) bool {
	name, _ := v.Object().Get("name")
	return name.Text() == "Group"
}

// setResources changes what a ListResponse lists, and its count.
func setResources(doc *value.Object, resources []value.Value) {
	count := value.Int(int64(len(resources)))
	doc.Set("Resources", value.List(resources...))
	doc.Set("totalResults", count)
	doc.Set("itemsPerPage", count)
}
