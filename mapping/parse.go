package mapping

import (
	"unicode/utf8"

	"scimgate/scim/value"
)

// The bounds of one expression. Microsoft allows 10,000 characters; the others
// are ours. With no loops in the language, nodes bound the steps of a run too.
const (
	maxExpression = 10_000 // characters
	maxNesting    = 32     // calls and parentheses inside one another
	maxNodes      = 2_000  // texts, numbers, attributes, calls and comparisons
)

// parser reads the grammar, one function a rule:
//
//	expression = operand [ ( "=" | "<>" | ">" | ">=" | "<" | "<=" ) operand ]
//	operand    = text | number | word | "[" path "]" | name "(" arguments ")" | "(" expression ")"
//	word       = "vbTextCompare" | "vbBinaryCompare"
//	arguments  = [ [ expression ] *( "," [ expression ] ) ]
type parser struct {
	lexer lexer
	token token // the one that is looked at
	depth int
	nodes int
}

// parseExpression reads one expression into a tree whose names are not resolved yet.
func parseExpression(text string) (node, *syntaxError) {
	if utf8.RuneCountInString(text) > maxExpression {
		return nil, &syntaxError{0, "the expression is longer than 10,000 characters", "split it into several rules"}
	}
	p := parser{lexer: lexer{text: text}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.token.kind == endToken {
		return nil, &syntaxError{0, "the expression is empty", `write "" for an empty text`}
	}
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	if p.token.kind != endToken {
		return nil, &syntaxError{p.token.at, "the expression should end here", "texts are put together with Join or Append"}
	}
	return n, nil
}

func (p *parser) advance() (err *syntaxError) {
	p.token, err = p.lexer.next()
	return err
}

func (p *parser) at(mark string) bool {
	return p.token.kind == punctuation && p.token.text == mark
}

func (p *parser) expression() (node, *syntaxError) {
	left, err := p.operand()
	if err != nil || p.token.kind != operatorToken {
		return left, err
	}
	operator := p.token
	if err := p.advance(); err != nil {
		return nil, err
	}
	right, err := p.operand()
	if err != nil {
		return nil, err
	}
	if p.token.kind == operatorToken {
		return nil, &syntaxError{p.token.at, "one comparison compares two values", "put one IIF into another for more conditions"}
	}
	return &comparison{operator: operator.text, left: left, right: right, at: operator.at}, nil
}

func (p *parser) operand() (node, *syntaxError) {
	if p.nodes++; p.nodes > maxNodes {
		return nil, &syntaxError{p.token.at, "the expression has more than 2,000 parts", "split it into several rules"}
	}
	t := p.token
	switch {
	case t.kind == textToken:
		return &literal{v: value.NewText(t.text), at: t.at}, p.advance()
	case t.kind == numberToken:
		return &literal{v: value.Literal(t.text), at: t.at}, p.advance()
	case t.kind == attributeToken:
		return &reference{text: t.text, at: t.at}, p.advance()
	case t.kind == nameToken:
		return p.call()
	case p.at("("):
		return p.group()
	default:
		return nil, &syntaxError{
			t.at, "a value is missing here",
			`a value is a "text", a number, an [attribute] or a Function(…)`,
		}
	}
}

func (p *parser) group() (node, *syntaxError) {
	leave, err := p.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	n, err := p.expression()
	if err != nil {
		return nil, err
	}
	return n, p.expect(")")
}

func (p *parser) call() (node, *syntaxError) {
	c := &call{name: p.token.text, at: p.token.at}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.at("(") && (c.name == textCompare || c.name == binaryCompare) {
		return &literal{v: value.NewText(c.name), at: c.at}, nil
	}
	if !p.at("(") {
		return nil, &syntaxError{
			c.at, "a function's name is followed by (",
			`a text stands in quotes ("` + c.name + `"), an attribute in brackets ([` + c.name + `])`,
		}
	}
	leave, err := p.enter()
	if err != nil {
		return nil, err
	}
	defer leave()
	c.args, err = p.arguments()
	return c, err
}

// arguments reads up to and over the closing parenthesis; an argument left
// empty, as in f(a, , b), is nil.
func (p *parser) arguments() ([]node, *syntaxError) {
	var args []node
	if p.at(")") {
		return args, p.advance()
	}
	for {
		var arg node
		if !p.at(",") && !p.at(")") {
			var err *syntaxError
			if arg, err = p.expression(); err != nil {
				return nil, err
			}
		} else if p.nodes++; p.nodes > maxNodes {
			return nil, &syntaxError{p.token.at, "the expression has more than 2,000 parts", "split it into several rules"}
		}
		args = append(args, arg)
		if !p.at(",") {
			return args, p.expect(")")
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

// enter steps over an opening parenthesis and counts it.
func (p *parser) enter() (leave func(), err *syntaxError) {
	if p.depth++; p.depth > maxNesting {
		return nil, &syntaxError{p.token.at, "the expression is nested more than 32 deep", "a Switch says the same as many IIFs"}
	}
	return func() { p.depth-- }, p.advance()
}

func (p *parser) expect(mark string) *syntaxError {
	if !p.at(mark) {
		return &syntaxError{p.token.at, mark + " is missing here", "arguments are separated by commas"}
	}
	return p.advance()
}
