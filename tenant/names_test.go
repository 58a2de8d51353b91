package tenant

import (
	"bytes"
	"testing"
)

func TestNamesStayOverARotation(t *testing.T) {
	older, newer := GenerateKey(), GenerateKey()
	load := func(text string) *Keys {
		k, err := LoadKeys([]byte(text))
		must(t, err)
		return k
	}
	before, after := load(older), load(newer+"\n"+older)
	if !bytes.Equal(before.Names("a"), after.Names("a")) {
		t.Error("a key before it changed the names")
	}
	if bytes.Equal(before.Names("a"), before.Names("b")) || bytes.Equal(before.Names("a"), load(newer).Names("a")) {
		t.Error("two purposes, or two key files, have the same names")
	}
}
