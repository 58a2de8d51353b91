package value

import "testing"

func TestAppendSorted(t *testing.T) {
	for given, want := range map[string]string{
		`{"b":1,"a":2}`: `{"a":2,"b":1}`, `[]`: `[]`, `{}`: `{}`, `null`: `null`, `[{"b":[2],"a":1}]`: `[{"a":1,"b":[2]}]`,
		`{"emails":[{"type":"work","value":"x"},{"value":"a","type":"home"}]}`: `{"emails":[{"type":"home","value":"a"},{"type":"work","value":"x"}]}`,
		`[3,1,"2"]`: `["2",1,3]`, `"\u00e4\n"`: `"ä\n"`,
	} {
		v, err := Parse([]byte(given), DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		before := string(Append(nil, v))
		if got := string(AppendSorted(nil, v)); got != want {
			t.Errorf("%s: got %s, want %s", given, got, want)
		}
		if after := string(Append(nil, v)); after != before {
			t.Errorf("the value was changed: %s", after)
		}
	}
}
