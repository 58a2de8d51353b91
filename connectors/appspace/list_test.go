package appspace

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"scimgate/connectors"
)

// pager is an account of n users that pages in a way of its own.
type pager struct {
	n      int
	cap    int      // most in a page; 0: as asked
	deaf   bool     // startIndex is ignored
	silent bool     // no totalResults
	deep   int      // pages that begin later are empty; 0: none
	bulky  int      // bytes that each user has too many
	asked  []string // queries
}

func (p *pager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked = append(p.asked, r.URL.RawQuery)
	start, _ := strconv.Atoi(r.FormValue("startIndex"))
	count, _ := strconv.Atoi(r.FormValue("count"))
	if p.cap > 0 {
		count = min(count, p.cap)
	}
	if p.deaf {
		start = 1
	}
	var users []string
	for i := start; i < min(start+count, p.n+1) && (p.deep == 0 || start <= p.deep); i++ {
		users = append(users, fmt.Sprintf(`{"id":"r%d","userName":"u%d","active":"False","title":%q}`, i, i, strings.Repeat("x", p.bulky)))
	}
	total := fmt.Sprintf(`"totalResults":%d,`, p.n)
	if p.silent {
		total = ""
	}
	_, _ = fmt.Fprintf(w, `{%s"Resources":[%s]}`, total, strings.Join(users, ","))
}

func TestListIsPatientWithPages(t *testing.T) {
	tests := []struct {
		name  string
		pager pager
		asks  int // at most
		fault connectors.Fault
	}{
		{"nobody", pager{}, 1, ""},
		{"one whole page", pager{n: 100}, 1, ""},
		{"one more", pager{n: 101}, 2, ""},
		{"a server that caps pages", pager{n: 95, cap: 30}, 4, ""},
		{"a server that does not count", pager{n: 250, silent: true}, 4, ""},
		{"pages that are too long", pager{n: 120, bulky: 40_000}, 10, ""},
		{"a server that ignores startIndex", pager{n: 250, deaf: true}, 2, connectors.Protocol},
		{"the same, and it does not count", pager{n: 100, deaf: true, silent: true}, 2, connectors.Protocol},
		{"a server that lists only the first", pager{n: 250, deep: 101}, 3, connectors.Protocol},
		{"users that are too long", pager{n: 2, bulky: 2 << 20}, 8, connectors.Protocol},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := &test.pager
			a, stop := opened(t, p)
			defer stop()
			ids, err := readAll(t, a)
			if err != nil || test.fault != "" {
				judge(t, err, outcome{fault: test.fault})
			} else if len(ids) != p.n || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != p.n {
				t.Errorf("%d users read, %v", len(ids), err)
			}
			if len(p.asked) > test.asks {
				t.Errorf("%d questions: %q", len(p.asked), p.asked)
			}
		})
	}
}

func opened(t *testing.T, h http.Handler) (*account, func()) {
	t.Helper()
	s := httptest.NewServer(h)
	client := connectors.NewClient(connectors.Guard{Loopback: true})
	return &account{base: s.URL, token: "t0ken", client: client}, s.Close
}

func readAll(t *testing.T, a *account) (ids []string, err error) {
	t.Helper()
	for cursor, more := "", true; more; more = cursor != "" {
		page, err := a.List(t.Context(), cursor)
		if err != nil {
			return ids, err
		}
		for _, h := range page.Held {
			ids = append(ids, h.RemoteID)
			if h.Active {
				t.Errorf("%+v", h)
			}
		}
		cursor = page.Next
	}
	return ids, nil
}

func TestListTakesNoOtherAnswer(t *testing.T) {
	for _, body := range []string{`{}`, `{"Resources":{}}`, `{"totalResults":1,"Resources":[{"userName":"x"}]}`, `{"totalResults":1,"Resources":[7]}`, `[]`, `<html>`} {
		a, stop := opened(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
		_, err := a.List(t.Context(), "")
		judge(t, err, outcome{fault: connectors.Protocol})
		stop()
	}
}
