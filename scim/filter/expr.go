package filter

import "scimgate/scim/value"

// Expr is a filter: And, Or, Not or Compare.
type Expr interface{ isExpr() }

// And holds where both sides hold.
type And struct{ Left, Right Expr }

// Or holds where one side holds.
type Or struct{ Left, Right Expr }

// Not holds where Expr does not.
type Not struct{ Expr Expr }

// Compare holds where some value at Path stands in relation Op to Value. Its
// Value is null exactly where Op is Present. A bare value path, as in
// emails[type eq "work"], is a Compare with Present on a Path with a Filter.
type Compare struct {
	Path  Path
	Op    Op
	Value value.Value // null, boolean, number or string
}

func (*And) isExpr()     {}
func (*Or) isExpr()      {}
func (*Not) isExpr()     {}
func (*Compare) isExpr() {}

// Op is a comparison operator (RFC 7644 §3.4.2.2, table 3).
type Op uint8

// The operators.
const (
	Equal Op = iota + 1
	NotEqual
	Contains
	StartsWith
	EndsWith
	Present
	Greater
	GreaterOrEqual
	Less
	LessOrEqual
)

// Path names an attribute, or some of its values, or a sub-attribute of them:
//
//	userName
//	name.familyName
//	urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value
//	emails[type eq "work"].value
//
// ParsePath and Parse split a URN from the name at the last colon that is
// followed by an attribute name; only Bind knows which URNs exist. A path that
// is itself the URN of a schema (PATCH of a whole extension) therefore parses to
// URN "…:2.0" and Name "User", and Bind turns it into URN "…:2.0:User", Name "".
type Path struct {
	URN    string // schema; "" if not given, and after Bind "" for the core schema
	Name   string // attribute; after Bind in the schema's spelling
	Filter Expr   // in brackets, or nil
	Sub    string // sub-attribute, or ""
	Type   Type   // of the value compared; set by Bind
}

// Type tells how the values of an attribute compare. The zero Type compares
// strings without regard to case, as for an attribute nobody defined.
type Type uint8

// The types.
const (
	FoldedText Type = iota // caseExact=false
	ExactText              // caseExact=true, binary, reference
	Boolean
	Numeric // integer and decimal; a string that reads as a number compares as one
	Time    // dateTime, compared as instants
	Complex // only Present applies
)

// Binder knows the attributes of a resource type.
type Binder interface {
	// BindPath completes p in place: URN, Name, Sub in the schema's spelling,
	// and Type. A path that names a multi-valued complex attribute without a
	// sub-attribute is given Sub "value" where that exists and the operator
	// needs a simple value. parent is nil, or the attribute in whose brackets p
	// stands. An unknown attribute is an error that says which.
	BindPath(parent, p *Path, op Op) error
}
