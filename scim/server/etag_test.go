package server_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
)

// tries is what several clients that have read the same version send at once.
var tries = map[string]func(version, i int) string{
	"PATCH": func(version, i int) string {
		return fmt.Sprintf("PATCH /Users/{{id:a}}\nIf-Match: W/\"%d\"\n\n"+`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"%[1]d of %d"}]}`, version, i)
	},
	"PUT": func(version, i int) string {
		return fmt.Sprintf("PUT /Users/{{id:a}}\nIf-Match: W/\"%d\"\n\n"+`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"race@x.example","title":"%[1]d of %d"}`, version, i)
	},
	"members": func(version, i int) string {
		return fmt.Sprintf("PATCH /Groups/{{id:g}}\nIf-Match: W/\"%d\"\n\n"+`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"%[1]d-%d"}]}]}`, version, i)
	},
	"DELETE": func(version, _ int) string {
		return fmt.Sprintf("DELETE /Users/{{id:a}}\nIf-Match: W/\"%d\"\n", version)
	},
}

// Of several changes of one version exactly one wins, and the others are told so:
// a condition that was true when it was read is judged again in the write.
func TestIfMatchRace(t *testing.T) {
	for name, store := range stores(t) {
		for method, try := range tries {
			t.Run(name+"/"+method, func(t *testing.T) {
				account := newTenant()
				p := &player{handler: newHandler(store, account), tenant: account, kept: map[string]string{}}
				p.step(t, "create", "POST /Users\n\n"+`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"race@x.example"}`, "201\n\n"+`{"{{more}}":1,"id":"{{id:a}}"}`)
				p.step(t, "create", "POST /Groups\n\n"+`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Race"}`, "201\n\n"+`{"{{more}}":1,"id":"{{id:g}}"}`)
				for round := 1; round <= 20; round++ {
					won := race(t, p, round, try)
					if won != 1 {
						t.Fatalf("round %d: %d won", round, won)
					}
					if method == "DELETE" {
						return
					}
				}
			})
		}
	}
}

// race sends eight changes of one version at once and counts those that succeed.
func race(t *testing.T, p *player, version int, try func(version, i int) string) (won int32) {
	t.Helper()
	var racers sync.WaitGroup
	start := make(chan struct{})
	for i := range 8 {
		ask := try(version, i)
		racers.Go(func() {
			<-start
			switch got := p.send(t, ask); got.Code {
			case http.StatusOK, http.StatusNoContent:
				atomic.AddInt32(&won, 1)
			case http.StatusPreconditionFailed, http.StatusNotFound:
			default:
				t.Errorf("%d %s", got.Code, got.Body)
			}
		})
	}
	close(start)
	racers.Wait()
	return won
}
