package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

// lister serves a list of so many numbers as the API does, after the last of a page,
// or after its next.
func lister(t *testing.T, count int) *operator {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		after, _ := strconv.Atoi(r.URL.Query().Get("after"))
		limit, _ := strconv.Atoi(r.URL.Query().Get("limit"))
		page := paged[int]{Items: []int{}}
		for i := after + 1; i <= count && len(page.Items) < limit; i++ {
			page.Items = append(page.Items, i)
		}
		if after+limit < count {
			page.Next = strconv.Itoa(after + limit)
		}
		_ = json.NewEncoder(w).Encode(page)
	}))
	t.Cleanup(s.Close)
	return &operator{url: s.URL}
}

// A command shows the whole of a list, however many pages that is.
func TestCommandsReadEveryPage(t *testing.T) {
	for _, count := range []int{0, 1, atOnce - 1, atOnce, atOnce + 1, 2*atOnce + 7} {
		all, err := allOf(t.Context(), lister(t, count), "/list", strconv.Itoa)
		if err != nil || len(all.Items) != count || count > 0 && all.Items[count-1] != count {
			t.Errorf("%d of %d, %v", len(all.Items), count, err)
		}
	}
}

// Or as many as were asked for, and says that there is more.
func TestCommandsSayThatThereIsMore(t *testing.T) {
	for _, test := range []struct{ count, want, got int }{{0, 10, 0}, {10, 10, 10}, {11, 10, 10}, {450, 401, 401}, {450, 1000, 450}} {
		var hints strings.Builder
		page, err := upTo[int](t.Context(), lister(t, test.count), &hints, "/list", url.Values{}, test.want, 200)
		if err != nil || len(page.Items) != test.got {
			t.Errorf("%+v: %d, %v", test, len(page.Items), err)
		}
		if more := strings.Contains(hints.String(), "--after '"+strconv.Itoa(test.want)+"'"); more != (test.count > test.want) {
			t.Errorf("%+v: %q", test, hints.String())
		}
	}
}
