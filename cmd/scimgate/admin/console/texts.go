package console

import (
	_ "embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

//go:embed texts/en.yaml
var english []byte

// words are the texts of one language, by key: "settings.title".
type words map[string]string

// texts are all words that the console says. What the rooms below say (a rule's
// fault, an account's refusal) is theirs.
var texts = readWords(english)

// readWords reads the file of a language. It is embedded, so that no input of
// anybody can make it panic: a build that does never passes its own tests.
func readWords(text []byte) words {
	var tree map[string]any
	if err := yaml.Unmarshal(text, &tree); err != nil {
		panic("console: texts: " + err.Error()) // at the start of every run and test, never on input
	}
	w := words{}
	w.add("", tree)
	return w
}

func (w words) add(prefix string, tree map[string]any) {
	for key, v := range tree {
		switch v := v.(type) {
		case map[string]any:
			w.add(prefix+key+".", v)
		default:
			w[prefix+key] = strings.TrimSpace(fmt.Sprint(v))
		}
	}
}

func (w words) has(key string) bool { _, ok := w[key]; return ok }

// of returns a text with its arguments in place. A key that is not there is shown
// as it is: a test finds it.
func (w words) of(key string, args ...any) string {
	text, ok := w[key]
	if !ok {
		return key
	}
	if len(args) > 0 {
		return fmt.Sprintf(text, args...)
	}
	return text
}

// or is of where the key is there, else another text.
func (w words) or(key, otherwise string) string {
	if w.has(key) {
		return w[key]
	}
	return otherwise
}
