package scim

// Leniency names one deviation from the RFCs that we accept because a client
// in use sends it. Each is a word of the Ledger.
type Leniency string

// The leniencies of reading a value or a whole resource; those of PATCH stand
// beside it. Each comment names who sends it.
const (
	// BooleanAsString: "True" for true. Entra's older dialect, Microsoft's Postman set.
	BooleanAsString Leniency = "booleanAsString"
	// NumberAsString: "701" for an integer. Entra sends custom attributes as text.
	NumberAsString Leniency = "numberAsString"
	// ScalarAsString: 1 or true where text is due. Scripts that feed externalId
	// or employeeNumber from a database.
	ScalarAsString Leniency = "scalarAsString"
	// WrappedValue: [{"value":x}], [x] or {"value":x} for x. Entra's older dialect.
	WrappedValue Leniency = "wrappedValue"
	// BareValue: x for {"value":x}. Entra sends manager so, Microsoft's Postman
	// set members.
	BareValue Leniency = "bareValue"
	// SingleAsList: x for [x]. Several clients with a single e-mail or member.
	SingleAsList Leniency = "singleAsList"
	// EncodedValue: a role as a text that holds JSON. Entra's AppRoleAssignmentsComplex.
	EncodedValue Leniency = "encodedValue"
	// SeveralPrimaries: more than one value with "primary":true, against RFC 7643
	// §2.4; the first stays primary.
	SeveralPrimaries Leniency = "severalPrimaries"
	// MisplacedAttribute: an Enterprise attribute without its URN. Entra's
	// documentation has manager and department so.
	MisplacedAttribute Leniency = "misplacedAttribute"
	// UnknownAttribute: an attribute that no schema has; it is dropped.
	UnknownAttribute Leniency = "unknownAttribute"
	// UndefinedAttribute: a custom attribute that the tenant has not defined yet;
	// it is kept (design 6.6).
	UndefinedAttribute Leniency = "undefinedAttribute"
	// UnknownSchema: a URN in schemas that we do not know. Entra's documentation
	// spells one "…enterprise:2.0User" and adds one of Microsoft's own for groups.
	UnknownSchema Leniency = "unknownSchema"
	// MissingSchema: schemas is absent or lacks a URN whose data is there. Entra
	// never lists the URN of a custom extension.
	MissingSchema Leniency = "missingSchema"
	// UnquotedValue: a filter such as externalId eq jyoung. Microsoft's own sample.
	UnquotedValue Leniency = "unquotedValue"
	// UnresolvedMember: a member that names nobody, or nobody yet; it is kept and
	// not shown (design 6.5). Entra adds members whose creation is under way.
	UnresolvedMember Leniency = "unresolvedMember"
	// PasswordDropped: a password, which we do not take. Okta sends one on creation.
	PasswordDropped Leniency = "passwordDropped"
)

// Mode says how a tenant's requests are read.
type Mode struct {
	// Strict turns every Leniency into the RFC's error (design 6.1).
	Strict bool
	// Tolerated is told of each Leniency used, with the path of the attribute
	// and never with a value. Nil tells nobody.
	Tolerated func(l Leniency, path string)
}

// tolerate reports whether l is allowed, and counts it.
func (m Mode) tolerate(l Leniency, path string) bool {
	if m.Strict {
		return false
	}
	if m.Tolerated != nil {
		m.Tolerated(l, path)
	}
	return true
}
