package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"scimgate/scim"
	"scimgate/scim/directory"
)

// BenchmarkBulk creates users over one connection to a store on disk, by requests
// of their own and by bulk requests of 1,000. Each turn is one user.
func BenchmarkBulk(b *testing.B) {
	store, err := directory.OpenSQLite(b.Context(), filepath.Join(b.TempDir(), "bulk.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = store.Close() })
	account := newTenant()
	served := httptest.NewServer(newHandler(store, account))
	b.Cleanup(served.Close)
	base := served.URL + "/t/" + string(account.ID) + "/identity/scim"
	made := 0
	user := func() string {
		made++
		return fmt.Sprintf(benchBody, made, made, made)
	}
	b.Run("single", func(b *testing.B) {
		for b.Loop() {
			sendBench(b, string(account.ID), base+"/Users", user(), http.StatusCreated)
		}
	})
	b.Run("bulk", func(b *testing.B) {
		for i := 0; i < b.N; i += 1000 {
			steps := make([]step, min(1000, b.N-i))
			for n := range steps {
				steps[n] = step{Method: "POST", Path: "/Users", BulkID: fmt.Sprint(n), Data: json.RawMessage(user())}
			}
			asked, err := json.Marshal(map[string]any{"schemas": []string{scim.BulkRequestURN}, "Operations": steps})
			if err != nil {
				b.Fatal(err)
			}
			answer := sendBench(b, string(account.ID), base+"/Bulk", string(asked), http.StatusOK)
			if n := strings.Count(answer, `"status":"201"`); n != len(steps) {
				b.Fatalf("%d of %d were made", n, len(steps))
			}
		}
	})
}

func sendBench(b *testing.B, token, url, body string, status int) string {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/scim+json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		b.Fatalf("%d %s %v", answer.StatusCode, text, err)
	}
	return string(text)
}
