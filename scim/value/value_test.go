package value

import (
	"testing"
	"unicode/utf8"
)

func mustParse(tb testing.TB, text string) Value {
	tb.Helper()
	v, err := Parse([]byte(text), DefaultLimits)
	if err != nil {
		tb.Fatalf("%s: %v", text, err)
	}
	return v
}

func TestFold(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Ana@Example.COM", "ana@example.com", true},
		{"ana", "anna", false},
		{"ZOË", "zoe\u0308", true},      // composed or not
		{"STRASSE", "straße", true},     // full folding
		{"\u212aelvin", "kelvin", true}, // as Unicode has it: values, unlike names
		{"ana ", "ana", false},
		{"ΣΊΣΥΦΟΣ", "σίσυφος", true}, // final sigma
		{"аna", "ana", false},        // Cyrillic а
		{"", "", true},
	} {
		if got := Fold(c.a) == Fold(c.b); got != c.same {
			t.Errorf("Fold makes %q and %q the same: %v", c.a, c.b, got)
		}
		if got := SameText(c.a, c.b); got != c.same {
			t.Errorf("SameText(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

func TestSameName(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"userName", "USERNAME", true},
		{"userName", "uſerName", false},
		{"kind", "\u212aind", false},
		{"a", "ab", false},
		{"a@", "a`", false}, // 0x20 apart, but no letters
		{"a[", "a{", false},
	} {
		if got := SameName(c.a, c.b); got != c.same {
			t.Errorf("SameName(%q, %q) = %v", c.a, c.b, got)
		}
	}
}

func TestObject(t *testing.T) {
	o := mustParse(t, `{"userName":"ana","title":"T","active":true}`).Object()
	o.Set("TITLE", NewText("U"))
	o.Set("nickName", NewText("N"))
	if !o.Delete("Active") || o.Delete("active") || o.Len() != 3 {
		t.Errorf("after Delete: %s", Append(nil, Of(o)))
	}
	*o.At("username") = NewText("bea")
	if got, want := string(Append(nil, Of(o))), `{"userName":"bea","title":"U","nickName":"N"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var none *Object
	if _, ok := none.Get("a"); ok || none.Len() != 0 || none.At("a") != nil || none.Clone() != nil || !Of(none).IsNull() {
		t.Error("a nil object is not empty")
	}
}

func TestCloneSharesNothing(t *testing.T) {
	const text = `{"emails":[{"value":"a"},{"value":"b"}],"name":{"givenName":"A"},"none":[],"n":null}`
	v := mustParse(t, text)
	c := v.Clone()
	if !Equal(v, c) {
		t.Errorf("the copy is %s", Append(nil, c))
	}
	emails, _ := c.Object().Get("emails")
	emails.Items()[0].Object().Set("value", NewText("changed"))
	emails.Items()[1] = Value{}
	name, _ := c.Object().Get("name")
	name.Object().Delete("givenName")
	c.Object().Set("n", Int(1))
	if got := string(Append(nil, v)); got != text {
		t.Errorf("a change of the copy made the original %s", got)
	}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`{"a":1,"B":[1,"x"]}`, `{"b":[1,"x"],"A":1}`, true},
		{`{"a":1}`, `{"a":1,"b":null}`, false},
		{`{"a":1,"b":2}`, `{"a":1,"c":2}`, false},
		{`[1,2]`, `[2,1]`, false},
		{`[1]`, `[1,1]`, false},
		{`"1"`, `1`, false},
		{`1`, `1.0`, false},
		{`"a"`, `"A"`, false},
		{`true`, `"true"`, false},
		{`null`, `""`, false},
		{`[]`, `{}`, false},
	} {
		a, b := mustParse(t, c.a), mustParse(t, c.b)
		if Equal(a, b) != c.same || Equal(b, a) != c.same {
			t.Errorf("Equal(%s, %s) is not %v", c.a, c.b, c.same)
		}
	}
}

func TestUnassigned(t *testing.T) {
	for text, want := range map[string]bool{
		`null`: true, `""`: true, `[]`: true, `{}`: true, `" "`: false, `0`: false, `false`: false, `[null]`: false, `{"a":null}`: false,
	} {
		if got := mustParse(t, text).Unassigned(); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	if !List().Unassigned() || !(Value{}).Unassigned() {
		t.Error("an empty list or the zero Value is assigned")
	}
}

func TestAppendNeverWritesWhatIsNoJSON(t *testing.T) {
	for in, want := range map[string]string{
		"a\xffb\"\xc3": "\"a\uFFFDb\\\"\uFFFD\"", "\x00\x7f": "\"\\u0000\x7f\"", "é": `"é"`, "\xed\xa0\x80": "\"\uFFFD\"",
	} {
		got := string(Append(nil, NewText(in)))
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%q is written as %s, want %s", in, got, want)
		}
	}
	if got := string(Append([]byte("x"), List(Truth(false), Int(-7), Value{}, Literal("1e400")))); got != `x[false,-7,null,1e400]` {
		t.Errorf("got %s", got)
	}
}
