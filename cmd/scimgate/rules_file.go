package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/server"
	"scimgate/tenant"
)

// rulesFile is a document of rules as somebody wrote it.
type rulesFile struct {
	name string
	text []byte
}

// openFile reads a file that the operator names; "-" is standard input.
func openFile(stdin io.Reader, name string) (rulesFile, error) {
	if name == "-" {
		text, err := io.ReadAll(stdin)
		return rulesFile{name, text}, err
	}
	text, err := os.ReadFile(name) //nolint:gosec // the operator names the file
	return rulesFile{name, text}, err
}

// readRules reads rules in YAML or JSON and returns them as JSON.
func readRules(stdin io.Reader, name string) (json.RawMessage, error) {
	f, err := openFile(stdin, name)
	if err != nil {
		return nil, err
	}
	raw, err := f.json()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return raw, nil
}

// json returns the rules as JSON. What is neither called .json nor begins like
// JSON is YAML.
func (f rulesFile) json() (json.RawMessage, error) {
	if filepath.Ext(f.name) != ".json" && !bytes.HasPrefix(bytes.TrimSpace(f.text), []byte("{")) {
		return mapping.FromYAML(f.text)
	}
	if err := json.Unmarshal(f.text, new(any)); err != nil {
		return nil, fmt.Errorf("the file is not JSON: %w", err)
	}
	return f.text, nil
}

// broken is where a file that is not JSON breaks off, as line and column; 0 if
// that is unknown.
func (f rulesFile) broken(err error) (line, column int) {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return 0, 0
	}
	before := f.text[:min(int(syntax.Offset), len(f.text))]
	return 1 + bytes.Count(before, []byte{'\n'}), max(1, len(before)-1-bytes.LastIndexByte(before, '\n'))
}

// userType is the User type of a tenant whose attributes are in a file, as
// `attributes list --json` prints them; "" is a tenant without any.
func userType(file string) (*scim.ResourceType, error) {
	t := &tenant.Tenant{}
	if file == "" {
		return server.Definitions(t).Type("User"), nil
	}
	text, err := os.ReadFile(file) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, err
	}
	var all items[tenant.Attribute]
	if err := json.Unmarshal(text, &all); err != nil && json.Unmarshal(text, &all.Items) != nil {
		return nil, fmt.Errorf("%s is not what attributes list --json prints: %w", file, err)
	}
	for _, a := range all.Items {
		if a.Property == "" || a.Type != "String" && a.Type != "Integer" {
			return nil, fmt.Errorf("%s: an attribute has a property, and the type String or Integer", file)
		}
	}
	t.Attributes = all.Items
	return server.Definitions(t).Type("User"), nil
}
