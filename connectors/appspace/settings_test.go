package appspace

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestSettings(t *testing.T) {
	tests := []struct {
		raw    string
		faults []string // words of each fault; none: accepted
	}{
		{`{"baseURL":"https://cloud.appspace.com/identity/scim","token":"abc"}`, nil},
		{`{"baseURL":"https://cloud.appspace.com/identity/scim/","token":"a-._~+/=9"}`, nil},
		{`{"baseURL":"http://127.0.0.1:8090/identity/scim","token":"abc"}`, nil},
		{`{}`, []string{`"baseURL" is missing`, `"token" is missing`}},
		{`{"baseURL":"cloud.appspace.com","token":"Bearer abc"}`, []string{"must be an address", `without "Bearer"`}},
		{`{"baseURL":"ftp://cloud.appspace.com/","token":"abc"}`, []string{"must be an address"}},
		{`{"baseURL":"https:///identity/scim","token":"abc"}`, []string{"must be an address"}},
		{`{"baseURL":"https://a b/","token":"abc"}`, []string{"must be an address"}},
		{`{"baseURL":"https://me:secret@cloud.appspace.com/","token":"abc"}`, []string{"user name"}},
		{`{"baseURL":"https://cloud.appspace.com/identity/scim?aadOptscim062020","token":"abc"}`, []string{"leave out"}},
		{`{"baseURL":"https://cloud.appspace.com/#","token":"abc\n"}`, []string{"no token has"}},
		{`{"baseURL":"https://cloud.appspace.com/#x","token":"ábc"}`, []string{"leave out", "no token has"}},
		{`{"baseUrl":"https://cloud.appspace.com/","tokn":"abc"}`, []string{"one JSON object"}},
		{`{"baseURL":7}`, []string{"one JSON object"}},
		{`[]`, []string{"one JSON object"}},
		{``, []string{"one JSON object"}},
	}
	for _, test := range tests {
		c, err := Kind(json.RawMessage(test.raw), http.DefaultClient)
		if (err == nil) != (len(test.faults) == 0) || (c == nil) != (err != nil) {
			t.Errorf("%s: %v", test.raw, err)
			continue
		}
		for _, words := range test.faults {
			if !strings.Contains(err.Error(), words) {
				t.Errorf("%s: %q is missing in %q", test.raw, words, err)
			}
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "abc")) {
			t.Errorf("%s: the error quotes a secret: %v", test.raw, err)
		}
	}
}
