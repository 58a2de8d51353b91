package sandbox

import (
	"scimgate/scim"
	"scimgate/scim/value"
)

// flatManager answers {"manager": "26118915"} where RFC 7643 §4.3 has an object.
func flatManager(arguments) behaviour {
	return edit(func(resource *value.Object) {
		enterprise, _ := resource.Get(scim.EnterpriseUserURN)
		manager, _ := enterprise.Object().Get("manager")
		if id, ok := manager.Object().Get("value"); ok {
			enterprise.Object().Set("manager", id)
		}
	})
}
