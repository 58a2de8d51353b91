package mapping

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"scimgate/scim/value"
)

// maxYAML bounds the text of rules in YAML, in bytes; maxDepth their nesting.
const (
	maxYAML  = 1 << 20
	maxDepth = 32
)

// FromYAML turns rules written in YAML into the JSON that Compile takes. Anchors
// and aliases are refused: what a rule says should stand in it. An error says the
// line.
func FromYAML(text []byte) ([]byte, error) {
	if len(text) > maxYAML {
		return nil, errors.New("the rules are longer than 1 MiB")
	}
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	var doc yaml.Node
	if err := decoder.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the rules are empty")
		}
		return nil, fmt.Errorf("the rules are not YAML: %w", err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("the rules are more than one YAML document")
	}
	v, err := fromNode(doc.Content[0], 0)
	if err != nil {
		return nil, err
	}
	return value.Append(nil, v), nil
}

func fromNode(n *yaml.Node, depth int) (value.Value, error) {
	switch {
	case depth > maxDepth:
		return value.Value{}, atLine(n, "the rules are nested more than 32 deep")
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return value.Value{}, atLine(n, "anchors and aliases are not taken; write it out")
	case n.Kind == yaml.MappingNode:
		return fromMapping(n, depth)
	case n.Kind == yaml.SequenceNode:
		return fromSequence(n, depth)
	default:
		return fromScalar(n)
	}
}

func fromMapping(n *yaml.Node, depth int) (value.Value, error) {
	o := &value.Object{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.ShortTag() == "!!merge" {
			return value.Value{}, atLine(key, "a key is a plain word")
		}
		if o.At(key.Value) != nil {
			return value.Value{}, atLine(key, "the key "+strconv.Quote(shorten(key.Value))+" stands twice")
		}
		v, err := fromNode(n.Content[i+1], depth+1)
		if err != nil {
			return value.Value{}, err
		}
		o.Set(key.Value, v)
	}
	return value.Of(o), nil
}

func fromSequence(n *yaml.Node, depth int) (value.Value, error) {
	list := make([]value.Value, len(n.Content))
	for i, item := range n.Content {
		v, err := fromNode(item, depth+1)
		if err != nil {
			return value.Value{}, err
		}
		list[i] = v
	}
	return value.List(list...), nil
}

// fromScalar keeps the digits of a number as they are written. What YAML takes
// for a number and JSON does not (007, 0x1F, .5) must say whether it is a text.
func fromScalar(n *yaml.Node) (value.Value, error) {
	switch n.ShortTag() {
	case "!!null":
		return value.Value{}, nil
	case "!!bool":
		v, _ := truth(n.Value)
		return v, nil
	case "!!int", "!!float":
		if !value.IsNumber(n.Value) {
			return value.Value{}, atLine(n, "this number is written in an uncommon way; put it in quotes if it is a text")
		}
		return value.Literal(n.Value), nil
	case "!!str", "!!timestamp":
		return value.NewText(n.Value), nil
	default:
		return value.Value{}, atLine(n, "this type is not taken")
	}
}

func atLine(n *yaml.Node, reason string) error {
	return fmt.Errorf("line %d: %s", n.Line, reason)
}
