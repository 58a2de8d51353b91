package mapping

import (
	"bytes"
	"encoding/json"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Positions say where the rules stand in the text that somebody wrote.
type Positions struct {
	text  []string // by line
	rules []*yaml.Node
}

// Locate finds the rules in a text, YAML or JSON. It finds none in a text that
// cannot be read.
func Locate(text []byte) Positions {
	if json.Valid(text) { // in which no tab stands in a text, and YAML takes none
		text = bytes.ReplaceAll(text, []byte{'\t'}, []byte{' '})
	}
	var doc yaml.Node
	if len(text) > maxYAML || yaml.Unmarshal(text, &doc) != nil || len(doc.Content) == 0 {
		return Positions{}
	}
	p := Positions{text: strings.Split(string(text), "\n")}
	if list := keyIn(doc.Content[0], "rules"); list != nil {
		p.rules = list.Content
	}
	return p
}

// Of returns line and column of what a fault is about, both from 1: the place in
// the expression if it says one and that can be told, else the expression or the
// rule. 0 is unknown.
func (p Positions) Of(f Fault) (line, column int) {
	if f.Rule < 0 || f.Rule >= len(p.rules) {
		return 0, 0
	}
	rule := p.rules[f.Rule]
	expression := keyIn(rule, "expression")
	if f.Column == 0 || expression == nil {
		return rule.Line, rule.Column
	}
	return expression.Line, expression.Column + p.within(expression, f.Column)
}

// Located is a fault with its place in the text that somebody wrote.
type Located struct {
	Fault
	Line       int `json:"line,omitempty"` // from 1; 0 is unknown
	LineColumn int `json:"lineColumn,omitempty"`
}

// All gives each fault its place.
func (p Positions) All(faults []Fault) []Located {
	located := make([]Located, len(faults))
	for i, f := range faults {
		line, column := p.Of(f)
		located[i] = Located{f, line, column}
	}
	return located
}

// within is how far behind the beginning of a value its nth character stands; 0
// where escapes or line breaks come between.
func (p Positions) within(n *yaml.Node, nth int) int {
	rest := []rune(p.text[n.Line-1])
	rest = rest[min(n.Column-1, len(rest)):]
	quote := 0
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		quote = 1
	}
	if !strings.HasPrefix(string(rest[min(quote, len(rest)):]), n.Value) {
		return 0
	}
	return quote + nth - 1
}

// keyIn returns the value of a key of a mapping, or nil.
func keyIn(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}
