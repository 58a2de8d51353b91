package delivery

import (
	"fmt"
	"runtime"
	"testing"

	"scimgate/connectors"
	"scimgate/scim/directory"
	"scimgate/scim/value"
)

// What an audit remembers is bounded by the number of users, and little of each:
// this is what Audit promises.
func TestAuditMemory(t *testing.T) {
	const users = 100_000
	const promised = 400 // bytes
	before := heap()
	a := &audit{ours: newLedger(), known: map[string]bool{}}
	for i := range users {
		id := fmt.Sprintf("0193c2d4-7e1f-7abc-9def-%012d", i)
		a.ours.add(entry{id: id, remote: "1" + id, state: directory.Clean}, fmt.Sprintf("user%d@example.com", i), "external-"+id)
	}
	ours := (heap() - before) / users
	for i := range users {
		id := fmt.Sprintf("2193c2d4-7e1f-7abc-9def-%012d", i)
		h := connectors.Holding{RemoteID: id, UserName: fmt.Sprintf("stranger%d@example.com", i), Attributes: value.NewObject()}
		if err := a.meet(t.Context(), &h); err != nil {
			t.Fatal(err)
		}
	}
	theirs := (heap()-before)/users - ours
	t.Logf("%d bytes for each of ours, %d for each stranger", ours, theirs)
	if ours > promised || theirs > promised {
		t.Error("that is more than was promised")
	}
	runtime.KeepAlive(a)
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
