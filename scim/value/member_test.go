package value

import "testing"

func TestMemberOf(t *testing.T) {
	text := `{"schemas":["a","b"],"id":"7","name":{"a,b":"}","id":{"id":[1,{"id":2}]}},"escaped":"\"},\"id2\":1\\","id2":null,"n":-1.5e3,"ok":true}`
	for name, want := range map[string]string{
		"schemas": `["a","b"]`, "ID": `"7"`, "name": `{"a,b":"}","id":{"id":[1,{"id":2}]}}`,
		"escaped": `"\"},\"id2\":1\\"`, "id2": `null`, "n": `-1.5e3`, "OK": `true`, "a,b": "", "i": "", "": "",
	} {
		v, found, err := MemberOf([]byte(text), name, DefaultLimits)
		if err != nil || found != (want != "") || found && string(Append(nil, v)) != want {
			t.Errorf("%s: %s, %v, %v", name, Append(nil, v), found, err)
		}
	}
	if _, found, err := MemberOf([]byte(`{}`), "id", DefaultLimits); found || err != nil {
		t.Errorf("{}: %v, %v", found, err)
	}
}

// What is damaged before the member, or in it, is an error and no panic.
func TestMemberOfDamaged(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `{`, `{"`, `{"a`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,"id"`, `{"a":1,"id":`, `{"id":"7`, `{"id":[1}`, `{a:1}`, `{"a" :1}`, `{"a":"\`, `{"id":x}`,
	} {
		if v, found, err := MemberOf([]byte(text), "id", DefaultLimits); err == nil || found {
			t.Errorf("%q: %s, %v", text, Append(nil, v), found)
		}
	}
}

// MemberOf finds what Parse finds.
func FuzzMemberOf(f *testing.F) {
	f.Add([]byte(`{"id":"7","name":{"a":[1,"\"}"]},"x":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, _, _ = MemberOf(text, "id", DefaultLimits)
		whole, err := Parse(text, DefaultLimits)
		if err != nil || whole.Object() == nil {
			return
		}
		written := Append(nil, whole)
		for _, m := range whole.Object().Members {
			v, found, err := MemberOf(written, m.Name, DefaultLimits)
			if plain(m.Name) && (err != nil || !found || !Equal(v, m.Value)) {
				t.Fatalf("%q in %s: %s, %v, %v", m.Name, written, Append(nil, v), found, err)
			}
		}
	})
}

// plain names, as all attributes have, are written as they are.
func plain(name string) bool {
	return string(appendString(nil, name)) == `"`+name+`"`
}
