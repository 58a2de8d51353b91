package tenant

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// TallyStep is how finely a Tally is kept.
const TallyStep = 5 * time.Minute

// talliedFor is how long a Tally's steps are kept: more than Entra's cycle of 40
// minutes.
const talliedFor = time.Hour

// Tally is how a tenant's requests were answered lately, by all processes together:
// those whose credential held, for what strangers send is not the tenant's.
type Tally struct {
	Last  time.Time `json:"last"`            // the latest request, to the millisecond
	Steps []Tallied `json:"steps,omitempty"` // in order
}

// Tallied are the requests of one step.
type Tallied struct {
	Step   int64 `json:"step"`   // since 1970
	All    int   `json:"all"`    // requests
	Failed int   `json:"failed"` // of these, answered with a status of 400 or more
}

// Within returns how many requests there were since a time, to the step, and how many
// of them failed.
func (t Tally) Within(since time.Time) (failed, all int) {
	for _, s := range t.Steps {
		if s.Step > stepOf(since) {
			failed, all = failed+s.Failed, all+s.All
		}
	}
	return failed, all
}

// add counts requests of which the last was at a time, and forgets what is old.
func (t *Tally) add(more Tallied, last time.Time) {
	more.Step = stepOf(last)
	t.Steps = slices.DeleteFunc(t.Steps, func(s Tallied) bool { return s.Step < more.Step-int64(talliedFor/TallyStep) })
	at, there := slices.BinarySearchFunc(t.Steps, more.Step, func(s Tallied, step int64) int { return cmp.Compare(s.Step, step) })
	if !there {
		t.Steps = slices.Insert(t.Steps, at, Tallied{Step: more.Step})
	}
	t.Steps[at].All += more.All
	t.Steps[at].Failed += more.Failed
	if last = last.UTC().Truncate(time.Millisecond); last.After(t.Last) {
		t.Last = last
	}
}

func stepOf(t time.Time) int64 { return t.Unix() / int64(TallyStep/time.Second) }

// Tallies keeps the Tally of each tenant. All methods may be called concurrently,
// also by several processes.
type Tallies interface {
	// AddToTally adds requests, of which the last was at a time, to what the tenant
	// has. It is atomic, and durable when it returns. ErrNotFound if there is no such
	// tenant, ErrConflict if too many others added at once; both change nothing. After
	// any other error they are added or not: who tries again may count twice.
	AddToTally(ctx context.Context, id ID, more Tallied, last time.Time) error
	// Tally returns a tenant's tally: nothing for an unknown tenant.
	// Store.DeleteTenant removes it.
	Tally(ctx context.Context, id ID) (Tally, error)
}

// addingToTally is the edit of a tally that adds requests, of which the last was at a
// time.
func addingToTally(more Tallied, last time.Time) documentEdit {
	return func(was []byte) ([]byte, bool, error) {
		t, err := decodeTally(was)
		if err != nil {
			return nil, false, err
		}
		t.add(more, last)
		next, err := json.Marshal(t)
		return next, true, err
	}
}

// decodeTally reads what is stored; nothing is an empty tally.
func decodeTally(doc []byte) (t Tally, err error) {
	if len(doc) == 0 {
		return t, nil
	}
	if err := json.Unmarshal(doc, &t); err != nil {
		return t, fmt.Errorf("decode a stored tally: %w", err)
	}
	return t, nil
}
