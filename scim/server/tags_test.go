package server

import (
	"errors"
	"strings"
	"testing"

	"scimgate/scim"
)

// FuzzReadTags: any header is read or refused as the client's fault, and what is
// read holds no quote.
func FuzzReadTags(f *testing.F) {
	for _, seed := range []string{"", "*", `W/"1"`, `"1", W/"2"`, `,"1",,`, `W/`, `"`, `"1" "2"`, `"1"W/"2"`, "*,*", "\"\x00\"", "\"\xff\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		read, err := readTags("If-Match", []string{text})
		var refused *scim.Error
		if err != nil {
			if !errors.As(err, &refused) || refused.Status != 400 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if !read.any && len(read.opaque) == 0 || strings.Contains(strings.Join(read.opaque, ""), `"`) {
			t.Fatalf("%q: %+v", text, read)
		}
	})
}
