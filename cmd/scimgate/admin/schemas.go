package admin

import (
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// newSchemas keeps the schemas of the OpenAPI document. Two types of one name are
// a panic there, so those of our other packages bear the package's before their
// own: mapping.Step is MappingStep, scim.Step is ScimStep.
func newSchemas() huma.Registry {
	return huma.NewMapRegistry("#/components/schemas/", schemaName)
}

func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	pkg := path.Base(t.PkgPath())
	if !strings.HasPrefix(t.PkgPath(), "scimgate/") || pkg == "admin" {
		return name
	}
	return strings.ToUpper(pkg[:1]) + pkg[1:] + name
}
