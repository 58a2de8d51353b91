package scim

import (
	"fmt"
	"strings"

	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// PatchURN is the schema of the body of a PATCH (RFC 7644 §3.5.2).
const PatchURN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

// The leniencies of PATCH. Each comment names who needs it.
const (
	// OperationCase: "Add", "Replace", "Remove". Entra's older dialect.
	OperationCase Leniency = "operationCase"
	// PathAsKey: a path as a name in the value of an operation that has no path,
	// {"name.givenName":"K"}. Entra with aadOptscim062020.
	PathAsKey Leniency = "pathAsKey"
	// EmptyPath: "path":"" for no path. Scripts that always write all members.
	EmptyPath Leniency = "emptyPath"
	// CreatedByFilter: the element that a path such as emails[type eq "work"].value
	// asks for is made where RFC 7644 §3.5.2.3 has noTarget. Entra, both dialects.
	CreatedByFilter Leniency = "createdByFilter"
	// AmbiguousFilter: two elements of the type asked for; only the primary one,
	// else the first, is changed (design 6.9). Entra takes types to be unique.
	AmbiguousFilter Leniency = "ambiguousFilter"
	// RemoveWithValue: a remove that names the values to be removed, against RFC
	// 7644 §3.5.2.2 which would remove all. Entra's older dialect.
	RemoveWithValue Leniency = "removeWithValue"
	// ReadOnlyIgnored: id, schemas or meta in the value of an operation that has
	// no path. Okta sends the id along.
	ReadOnlyIgnored Leniency = "readOnlyIgnored"
)

// maxOperations bounds one PATCH. The RFC has no scimType for more ("tooMany" is
// about filters), so that it is an invalid value of Operations. Entra sends some
// dozens.
const maxOperations = 1000

// Patch is the body of a PATCH request (RFC 7644 §3.5.2): parsed, not yet bound
// to a resource type. It does not change once parsed and may be applied again.
type Patch struct {
	operations []operation
}

type verb uint8

const (
	add verb = iota + 1
	replace
	remove
)

var verbs = map[string]verb{"add": add, "replace": replace, "remove": remove}

// operation is one of a Patch, or one member of the value of one without a path.
type operation struct {
	verb   verb
	path   *filter.Path // nil if it has none
	value  value.Value
	valued bool // a value was given, if only null
	keyed  bool // path was a key in the value of an operation without a path
}

// ParsePatch reads the body of a PATCH in the RFC's dialect or in Entra's older
// one. The error is an *Error: 400 invalidSyntax, invalidPath, invalidValue or,
// for a remove without a path, noTarget (RFC 7644 §3.5.2.2).
func ParsePatch(doc value.Value, m Mode) (*Patch, error) {
	if doc.Object() == nil {
		return nil, Errorf(InvalidSyntax, "The body of a PATCH must be a JSON object.")
	}
	urns, _ := doc.Object().Get(schemas)
	if !holds(urns.Items(), PatchURN) && !m.tolerate(MissingSchema, schemas) {
		return nil, Errorf(InvalidSyntax, "The attribute schemas must name %s.", PatchURN)
	}
	list, _ := doc.Object().Get("Operations")
	switch n := len(list.Items()); {
	case n == 0:
		return nil, Errorf(InvalidSyntax, "A PATCH must have Operations, an array of at least one.")
	case n > maxOperations:
		return nil, Errorf(InvalidValue, "A PATCH can have at most %d operations.", maxOperations)
	}
	p := &Patch{operations: make([]operation, len(list.Items()))}
	for i, item := range list.Items() {
		op, err := parseOperation(item.Object(), m)
		if err != nil {
			return nil, p.located(err, i)
		}
		p.operations[i] = op
	}
	return p, nil
}

// located says in err which of several operations it is about.
func (p *Patch) located(err *Error, i int) error {
	if len(p.operations) == 1 {
		return err
	}
	return &Error{Status: err.Status, Type: err.Type, Detail: fmt.Sprintf("Operation %d: %s", i+1, err.Detail)}
}

func parseOperation(o *value.Object, m Mode) (op operation, fault *Error) {
	if op.verb, fault = parseVerb(o, m); fault != nil {
		return op, fault
	}
	if op.path, fault = parsePath(o, m); fault != nil {
		return op, fault
	}
	op.value, op.valued = o.Get(valueSub)
	switch {
	case op.verb == remove && op.path == nil:
		return op, Errorf(NoTarget, "An operation that removes must have a path.")
	case op.verb != remove && !op.valued:
		return op, Errorf(InvalidValue, "An operation that adds or replaces must have a value.")
	}
	return op, nil
}

func parseVerb(o *value.Object, m Mode) (verb, *Error) {
	name, _ := o.Get("op")
	lower := strings.ToLower(name.Text())
	v, ok := verbs[lower]
	if !ok || (lower != name.Text() && !m.tolerate(OperationCase, "Operations.op")) {
		return 0, Errorf(InvalidSyntax, "The op of an operation must be add, replace or remove.")
	}
	return v, nil
}

func parsePath(o *value.Object, m Mode) (*filter.Path, *Error) {
	text, _ := o.Get("path")
	switch {
	case text.IsNull():
		return nil, nil
	case text.Kind() != value.String:
		return nil, Errorf(InvalidPath, "The path of an operation must be a string.")
	case text.Text() == "" && m.tolerate(EmptyPath, "Operations.path"):
		return nil, nil
	}
	path, err := filter.ParsePath(text.Text())
	if err != nil {
		return nil, Errorf(InvalidPath, "The path of an operation cannot be read: %s.", err.Error())
	}
	return &path, nil
}
