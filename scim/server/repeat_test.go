package server_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// A client whose answers are cut, and who therefore sends its creation again and
// again while the first may still be under way, has made one user in the end, and
// finds it by its filter, as Entra does.
func TestRepeatedCreationMakesOneUser(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			account := newTenant()
			p := &player{handler: newHandler(store, account), tenant: account, kept: map[string]string{}}
			const users, times = 20, 8
			for i := range users {
				body := fmt.Sprintf(`{"userName": "u%d@example.com"}`, i)
				made := 0
				for _, status := range p.atOnce(t, body, times) {
					if status == http.StatusCreated {
						made++
					}
				}
				again := p.send(t, "POST /Users\n\n"+body)
				if made > 1 || again.Code != http.StatusConflict {
					t.Errorf("user %d: created %d times, and the next is answered %d", i, made, again.Code)
				}
				found := p.send(t, fmt.Sprintf("GET /Users?filter=userName eq \"u%d@example.com\"\n", i))
				if !strings.Contains(found.Body.String(), `"totalResults":1,`) {
					t.Errorf("user %d: %s", i, found.Body)
				}
			}
		})
	}
}

// atOnce sends a creation several times at the same time, some of them by
// clients that go away at once, and returns the answers.
func (p *player) atOnce(t *testing.T, body string, times int) []int {
	t.Helper()
	statuses := make([]int, times)
	var clients sync.WaitGroup
	for i := range times {
		ctx, cancel := context.WithCancel(t.Context())
		if i%4 == 1 {
			ctx, cancel = context.WithTimeout(t.Context(), time.Duration(i)*50*time.Microsecond)
		}
		clients.Go(func() {
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, "POST", "/t/"+string(p.tenant.ID)+"/identity/scim/Users", strings.NewReader(body))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Authorization", "Bearer "+string(p.tenant.ID))
			r.Header.Set("Content-Type", "application/scim+json")
			answer := httptest.NewRecorder()
			p.handler.ServeHTTP(answer, r)
			statuses[i] = answer.Code
		})
	}
	clients.Wait()
	return statuses
}
