package server

import (
	"errors"
	"strings"
	"testing"

	"scimgate/scim"
)

func TestReadCount(t *testing.T) {
	for text, want := range map[string]int{
		"5": 5, "007": 7, "0": 1, "-1": 1, "-0": 1, "200": 200, "201": 200,
		"99999999999999999999": 200, "-99999999999999999999": 1,
		"": -1, "-": -1, "+5": -1, "1e9": -1, "0x10": -1, "--5": -1, "5 ": -1, "٣": -1, "1_000": -1,
	} {
		got, err := readCount("count", text, 1, 200)
		if (err != nil) != (want == -1) || err == nil && got != want {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}

// FuzzReadQuery: any query is read or refused as the client's fault, and what is
// read lies within the bounds.
func FuzzReadQuery(f *testing.F) {
	for _, seed := range []string{
		"", "aadOptscim062020", "filter=userName+eq+%22a%22&startIndex=1&count=5", "filter=a&filter=b",
		"attributes=a,b&attributes=c&excludedAttributes=", "count=%zz", "&&=&=x&count", "startIndex=9223372036854775808",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := readQuery(raw)
		var refused *scim.Error
		if err != nil {
			if !errors.As(err, &refused) || refused.Status != 400 {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		if q.startIndex < 1 || q.count < 0 || q.count > scim.MaxResults {
			t.Fatalf("%q: %+v", raw, q)
		}
		if q.filtered != (strings.HasPrefix(raw, "filter=") || strings.Contains(raw, "&filter=") || raw == "filter" ||
			strings.HasPrefix(raw, "filter&") || strings.HasSuffix(raw, "&filter") || strings.Contains(raw, "&filter&")) {
			t.Fatalf("%q: filtered is %v", raw, q.filtered)
		}
	})
}
