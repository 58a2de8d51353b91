package mapping

import (
	"errors"
	"strings"
)

// Rewrite returns an expression with each [attribute] in it, brackets and all,
// replaced by what replace makes of the text inside. Texts in quotes, also those
// inside of brackets, are left alone. An error says what cannot be read.
func Rewrite(expression string, replace func(attribute string) string) (string, error) {
	if _, err := parseExpression(expression); err != nil {
		return "", errors.New(err.reason)
	}
	var b strings.Builder
	l, copied := lexer{text: expression}, 0
	for {
		t, err := l.next()
		switch {
		case err != nil:
			return "", errors.New(err.reason)
		case t.kind == endToken:
			b.WriteString(expression[copied:])
			return b.String(), nil
		case t.kind == attributeToken:
			b.WriteString(expression[copied:t.at])
			b.WriteString(replace(t.text))
			copied = l.at
		}
	}
}
