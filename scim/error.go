package scim

import "fmt"

// ErrorType is the scimType of an error (RFC 7644 §3.12, table 9).
type ErrorType string

// The types, in the order of the table.
const (
	InvalidFilter ErrorType = "invalidFilter"
	TooMany       ErrorType = "tooMany"
	Uniqueness    ErrorType = "uniqueness"
	Mutability    ErrorType = "mutability"
	InvalidSyntax ErrorType = "invalidSyntax"
	InvalidPath   ErrorType = "invalidPath"
	NoTarget      ErrorType = "noTarget"
	InvalidValue  ErrorType = "invalidValue"
	InvalidVers   ErrorType = "invalidVers"
	Sensitive     ErrorType = "sensitive"

	// Of RFC 9865 §2.
	InvalidCursor ErrorType = "invalidCursor"
	ExpiredCursor ErrorType = "expiredCursor"
	InvalidCount  ErrorType = "invalidCount"
)

// Error is what a client is told. It is made at any depth, travels as an error,
// and is rendered once, by scim/server. Detail is written for the administrator
// who reads it in Azure's provisioning log and holds no value of the request.
type Error struct {
	Status int       // HTTP status
	Type   ErrorType // "" where RFC 7644 has none for the status
	Detail string
}

func (e *Error) Error() string { return e.Detail }

// statusOf is the HTTP status of each type (RFC 7644 §3.12).
var statusOf = map[ErrorType]int{Uniqueness: 409, Sensitive: 403}

// Errorf makes the error of a type with the status that the RFC gives it:
// 409 for uniqueness, 403 for sensitive, 400 for the rest.
func Errorf(t ErrorType, format string, args ...any) *Error {
	status, ok := statusOf[t]
	if !ok {
		status = 400
	}
	return &Error{Status: status, Type: t, Detail: fmt.Sprintf(format, args...)}
}

// Statusf makes an error that has a status but no scimType, such as 404 or 413.
func Statusf(status int, format string, args ...any) *Error {
	return &Error{Status: status, Detail: fmt.Sprintf(format, args...)}
}
