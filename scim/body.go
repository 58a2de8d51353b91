package scim

import (
	"errors"

	"scimgate/scim/value"
)

// ParseBody parses the body of a request within l. The error is an *Error: 413
// for what passes a bound on size, else 400 invalidSyntax.
func ParseBody(text []byte, l value.Limits) (value.Value, error) {
	v, err := value.Parse(text, l)
	if err == nil {
		return v, nil
	}
	var syntax *value.SyntaxError
	if errors.As(err, &syntax) && syntax.TooLarge {
		return v, Statusf(413, "The body is too large: %s.", syntax.Error())
	}
	return v, Errorf(InvalidSyntax, "The body cannot be read: %s.", err.Error())
}
