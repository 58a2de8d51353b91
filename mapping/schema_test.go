package mapping

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// validator checks a value against the keywords that our schema uses; one that it
// does not know is a failure of the test, so that none is passed over.
type validator struct {
	t    *testing.T
	root map[string]any
}

// valid returns what is wrong, "" for nothing.
func (d *validator) valid(schema map[string]any, v any) string {
	for key, want := range schema {
		if problem := d.keyword(schema, key, want, v); problem != "" {
			return key + ": " + problem
		}
	}
	return ""
}

func (d *validator) keyword(schema map[string]any, key string, want, v any) string {
	object, isObject := v.(map[string]any)
	list, isList := v.([]any)
	text, isText := v.(string)
	failed := false
	switch key {
	case "$schema", "$id", "$defs", "title", "description":
	case "$ref":
		name := strings.TrimPrefix(want.(string), "#/$defs/")
		return d.valid(d.root["$defs"].(map[string]any)[name].(map[string]any), v)
	case "type":
		failed = !isOfType(want, v)
	case "enum":
		failed = !slices.ContainsFunc(want.([]any), func(one any) bool { return reflect.DeepEqual(one, v) })
	case "const":
		failed = !reflect.DeepEqual(want, v)
	case "minLength":
		failed = isText && float64(utf8.RuneCountInString(text)) < want.(float64)
	case "maxLength":
		failed = isText && float64(utf8.RuneCountInString(text)) > want.(float64)
	case "minItems":
		failed = isList && float64(len(list)) < want.(float64)
	case "maxItems":
		failed = isList && float64(len(list)) > want.(float64)
	case "items":
		for i, item := range list {
			if problem := d.valid(want.(map[string]any), item); problem != "" {
				return fmt.Sprint(i, ": ", problem)
			}
		}
	case "required":
		for _, name := range want.([]any) {
			if _, ok := object[name.(string)]; isObject && !ok {
				return fmt.Sprint(name, " is missing")
			}
		}
	case "properties":
		for name, schema := range want.(map[string]any) {
			if v, ok := object[name]; ok {
				if problem := d.valid(schema.(map[string]any), v); problem != "" {
					return name + ": " + problem
				}
			}
		}
	case "additionalProperties":
		for name := range object {
			if _, known := schema["properties"].(map[string]any)[name]; !known {
				return name + " is unknown"
			}
		}
	case "oneOf":
		fits := 0
		for _, one := range want.([]any) {
			if d.valid(one.(map[string]any), v) == "" {
				fits++
			}
		}
		failed = fits != 1
	default:
		d.t.Fatalf("the test does not know the keyword %q", key)
	}
	if failed {
		return fmt.Sprintf("%v does not fit %v", v, want)
	}
	return ""
}

func isOfType(want, v any) bool {
	names, several := want.([]any)
	if !several {
		names = []any{want}
	}
	kind := map[reflect.Kind]string{
		reflect.String: "string", reflect.Float64: "number", reflect.Bool: "boolean", reflect.Map: "object",
		reflect.Slice: "array", reflect.Invalid: "null",
	}[reflect.ValueOf(v).Kind()]
	return slices.Contains(names, any(kind))
}

func newValidator(t *testing.T) *validator {
	d := &validator{t: t}
	if err := json.Unmarshal(JSONSchema(), &d.root); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *validator) document(text string) string {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return err.Error()
	}
	return d.valid(d.root, v)
}

// What Compile accepts, the schema does.
func TestSchemaAccepts(t *testing.T) {
	d := newValidator(t)
	for _, rules := range []string{
		typicalRules, explained, strings.Replace(exampled, `,"title":null`, ``, 1), string(Starter(userType())), `{}`, `{"rules":null}`, `{"rules":[]}`,
		`{"rules":[{"target":"title","type":"Direct","source":"displayName","value":null,"expression":"","apply":"","default":"","required":null,"onEmpty":"","sources":[],"examples":[]}]}`,
		`{"rules":[{"target":"title","type":"Direct","sources":["displayName"],"source":""}]}`,
		`{"rules":[{"target":"title","type":"None","default":7}]}`,
		`{"rules":[{"target":"active","type":"Constant","value":true}]}`,
	} {
		if faults := faultsOf(t, rules); faults != nil {
			t.Errorf("%.80s: Compile: %v", rules, faults)
		}
		if problem := d.document(rules); problem != "" {
			t.Errorf("%.80s: %s", rules, problem)
		}
	}
}

// What has the wrong shape, both refuse.
func TestSchemaRefuses(t *testing.T) {
	d := newValidator(t)
	for _, rules := range []string{
		`[]`, `{"rules":{}}`, `{"rule":[]}`, `{"rules":[7]}`, `{"rules":[{}]}`,
		`{"rules":[{"type":"None"}]}`,
		`{"rules":[{"target":"title"}]}`,
		`{"rules":[{"target":"","type":"None"}]}`,
		`{"rules":[{"target":7,"type":"None"}]}`,
		`{"rules":[{"target":"title","type":"direct","source":"title"}]}`,
		`{"rules":[{"target":"title","type":"Direct"}]}`,
		`{"rules":[{"target":"title","type":"Direct","source":"title","sources":["title"]}]}`,
		`{"rules":[{"target":"title","type":"Direct","sources":[]}]}`,
		`{"rules":[{"target":"title","type":"Direct","sources":"title"}]}`,
		`{"rules":[{"target":"title","type":"Constant"}]}`,
		`{"rules":[{"target":"title","type":"Constant","value":null}]}`,
		`{"rules":[{"target":"title","type":"Constant","value":[]}]}`,
		`{"rules":[{"target":"title","type":"Expression","expression":""}]}`,
		`{"rules":[{"target":"title","type":"Expression","expression":"\"` + strings.Repeat("x", 10_000) + `\""}]}`,
		`{"rules":[{"target":"title","type":"None","apply":"Never"}]}`,
		`{"rules":[{"target":"title","type":"None","onEmpty":"Drop"}]}`,
		`{"rules":[{"target":"title","type":"None","required":"yes"}]}`,
		`{"rules":[{"target":"title","type":"None","default":[]}]}`,
		`{"rules":[{"target":"title","type":"None","comment":"x"}]}`,
		`{"rules":[{"target":"title","type":"None","examples":[{"input":{}}]}]}`,
		`{"examples":[{"input":{},"output":{},"x":1}]}`, `{"examples":7}`,
	} {
		if faults := faultsOf(t, rules); faults == nil {
			t.Errorf("%.80s: Compile accepts it", rules)
		}
		if problem := d.document(rules); problem == "" {
			t.Errorf("%.80s: the schema accepts it", rules)
		}
	}
}

// The starter set is Entra's default mapping: it sends what Entra sent.
func TestStarter(t *testing.T) {
	r := mustCompile(t, string(Starter(userType())))
	got, err := r.Project(object(t, britta), true)
	if err != nil {
		t.Fatal(err)
	}
	sameJSON(t, printed(got), `{"externalId":"bsimon","userName":"B.Simon@contoso.com","active":true,
		"name":{"formatted":"Britta Simon","givenName":"Britta","familyName":"Simon"},
		"displayName":"Britta Simon","title":"Engineer",
		"emails":[{"type":"work","value":"B.Simon@contoso.com"}],
		"phoneNumbers":[{"type":"work","value":"+49 555123"},{"type":"mobile","value":"+49 170"}],
		"addresses":[{"type":"work","locality":"Berlin","country":"DE"}],
		"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{
			"department":"Research","employeeNumber":"0042","manager":{"value":"m1","displayName":"Boss"}},
		"urn:ietf:params:scim:schemas:extension:appspace:2.0:User":{"badge":701}}`)
	for _, target := range []string{"urn:ietf:params:scim:schemas:extension:appspace:2.0:User:costCenter", `phoneNumbers[type eq "fax"].value`} {
		if !strings.Contains(string(Starter(userType())), strings.ReplaceAll(target, `"`, `\"`)) {
			t.Errorf("the starter set has no rule for %s", target)
		}
	}
}
