package sandbox

import "scimgate/scim/value"

// stringBooleans writes booleans as texts, as Entra does.
func stringBooleans(arguments) behaviour {
	return edit(func(resource *value.Object) { spellOut(value.Of(resource)) })
}

// spellOut replaces the booleans within v, at any depth.
func spellOut(v value.Value) value.Value {
	for i, item := range v.Items() {
		v.Items()[i] = spellOut(item)
	}
	if o := v.Object(); o != nil {
		for i := range o.Members {
			o.Members[i].Value = spellOut(o.Members[i].Value)
		}
	}
	if v.Kind() != value.Bool {
		return v
	}
	if v.True() {
		return value.NewText("True")
	}
	return value.NewText("False")
}
