package scim

import "strings"

// DrillHeader marks a request that only tries what the service takes. What it makes
// is told by its id for ever, and is never delivered to an account (design 8).
const DrillHeader = "Scimgate-Drill"

// DrillPrefix begins the ids of what such requests make. No client chooses an id, so
// that nothing else can have one like it.
const DrillPrefix = "drill-"

// IsDrill reports whether a resource was made by such a request.
func IsDrill(id string) bool { return strings.HasPrefix(id, DrillPrefix) }
