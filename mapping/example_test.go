package mapping_test

import (
	"errors"
	"fmt"

	"scimgate/mapping"
	"scimgate/scim"
	"scimgate/scim/value"
)

func Example() {
	user := scim.Define([]scim.CustomAttribute{{Property: "badge", Type: "Integer"}}).Type("User")
	rules, err := mapping.Compile([]byte(`{"rules": [
		{"target": "displayName", "type": "Expression",
		 "expression": "Join(\", \", [name.familyName], [name.givenName])"},
		{"target": "addresses[type eq \"work\"].locality", "type": "Constant", "value": "Berlin"},
		{"target": "urn:ietf:params:scim:schemas:extension:appspace:2.0:User:badge",
		 "type": "Direct", "source": "externalId"}
	]}`), user)
	if err != nil {
		fmt.Println(err)
		return
	}
	entra, _ := value.Parse([]byte(`{"userName": "b.simon@contoso.com", "externalId": "701",
		"active": false, "name": {"givenName": "Britta", "familyName": "Simon"}}`), value.DefaultLimits)
	projection, err := rules.Project(entra.Object(), true)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range projection.Members {
		fmt.Printf("%s: %s\n", m.Name, value.Append(nil, m.Value))
	}
	// Output:
	// displayName: "Simon, Britta"
	// addresses: [{"type":"work","locality":"Berlin"}]
	// urn:ietf:params:scim:schemas:extension:appspace:2.0:User: {"badge":701}
	// active: false
	// userName: "b.simon@contoso.com"
	// emails: [{"value":"b.simon@contoso.com","type":"work","primary":true}]
}

func ExampleErrors() {
	_, err := mapping.Compile([]byte(`{"rules": [
		{"target": "nickName", "type": "Expression", "expression": "Tolower([mailNickname])"},
		{"target": "id", "type": "Constant", "value": "1"}
	]}`), scim.Define(nil).Type("User"))
	fmt.Println(err)
	// Output:
	// rules[0] (nickName), column 1: there is no function Tolower; names are case-sensitive: write ToLower
	// rules[0] (nickName), column 10: no attribute "mailNickname" is defined for User; what Entra calls mailNickname stands here in externalId
	// rules[1] (id): this attribute is read-only; the account keeps it itself
}

func ExampleFromYAML() {
	rules, err := mapping.FromYAML([]byte(`
rules:
  - target: displayName
    type: Expression
    expression: Join(", ", [surname], [givenName])
examples:
  - name: comma between the names
    input: {userName: a@x.io, name: {givenName: John, familyName: Doe}}
    output: {displayName: John Doe}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = mapping.Compile(rules, scim.Define(nil).Type("User"))
	var faults *mapping.Errors
	if errors.As(err, &faults) {
		fmt.Println(faults.Faults[0])
	}
	fmt.Println(err)
	// Output:
	// examples[0] (comma between the names): displayName: the example's output is another: wanted "John Doe", got "Doe, John"
	// examples[0] (comma between the names): displayName: the example's output is another
}
