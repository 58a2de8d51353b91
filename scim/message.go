package scim

import "scimgate/scim/value"

// URNs of the messages that a client sends beside resources (RFC 7644 §8.2).
const (
	SearchRequestURN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
	BulkRequestURN   = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	BulkResponseURN  = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
)

// readMessage returns the members of a message whose schemas must name urn.
func readMessage(doc value.Value, urn string, m Mode) (*value.Object, error) {
	if doc.Object() == nil {
		return nil, Errorf(InvalidSyntax, "The body must be a JSON object.")
	}
	urns, _ := doc.Object().Get(schemas)
	if !holds(urns.Items(), urn) && !m.tolerate(MissingSchema, schemas) {
		return nil, Errorf(InvalidSyntax, "The attribute schemas must name %s.", urn)
	}
	return doc.Object(), nil
}

// ReadSearch tells param each parameter that the body of a search gives (RFC 7644
// §3.4.3), as the text that a URL would have in its place, and each item of a list
// by itself. What is null is not given. The error is param's own or an *Error.
func ReadSearch(doc value.Value, m Mode, param func(name, text string) error) error {
	o, err := readMessage(doc, SearchRequestURN, m)
	if err != nil {
		return err
	}
	for _, member := range o.Members {
		if value.SameName(member.Name, schemas) {
			continue
		}
		if err := readParameter(member, param); err != nil {
			return err
		}
	}
	return nil
}

func readParameter(p value.Member, param func(name, text string) error) error {
	switch p.Value.Kind() {
	case value.Null:
		return nil
	case value.Obj:
		return param(p.Name, "{}") // of no parameter a value, and of an unknown one no matter
	case value.Array:
		for _, item := range p.Value.Items() {
			if err := readParameter(value.Member{Name: p.Name, Value: item}, param); err != nil {
				return err
			}
		}
		return nil
	default:
		return param(p.Name, p.Value.Text())
	}
}
