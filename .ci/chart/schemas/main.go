// Command schemas writes the JSON schemas with which kubeconform judges manifests
// without a network: one file a kind, strict, so that a misspelt field is an error.
//
//	schemas OUT SWAGGER CRD...
//
// SWAGGER is api/openapi-spec/swagger.json of the k8s.io/kubernetes module, CRD are
// CustomResourceDefinitions in YAML.
package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"
)

type object = map[string]any

func main() {
	if len(os.Args) < 3 {
		fatal(fmt.Errorf("usage: schemas OUT SWAGGER CRD..."))
	}
	out := os.Args[1]
	fatal(os.MkdirAll(out, 0o755))
	n, err := ofSwagger(out, os.Args[2])
	fatal(err)
	for _, crd := range os.Args[3:] {
		fatal(ofCRD(out, crd))
	}
	fmt.Printf("%d kinds of Kubernetes, %d of others\n", n, len(os.Args)-3)
}

// ofSwagger writes a schema for each kind of Kubernetes itself, with all that it
// refers to inside.
func ofSwagger(out, swagger string) (int, error) {
	text, err := os.ReadFile(swagger)
	if err != nil {
		return 0, err
	}
	var doc struct{ Definitions map[string]object }
	if err := json.Unmarshal(text, &doc); err != nil {
		return 0, err
	}
	prepare(doc.Definitions)
	n := 0
	for name, definition := range doc.Definitions {
		kinds, _ := definition["x-kubernetes-group-version-kind"].([]any)
		if len(kinds) != 1 {
			continue
		}
		kind := kinds[0].(object)
		n++
		if err := write(out, kind["group"].(string), kind["version"].(string), kind["kind"].(string), closure(name, doc.Definitions)); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// prepare says what the document says in words only, and makes every object strict.
func prepare(definitions map[string]object) {
	for name, definition := range definitions {
		strict(definition)
		switch {
		case strings.HasSuffix(name, ".intstr.IntOrString"):
			definitions[name] = object{"anyOf": []any{object{"type": "string"}, object{"type": "integer"}}}
		case strings.HasSuffix(name, ".resource.Quantity"):
			definitions[name] = object{"anyOf": []any{object{"type": "string"}, object{"type": "number"}}}
		}
	}
}

// strict closes each object whose properties are known, and forgets formats, which
// no validator knows.
func strict(node any) {
	switch n := node.(type) {
	case object:
		if _, known := n["properties"].(object); known && n["additionalProperties"] == nil && n["x-kubernetes-preserve-unknown-fields"] == nil {
			n["additionalProperties"] = false
		}
		if format, is := n["format"].(string); is && format != "" {
			delete(n, "format")
		}
		if n["x-kubernetes-int-or-string"] == true {
			delete(n, "type")
		}
		for _, child := range n {
			strict(child)
		}
	case []any:
		for _, child := range n {
			strict(child)
		}
	}
}

// closure is the schema of a definition with every definition that it needs.
func closure(name string, definitions map[string]object) object {
	needed := object{}
	need(object{"$ref": "#/definitions/" + name}, definitions, needed)
	return object{"$ref": "#/definitions/" + name, "definitions": needed}
}

func need(node any, definitions map[string]object, needed object) {
	switch n := node.(type) {
	case object:
		if ref, is := n["$ref"].(string); is {
			name := strings.TrimPrefix(ref, "#/definitions/")
			if needed[name] == nil {
				needed[name] = definitions[name]
				need(definitions[name], definitions, needed)
			}
		}
		for child := range maps.Values(n) {
			need(child, definitions, needed)
		}
	case []any:
		for _, child := range n {
			need(child, definitions, needed)
		}
	}
}

// ofCRD writes a schema for each version of a kind that others define.
func ofCRD(out, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var crd struct {
		Spec struct {
			Group    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct {
					OpenAPI object `yaml:"openAPIV3Schema"`
				}
			}
		}
	}
	if err := yaml.Unmarshal(text, &crd); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for _, version := range crd.Spec.Versions {
		schema := version.Schema.OpenAPI
		strict(schema)
		if properties, is := schema["properties"].(object); is {
			properties["metadata"] = object{"type": "object"} // Kubernetes' own, said in one word
		}
		if err := write(out, crd.Spec.Group, version.Name, crd.Spec.Names.Kind, schema); err != nil {
			return err
		}
	}
	return nil
}

// write names the file as kubeconform looks for it: by kind, first part of the
// group, version.
func write(out, group, version, kind string, schema object) error {
	name := strings.ToLower(kind)
	if group != "" {
		name += "-" + strings.Split(group, ".")[0]
	}
	text, err := json.Marshal(schema)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, name+"-"+version+".json"), text, 0o644)
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "schemas:", err)
		os.Exit(1)
	}
}
