package scim

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"scimgate/scim/value"
)

func parseBulk(t *testing.T, text string) value.Value {
	t.Helper()
	v, err := value.Parse([]byte(text), value.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestReadBulk(t *testing.T) {
	b, err := ReadBulk(parseBulk(t, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"failonerrors":3,"operations":[
		{"METHOD":"POST","path":"/Users","bulkID":"a","data":{"userName":"x"},"unknown":1},
		{"method":"DELETE","path":"/Users/1","version":"W/\"1\"","bulkId":null},
		{"method":1,"path":"/Users/1"}, 7]}`), Mode{Strict: true})
	if err != nil || b.FailOnErrors != 3 || len(b.Operations) != 4 {
		t.Fatalf("%+v, %v", b, err)
	}
	post, remove := b.Operations[0], b.Operations[1]
	if post.Method != "POST" || post.Path != "/Users" || post.BulkID != "a" || post.Data.Object() == nil || post.Fault != nil {
		t.Errorf("%+v", post)
	}
	if remove.Version != `W/"1"` || remove.BulkID != "" || remove.Fault != nil {
		t.Errorf("%+v", remove)
	}
	if b.Operations[2].Fault == nil || b.Operations[2].Path != "/Users/1" || b.Operations[3].Fault == nil {
		t.Errorf("%+v", b.Operations[2:])
	}
}

// Every text that is a reference is resolved, and nothing else.
func TestResolve(t *testing.T) {
	op := BulkOperation{Data: parseBulk(t, `{"value":"bulkId:a","members":["bulkId:b",{"value":"bulkId:a"},7,null],"bulkId:a":"x","not":"a bulkId:a","n":"bulkid:a"}`)}
	err := op.Resolve(func(bulkID string) (string, error) { return "<" + bulkID + ">", nil })
	const want = `{"value":"<a>","members":["<b>",{"value":"<a>"},7,null],"bulkId:a":"x","not":"a bulkId:a","n":"bulkid:a"}`
	if got := string(value.Append(nil, op.Data)); err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
	stop := errors.New("stop")
	calls := 0
	op.Data = parseBulk(t, `["bulkId:a",["bulkId:b"],{"x":"bulkId:c"}]`)
	if err := op.Resolve(func(string) (string, error) { calls++; return "", stop }); !errors.Is(err, stop) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestRenames(t *testing.T) {
	user, group := Define(nil).Type("User"), Define(nil).Type("Group")
	for text, want := range map[string][2]bool{
		`{"Operations":[{"op":"replace","path":"USERNAME","value":"x"}]}`:                                          {true, false},
		`{"Operations":[{"op":"replace","value":{"username":"x"}}]}`:                                               {true, false},
		`{"Operations":[{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:userName","value":1}]}`: {true, false},
		`{"Operations":[{"op":"replace","path":"displayName","value":"x"}]}`:                                       {false, true},
		`{"Operations":[{"op":"add","path":"members","value":[{"value":"x"}]}]}`:                                   {false, false},
	} {
		if a, b := user.Renames(parseBulk(t, text)), group.Renames(parseBulk(t, text)); a != want[0] || b != want[1] {
			t.Errorf("%s: user %v, group %v", text, a, b)
		}
	}
}

// FuzzReadBulk: any document is read or refused as the client's fault, and what is
// read can be resolved and answered.
func FuzzReadBulk(f *testing.F) {
	for _, seed := range []string{
		`{"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":{"userName":"bulkId:a"}}]}`,
		`{"failOnErrors":0,"Operations":[1,null,{},[],{"method":{}},{"data":[["bulkId:"]]}]}`, `[]`, `{"Operations":{}}`, `{"failOnErrors":9e9}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		doc, err := value.Parse(text, value.DefaultLimits)
		if err != nil {
			return
		}
		b, err := ReadBulk(doc, Mode{})
		var refused *Error
		if err != nil {
			if !errors.As(err, &refused) || refused.Status != 400 && refused.Status != 413 {
				t.Fatal(err)
			}
			return
		}
		results := make([]BulkResult, len(b.Operations))
		for i := range b.Operations {
			op := &b.Operations[i]
			_ = op.Resolve(func(string) (string, error) { return "id", nil })
			if strings.Contains(string(value.Append(nil, op.Data)), `:"bulkId:`) {
				t.Fatalf("a reference is left: %s", value.Append(nil, op.Data))
			}
			results[i] = BulkResult{Method: op.Method, BulkID: op.BulkID, Location: op.Path, Status: 400, Error: Errorf(InvalidValue, "x")}
		}
		if !json.Valid(AppendBulk(nil, results)) {
			t.Fatalf("%s", AppendBulk(nil, results))
		}
	})
}
