package sandbox

import "scimgate/scim/value"

// hiddenAttribute never shows an attribute, as if the account did not keep it.
func hiddenAttribute(a arguments) behaviour {
	return edit(func(resource *value.Object) { resource.Delete(a["attribute"]) })
}
