package server_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"scimgate/scim/directory"
)

// FuzzBulk: whatever a bulk request or a search says, nothing is a fault of ours.
func FuzzBulk(f *testing.F) {
	for _, seed := range []string{
		`{"Operations":[{"method":"POST","path":"/Users","bulkId":"a","data":{"userName":"a"}},{"method":"PATCH","path":"/Users/bulkId:a","data":{"Operations":[{"op":"add","path":"title","value":"bulkId:a"}]}}]}`,
		`{"Operations":[{"method":"PUT","path":"/Groups/bulkId:a","data":{"displayName":"bulkId:a"}},{"method":"POST","path":"/Groups","bulkId":"a","data":{"displayName":"a","members":[{"value":"bulkId:a"}]}}]}`,
		`{"Operations":[{"method":"DELETE","path":"/Me"},{"method":"DELETE","path":"/{endpoint}/{id}","version":"*"}],"failOnErrors":1}`,
		`{"filter":"userName eq \"a\" or displayName pr","count":1,"attributes":["id"],"sortBy":"userName","cursor":""}`,
	} {
		f.Add(seed)
	}
	store, err := directory.OpenSQLite(f.Context(), ":memory:")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = store.Close() })
	ours := regexp.MustCompile(`"status":"5\d\d"`)
	f.Fuzz(func(t *testing.T, body string) {
		account := newTenant()
		p := &player{handler: newHandler(store, account), tenant: account}
		for _, path := range []string{"/Bulk", "/.search", "/Users/.search"} {
			answer := p.post(t, path, body)
			if answer.Code >= http.StatusInternalServerError || ours.MatchString(answer.Body.String()) {
				t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
			}
		}
	})
}

// post sends a body as it is.
func (p *player) post(t *testing.T, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/t/"+string(p.tenant.ID)+"/identity/scim"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+string(p.tenant.ID))
	r.Header.Set("Content-Type", "application/scim+json")
	answer := httptest.NewRecorder()
	p.handler.ServeHTTP(answer, r)
	return answer
}
