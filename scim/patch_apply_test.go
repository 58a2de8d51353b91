package scim

import (
	"fmt"
	"strings"
	"testing"

	"scimgate/scim/value"
)

// Vector 53: the gallery kit clears every optional attribute by "" and by null,
// under the names that /Schemas has for it.
func TestPatchClearsEveryOptionalAttribute(t *testing.T) {
	user := testUser()
	paths := map[string]string{} // and a value
	for _, s := range append([]*Schema{user.Core}, user.Extensions...) {
		for _, a := range s.Attributes {
			prefix := ""
			if s != user.Core {
				prefix = s.ID + ":"
			}
			for path, v := range clearable(a) {
				paths[prefix+path] = v
			}
		}
	}
	if len(paths) < 50 {
		t.Fatalf("only %d paths", len(paths))
	}
	for path, v := range paths {
		for _, nothing := range []string{`""`, `null`} {
			r := stored(``)
			was := string(r.Body())
			quoted := jsonOf(value.NewText(path))
			if changed, err := patched(r, `{"op":"add","path":`+quoted+`,"value":`+v+`}`, Mode{}); !changed || err != nil {
				t.Errorf("%s set to %s: %v, %v", path, v, changed, err)
			}
			if changed, err := patched(r, `{"op":"replace","path":`+quoted+`,"value":`+nothing+`}`, Mode{}); !changed || err != nil || string(r.Body()) != was {
				t.Errorf("%s set to %s: %v, %v\n%s", path, nothing, changed, err, r.Body())
			}
		}
	}
}

// clearable returns the paths of an attribute that may be cleared, as Microsoft's
// kit flattens them, each with a value for it.
func clearable(a *Attribute) map[string]string {
	paths := map[string]string{}
	sample := map[Type]string{Boolean: `true`, Integer: `7`}
	add := func(path string, of *Attribute) {
		if v := sample[of.Type]; v != "" {
			paths[path] = v
		} else {
			paths[path] = `"x"`
		}
	}
	switch {
	case a.Mutability == readOnly || a.Required:
	case a.Type != Complex:
		add(a.Name, a)
	default:
		within := a.Name
		if a.MultiValued {
			within += `[type eq "work"]`
		}
		for _, sub := range a.SubAttributes {
			if sub.Mutability != readOnly && (!a.MultiValued || sub.Name != "type") {
				add(within+"."+sub.Name, sub)
			}
		}
	}
	return paths
}

// A Patch is applied again if a write was lost to another: it must not have
// changed, nor share anything with what it was applied to.
func TestPatchCanBeAppliedAgain(t *testing.T) {
	doc := parse(t, patchOf(`{"op":"add","path":"emails","value":[{"value":"a","primary":true}]},{"op":"add","path":"emails","value":[{"value":"b","primary":true}]}`))
	was := jsonOf(doc)
	p, err := ParsePatch(doc, Mode{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r := stored(``)
		if changed, err := p.Apply(r, testUser(), Mode{}); err != nil || !changed {
			t.Fatal(changed, err)
		}
		if want := string(stored(`"emails":[{"value":"a","primary":false},{"value":"b","primary":true}]`).Body()); string(r.Body()) != want {
			t.Errorf("%s, want\n%s", r.Body(), want)
		}
	}
	if jsonOf(doc) != was {
		t.Errorf("the body of the request became\n%s, was\n%s", jsonOf(doc), was)
	}
	if _, err := p.Apply(StoredResource("User", "U1", 1, []byte(`{`)), testUser(), Mode{}); err == nil {
		t.Error("a damaged body is no error")
	}
}

func TestPatchSaysWhichOperation(t *testing.T) {
	_, err := patched(stored(``), `{"op":"add","path":"title","value":"x"},{"op":"add","path":"active","value":"x"}`, Mode{})
	if err == nil || !strings.Contains(err.Error(), "Operation 2: ") {
		t.Errorf("%v", err)
	}
	_, err = patched(stored(``), `{"op":"add","path":"active","value":"S3CRET"}`, Mode{})
	if err == nil || strings.Contains(err.Error(), "Operation") || strings.Contains(err.Error(), "S3CRET") {
		t.Errorf("%v", err)
	}
}

func TestPatchRequiredCustomAttribute(t *testing.T) {
	user := Define([]CustomAttribute{{Property: "badge", Type: "String", Required: true}, {Property: "desk", Type: "String"}}).Type("User")
	for operation, ok := range map[string]bool{
		`{"op":"replace","path":"%A:badge","value":""}`: false, `{"op":"remove","path":"%A:badge"}`: false, `{"op":"replace","path":"%A:desk","value":"4"}`: true, `{"op":"remove","path":"%A:desk"}`: true,
	} {
		p, err := ParsePatch(parse(t, long(patchOf(operation))), Mode{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = p.Apply(stored(`"%A":{"badge":"7","desk":"3"}`), user, Mode{}); (err == nil) != ok {
			t.Errorf("%s: %v", operation, err)
		}
	}
}

// One body can name many operations and a resource many values: their product
// must not be done.
func TestPatchWorkIsBounded(t *testing.T) {
	var roles strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&roles, `,{"value":"r%d"}`, i)
	}
	list := "[" + roles.String()[1:] + "]"
	r := stored(`"roles":` + list)
	remove := strings.TrimSuffix(strings.Repeat(`{"op":"remove","path":"roles[value eq \"x\"]"},`, 900), ",")
	_, err := patched(r, remove, Mode{})
	wantErrorOf(t, "900 × 20,000", err, TooMany)
	if changed, err := patched(r, `{"op":"add","path":"roles","value":`+list+`},{"op":"remove","path":"roles","value":`+list+`}`, Mode{}); !changed || err != nil {
		t.Errorf("20,000 added and removed at once: %v, %v", changed, err)
	}
}

func FuzzPatch(f *testing.F) {
	for _, seed := range []string{
		`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"x"}`, `{"op":"add","value":{"name.givenName":"K","` + EnterpriseUserURN + `:manager":""}}`,
		`{"op":"Remove","path":"roles","value":[{"value":"A"}]}`, `{"op":"add","path":"roles","value":[{"value":"{\"value\":\"A\"}","primary":"True"}]}`,
		`{"op":"replace","value":{"` + AppspaceUserURN + `":{"floor":"7","x":[1]},"active":[{"value":"False"}]}}`, `{"op":"remove","path":"name"},{"op":"add","path":"x509Certificates","value":"x"}`,
	} {
		f.Add(seed)
	}
	user := testUser()
	f.Fuzz(func(t *testing.T, operations string) {
		doc, err := ParseBody([]byte(patchOf(operations)), value.DefaultLimits)
		if err != nil {
			return
		}
		p, err := ParsePatch(doc, Mode{})
		if err != nil {
			return
		}
		r := stored(`"active":true,"name":{"givenName":"A"},"emails":[` + work + `,` + home + `],"roles":[{"value":"A"}],"%E":{"manager":{"value":"U2","$ref":"x"}},"%A":{"floor":"7","x":1}`)
		was := string(r.Body())
		changed, err := applied(p, r, Mode{})
		if err != nil {
			if e, ok := err.(*Error); !ok || e.Status >= 500 { //nolint:errorlint // it must be one itself
				t.Fatalf("%#v", err)
			}
		}
		if !changed && string(r.Body()) != was {
			t.Fatalf("not changed, but\n%s, was\n%s", r.Body(), was)
		}
		checkWhole(t, user, r)
	})
}

// checkWhole checks that r is what its own PUT would make of it.
func checkWhole(t *testing.T, user *ResourceType, r *Resource) {
	t.Helper()
	doc, err := value.Parse(r.Body(), value.DefaultLimits)
	if err != nil {
		t.Fatalf("%s: %v", r.Body(), err)
	}
	if changed, err := user.Replace(StoredResource("User", "U1", 1, r.Body()), doc, Mode{}); changed || err != nil {
		t.Fatalf("a PUT of what a PATCH left: changed %v, %v\n%s", changed, err, r.Body())
	}
}

func BenchmarkPatch(b *testing.B) {
	text := []byte(long(patchOf(`{"op":"Replace","path":"` + workMail + `","value":"n@x.io"},{"op":"Replace","path":"active","value":"False"},{"op":"Add","path":"%E:department","value":"Retail"},{"op":"replace","value":{"displayName":"B","name.givenName":"K"}}`)))
	r, err := testUser().ReadNew(parse(b, entraUser), "U1", Mode{})
	if err != nil {
		b.Fatal(err)
	}
	body, user := r.Body(), testUser()
	b.ReportAllocs()
	for b.Loop() {
		doc, err := ParseBody(text, value.DefaultLimits)
		if err != nil {
			b.Fatal(err)
		}
		p, err := ParsePatch(doc, Mode{})
		if err != nil {
			b.Fatal(err)
		}
		r := StoredResource("User", "U1", 1, body)
		if changed, err := p.Apply(r, user, Mode{}); err != nil || !changed {
			b.Fatal(changed, err)
		}
		_ = r.Body()
	}
}
