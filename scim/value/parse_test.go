package value

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// user is what Entra posts for one user, about 1 KB.
const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
	`"externalId":"ana.lima","userName":"ana.lima@example.com","active":true,"displayName":"Ana Lima","title":"Head of Signage",` +
	`"emails":[{"primary":true,"type":"work","value":"ana.lima@example.com"},{"type":"other","value":"ana@example.org"}],` +
	`"phoneNumbers":[{"type":"work","value":"+55 11 5550 0199"},{"type":"mobile","value":"+55 11 5550 0122"}],` +
	`"addresses":[{"type":"work","formatted":"Rua das Flores 12","locality":"São Paulo","region":"SP","postalCode":"01000-000","country":"BR"}],` +
	`"meta":{"resourceType":"User"},"name":{"formatted":"Ana Lima","familyName":"Lima","givenName":"Ana"},"roles":[],"preferredLanguage":"pt-BR",` +
	`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701","department":"Retail","costCenter":"4130","manager":{"value":"4e6f9d0c-2f3e-4a55-9d0c-111111111111"}}}`

func TestParseAccepts(t *testing.T) {
	for _, text := range []string{
		`null`, `true`, `false`, `""`, `0`, `-0`, `1e400`, `-12.50E+7`, `9007199254740993`, `[]`, `{}`, `[[],{}]`,
		`{"a":{"b":[1,"x",null]},"":0}`, `"é😀"`, user, `"` + strings.Repeat("9", 10_000) + `"`, strings.Repeat("9", 10_000),
		`{"$where":1,"a.b":2,"__proto__":3}`, `{"userName":1,"uſerName":2}`, "\"\u007f\"",
	} {
		v, err := Parse([]byte(text), DefaultLimits)
		if err != nil {
			t.Errorf("%.40q: %v", text, err)
		} else if got := string(Append(nil, v)); got != text {
			t.Errorf("%.40q printed as %.40q", text, got)
		}
	}
}

func TestParseNormalises(t *testing.T) {
	for text, want := range map[string]string{
		" \t\r\n[ 1 , 2 ] \n":                   `[1,2]`,
		`{ "a" : 1 , "b" : { } }`:               `{"a":1,"b":{}}`,
		`"\u0073\/\ud83d\ude00\"\\"`:            `"s/😀\"\\"`,
		`"\b\f\n\r\t\u0001\u001f"`:              `"\b\f\n\r\t\u0001\u001f"`,
		`"\u003c\u003e\u0026\u2028"`:            "\"<>&\u2028\"",
		`{"\u0075serName":"a\u00e9b\uFFFDc"}`:   "{\"userName\":\"aéb\uFFFDc\"}",
		`["plain", "es\u0063aped","and plain"]`: `["plain","escaped","and plain"]`,
	} {
		v, err := Parse([]byte(text), DefaultLimits)
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if got := string(Append(nil, v)); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, at := range map[string]int{
		``: 0, ` `: 1, `nul`: 0, `nullx`: 4, `NaN`: 0, `Infinity`: 0, `-`: 0, `+1`: 0, `01`: 0, `-01`: 0, `.5`: 0, `1.`: 2, `1e`: 2, `1e+`: 3, `0x1`: 1,
		`{`: 1, `{"a"`: 4, `{"a":`: 5, `{"a":1`: 6, `{"a":1,`: 7, `{"a":1,}`: 7, `{,}`: 1, `{a:1}`: 1, `{'a':1}`: 1, `{"a" 1}`: 5, `{1:1}`: 1,
		`[`: 1, `[1`: 2, `[1,`: 3, `[1,]`: 3, `[,]`: 1, `[1 2]`: 3, `[1}`: 2, `{"a":1]`: 6, `]`: 0, `{}{}`: 2, `{} x`: 3, `1 2`: 2,
		`"`: 1, `"a`: 2, `"\`: 2, `"\x"`: 2, `"\u00"`: 3, `"\u00g0"`: 3, `"\u+123"`: 3, "\"a\nb\"": 2, "\"\\n\x00\"": 3, "\"\x1f\"": 1,
		`"\ud800"`: 7, `"\udc00"`: 7, `"\ud800\u0041"`: 13, `"\ud800\ud800"`: 13, `"\ud800x"`: 7, `"\u0000"`: 7, `{"\u0000":1}`: 8,
		"\xef\xbb\xbf{}": 0, "\xff\xfe{\x00}\x00": 0, "{\x00}\x00": 1, "\"ab\xff\"": 3, "{\"\xc3\":1}": 2, "\"\xed\xa0\x80\"": 1, "\x00": 0,
		`{"a":1,"a":2}`: 11, `{"userName":1,"USERNAME":2}`: 25, `{"s":1,"\u0073":2}`: 16, `[{"x":{"a":1,"A":1}}]`: 17,
		"\u00a01": 0, "// x\n1": 0,
	} {
		_, err := Parse([]byte(text), DefaultLimits)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%q: got %v, want a SyntaxError", text, err)
		} else if syntax.Offset != at || syntax.Reason == "" || syntax.TooLarge {
			t.Errorf("%q: got %+v, want offset %d", text, syntax, at)
		}
	}
}

func TestParseLimits(t *testing.T) {
	l := Limits{Depth: 3, Values: 6, Text: 4}
	for text, want := range map[string]string{
		`[[[1]]]`: "", `[[[]],[[]]]`: "", `[[[[]]]]`: "depth", `{"a":{"b":{"c":{}}}}`: "depth",
		`[1,2,3,4,5]`: "", `[1,2,3,4,5,6]`: "large", `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}`: "large",
		`"four"`: "", `"fiver"`: "large", `"\u0061bcde"`: "large", `{"fiver":1}`: "large", `"\ud83d\ude00"`: "", `"\ud83d\ude00a"`: "large",
	} {
		_, err := Parse([]byte(text), l)
		got := ""
		if syntax := (*SyntaxError)(nil); errors.As(err, &syntax) {
			got = map[bool]string{true: "large", false: "depth"}[syntax.TooLarge]
		}
		if got != want {
			t.Errorf("%s: got %q (%v), want %q", text, got, err, want)
		}
	}
	if _, err := Parse([]byte(`1`), Limits{}); err == nil {
		t.Error("the zero Limits accepted a value")
	}
}

// What costs a hostile client nothing to send must cost us nothing to refuse.
func TestParseIsCheapOnHostileText(t *testing.T) {
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%d":0`, i)
		}
		return "{" + b.String()[1:] + "}"
	}
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"a million brackets":   {strings.Repeat("[", 1_000_000), false},
		"a million items":      {"[" + strings.Repeat("0,", 1_000_000) + "0]", false},
		"many names":           {keys(200_000), true},
		"many names, one last": {strings.TrimSuffix(keys(100_000), "}") + `,"K99999":1}`, false},
	} {
		start := time.Now()
		_, err := Parse([]byte(c.text), DefaultLimits)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

// Parts of one document share memory; a change to one must not reach another.
func TestParsedPartsAreIndependent(t *testing.T) {
	long := strings.Repeat(" ", 1000) // what is left to read makes the parser plan for more
	v, err := Parse([]byte(`{"a":{"x":1},"b":{"y":2},"c":[1],"d":[2]`+long+`}`), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := v.Object().Get("a")
	a.Object().Set("new", Int(9))
	c, _ := v.Object().Get("c")
	_ = append(c.Items(), Int(9))
	v.Object().Set("e", Int(9))
	if got, want := string(Append(nil, v)), `{"a":{"x":1,"new":9},"b":{"y":2},"c":[1],"d":[2],"e":9}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseLeavesItsInputAlone(t *testing.T) {
	text := []byte(`{"userName":"ana"}`)
	v, err := Parse(text, DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		text[i] = 'x'
	}
	if got := string(Append(nil, v)); got != `{"userName":"ana"}` {
		t.Errorf("the value changed with the bytes it was read from: %s", got)
	}
}

func TestParseAllocations(t *testing.T) {
	text := []byte(user)
	if n := testing.AllocsPerRun(100, func() { _, _ = Parse(text, DefaultLimits) }); n > 16 { // 11, and what the race detector costs
		t.Errorf("a user took %v allocations", n)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{user, `{"a":[1e400,-0,"\ud83d\ude00"]}`, `{"a":1,"A":2}`, "\xef\xbb\xbf{}", `"\ud800"`, `[[[[`, `"\u0000"`, `"a\`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		v, err := Parse(text, DefaultLimits)
		if err != nil {
			if json.Valid(text) && !stricter(text, err) {
				t.Fatalf("%q is JSON, but: %v", text, err)
			}
			return
		}
		if !json.Valid(text) {
			t.Fatalf("%q is not JSON, but was read as %s", text, Append(nil, v))
		}
		once := Append(nil, v)
		again, err := Parse(once, DefaultLimits)
		if err != nil || !Equal(v, again) || string(Append(nil, again)) != string(once) {
			t.Fatalf("%q printed as %q is not read as the same value: %v", text, once, err)
		}
	})
}

// stricter tells whether err is one of the rules in which we refuse what
// encoding/json takes.
func stricter(text []byte, err error) bool {
	for _, reason := range []string{"UTF-8", "occurs twice", "surrogate", "U+0000", "nested deeper", "more than", "longer than"} {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	return strings.HasPrefix(string(text), "\xef\xbb\xbf")
}

func BenchmarkParseUser(b *testing.B) {
	text := []byte(user)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text, DefaultLimits); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendUser(b *testing.B) {
	v, err := Parse([]byte(user), DefaultLimits)
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, 0, 2*len(user))
	b.ReportAllocs()
	for b.Loop() {
		dst = Append(dst[:0], v)
	}
}
