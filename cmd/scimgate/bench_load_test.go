package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// request is one request of a load, made anew for each number.
type request struct {
	method, url, body string
}

// load is what a run of requests took, as its clients saw it.
type load struct {
	requests  int
	took      time.Duration
	latencies []time.Duration // sorted
	failed    int
}

// drive sends n requests over so many connections, each as fast as it is
// answered. make gives the i-th request; want is the status that each must get.
func drive(tb testing.TB, connections, n, want int, token string, build func(i int) request) load {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections, DisableCompression: true}
	defer transport.CloseIdleConnections()
	c := &http.Client{Transport: transport, Timeout: time.Minute}
	latencies := make([]time.Duration, n)
	var next, failed atomic.Int64
	var workers sync.WaitGroup
	begin := time.Now()
	for range connections {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				sent := time.Now()
				if status := one(c, token, build(i)); status != want {
					failed.Add(1)
					tb.Logf("request %d of %d was answered %d, not %d", i, n, status, want)
				}
				latencies[i] = time.Since(sent)
			}
		})
	}
	workers.Wait()
	took := time.Since(begin)
	slices.Sort(latencies)
	return load{requests: n, took: took, latencies: latencies, failed: int(failed.Load())}
}

func one(c *http.Client, token string, r request) int {
	req, err := http.NewRequest(r.method, r.url, bytes.NewReader([]byte(r.body)))
	if err != nil {
		return 0
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if r.body != "" {
		req.Header.Set("Content-Type", "application/scim+json; charset=utf-8")
	}
	res, err := c.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

func (l load) percentile(p float64) time.Duration {
	return l.latencies[min(len(l.latencies)-1, int(p*float64(len(l.latencies))))]
}

// entraUser is a user as Entra sends it, about 1 KB.
func entraUser(i int) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],`+
		`"externalId":"4d6f0d2c-0000-4000-8000-%012d","userName":"bench%06d@example.com","active":true,"displayName":"Bench User %d",`+
		`"emails":[{"primary":true,"type":"work","value":"bench%06d@example.com"}],"meta":{"resourceType":"User"},`+
		`"name":{"formatted":"Bench User %d","familyName":"User %d","givenName":"Bench"},"title":"Engineer","preferredLanguage":"en-GB",`+
		`"phoneNumbers":[{"type":"work","value":"+44 20 7946 %04d"},{"type":"mobile","value":"+44 7700 9%05d"}],`+
		`"addresses":[{"type":"work","streetAddress":"1 Long Lane","locality":"London","region":"LDN","postalCode":"EC1A 9HF","country":"GB"}],`+
		`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"%06d","department":"Field Operations"}}`,
		i, i, i, i, i, i, i%10000, i%100000, i)
}
