package server_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"scimgate/scim/directory"
)

// TestConversations plays testdata/*/*.txtar, each on a tenant of its own, over
// every store. The comment of a file says where its requests come from; lines of
// it that begin with "#" prepare the tenant:
//
//	# strict                        no leniency
//	# attribute badge String        a custom attribute
//	# users 12                      u001@example.com to u012@example.com are there
//
// A request is a line METHOD /path, headers, an empty line, a body. A response is
// a status (and scimType), headers that must be there, an empty line, and JSON,
// which must be equal but for the order of members and these marks:
//
//	{{id:ana}}   in a response: keeps what stands there as ana, or must be equal to it
//	             in a request: what was kept
//	{{any}} {{time}}   some text, a date-time in UTC
//	{{base}}     the tenant's base URL
//	{{absent}}   there must be no such member
//	{{more}}     as a member: others may be there
//	{{among}}    as the first element: the others must be somewhere in the array
//	{{repeat 9 "x"}} {{each 9 "k%d,"}} {{hex efbbbf}}   in a request: long and odd bodies
//
// An error must change nothing: the tenant's users are compared before and after.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no conversations found: %v", err)
	}
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			for _, file := range files {
				name := strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".txtar")
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					play(t, store, file)
				})
			}
		})
	}
}

func play(t *testing.T, store directory.Store, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	script := txtar.Parse(text)
	if len(script.Files) == 0 || len(script.Files)%2 != 0 {
		t.Fatalf("%s: requests and responses do not pair up", file)
	}
	p := newPlayer(t, store, string(script.Comment))
	for i := 0; i < len(script.Files); i += 2 {
		ask, answer := script.Files[i], script.Files[i+1]
		if !strings.HasPrefix(ask.Name, "request") || !strings.HasPrefix(answer.Name, "response") {
			t.Fatalf("%s: %q and %q are not a request and a response", file, ask.Name, answer.Name)
		}
		p.step(t, fmt.Sprintf("%s, request %d", file, i/2+1), string(ask.Data), string(answer.Data))
	}
}
