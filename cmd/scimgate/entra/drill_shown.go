package entra

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"scimgate/scim/value"
)

// shown is the body of an answer without those whom the drill did not make: a list
// of a customer's users is nobody's business.
func (t *trial) shown(a *answer) string {
	o := a.resource.Clone()
	if resources, ok := o.Get("Resources"); ok {
		mine := slices.DeleteFunc(resources.Items(), func(r value.Value) bool { return t.isStranger(a, r.Object()) })
		if others := len(a.resource.At("Resources").Items()) - len(mine); others > 0 {
			o.Set("others", value.NewText(fmt.Sprintf("%d more, not shown", others)))
		}
		o.Set("Resources", value.List(mine...))
	} else if t.isStranger(a, o) && a.status/100 == 2 {
		return "somebody whom the drill did not make"
	}
	if o == nil {
		return ""
	}
	return string(value.Append(nil, value.Of(o)))
}

// isStranger reports whether a resource that was answered is a user or a group, and
// none of this run.
func (t *trial) isStranger(a *answer, o *value.Object) bool {
	if !strings.Contains(a.request, " /Users") && !strings.Contains(a.request, " /Groups") || o == nil {
		return false
	}
	names := strings.ToLower(top("userName")(o) + top("displayName")(o))
	known := slices.Contains(slices.Collect(maps.Values(t.kept)), top("id")(o))
	return !known && !strings.Contains(names, strings.ToLower(t.Prefix))
}

// clip bounds a text for people.
func clip(text string) string {
	const most = 2000
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return strings.TrimSpace(text)
}
