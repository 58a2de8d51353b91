package mapping

import (
	_ "embed"
	"slices"
)

//go:embed rules.schema.json
var rulesSchema []byte

// JSONSchema returns the JSON Schema (draft 2020-12) of a rules document, for
// editors and forms. It knows the shape; which paths exist, and what an
// expression says, only Compile does.
func JSONSchema() []byte { return slices.Clone(rulesSchema) }
