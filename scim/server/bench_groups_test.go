package server_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"scimgate/scim/directory"
)

// BenchmarkLargeGroup reads a group of 100,000 members over loopback: when the
// first byte comes, and how much memory the answer adds at most.
//
//	go test ./scim/server -run '^$' -bench LargeGroup -benchtime 3x
func BenchmarkLargeGroup(b *testing.B) {
	store, err := directory.OpenSQLite(b.Context(), ":memory:")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	account := newTenant()
	id := largeGroup(b, store, account.ID, 100_000)
	s := httptest.NewServer(newHandler(store, account))
	defer s.Close()
	url := s.URL + "/t/" + string(account.ID) + "/identity/scim/Groups/" + id
	var first time.Duration
	var added, bytes uint64
	b.ResetTimer()
	for range b.N {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url, nil)
		if err != nil {
			b.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+string(account.ID))
		before, start := heap(), time.Now()
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			b.Fatal(err)
		}
		first += time.Since(start)
		n, most := readWatching(b, res.Body)
		bytes, added = uint64(n), max(added, most-min(most, before))
	}
	b.ReportMetric(float64(first.Milliseconds())/float64(b.N), "first-byte-ms")
	b.ReportMetric(float64(added>>20), "added-MB")
	b.ReportMetric(float64(bytes>>20), "answer-MB")
}

// readWatching reads a body and returns its length and the largest heap meanwhile.
func readWatching(b *testing.B, body io.ReadCloser) (n int64, most uint64) {
	b.Helper()
	defer func() { _ = body.Close() }()
	for {
		k, err := io.CopyN(io.Discard, body, 1<<20)
		n, most = n+k, max(most, heap())
		if errors.Is(err, io.EOF) {
			return n, most
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
