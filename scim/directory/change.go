package directory

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"scimgate/scim"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// change is one write of a resource, worked out before the store is asked: what
// it was, what it shall be, and which index entries differ.
type change struct {
	key       string
	part      string
	was       uint64 // version that must still be there
	after     *scim.Resource
	row       row
	name      string   // name key, or ""
	add, drop []string // index entries that are new, and those that are no more; sorted
	edges     *edgeChange
	work      string // work-list entry at each owed slot
	leaving   string // the same, where what is owed already goes first (of groups)
	owed      []tenant.Slot
	event     *event // what the journal tells of it; nil: nothing
}

// row is what a store writes of a resource. It is a copy: a writer may still be
// at it when its caller, whose context has ended, is at the resource again.
type row struct {
	version           int64
	created, modified int64 // ms
	body              []byte
}

// creation works out the write of a new resource, and fills in r what the store
// decides.
func creation(t tenant.ID, r *scim.Resource, owed []tenant.Slot, edges roll, now time.Time) (*change, error) {
	r.Version, r.Created, r.LastModified = 1, now, now
	add, err := entries(r)
	if err != nil {
		return nil, err
	}
	c := newChange(t, r, owed, now)
	c.add, c.name = add, nameKey(t, r)
	if m := r.Members; m != nil && len(m.Add) > 0 {
		c.edges, err = &edgeChange{add: m.Add}, noteUnresolved(m, edges)
	}
	c.rank(t, now)
	note := r.Note
	r.Members, r.Note = nil, nil
	if err == nil {
		c.event, err = changed(t, r, note)
	}
	return c, err
}

// edition lets edit change r, which was just read, and works out the write; nil
// if nothing is to be written. edges is what the store has of a group's.
func edition(t tenant.ID, r *scim.Resource, owed []tenant.Slot, edit Edit, edges roll, now time.Time) (*change, error) {
	if _, err := r.Attributes(); err != nil { // decoded once, for before too
		return nil, err
	}
	before := r.Copy()
	moves, err := edit(r)
	if err != nil {
		return nil, err
	}
	r.Kind, r.ID = before.Kind, before.ID
	var moved *edgeChange
	if moves && r.Members != nil {
		if moved, err = effective(r.Members, edges); err != nil {
			return nil, err
		}
	}
	note := r.Note
	r.Members, r.Note = nil, nil
	if !moves || moved == nil && bytes.Equal(before.Body(), r.Body()) {
		*r = *before
		return nil, nil
	}
	r.Version, r.Created = before.Version+1, before.Created
	r.LastModified = later(now, before.LastModified)
	c := newChange(t, r, owed, now)
	c.was, c.name, c.edges = before.Version, nameKey(t, r), moved
	c.rank(t, now)
	if c.add, c.drop, err = entryChanges(before, r); err == nil {
		c.event, err = changed(t, r, note)
	}
	return c, err
}

// removal works out the write of a tombstone over r, if check, which may be nil, allows
// it.
func removal(t tenant.ID, r *scim.Resource, owed []tenant.Slot, check Check, now time.Time) (*change, error) {
	if check != nil {
		if err := check(r); err != nil {
			return nil, err
		}
	}
	drop, err := entries(r)
	if err != nil {
		return nil, err
	}
	after := tombstone(Ref{Kind: r.Kind, ID: r.ID}, r.Version+1)
	after.Created, after.LastModified = r.Created, later(now, r.LastModified)
	c := newChange(t, after, owed, now)
	c.was, c.name, c.drop = r.Version, nameKey(t, r), drop
	c.work = workKey(t, accepted(true, now))
	c.event, err = changed(t, after, r.Note)
	return c, err
}

func newChange(t tenant.ID, r *scim.Resource, owed []tenant.Slot, now time.Time) *change {
	ref := Ref{Kind: r.Kind, ID: r.ID}
	return &change{
		key: resourceKey(t, ref), part: part(t, r.Kind), after: r, owed: slices.Clone(owed),
		row: row{
			version: int64(r.Version), body: r.Body(),
			created: r.Created.UnixMilli(), modified: r.LastModified.UnixMilli(),
		},
		work: workKey(t, accepted(!r.Active(), now)),
	}
}

// rank lets a group that loses members go first, and any other come after the
// users that it may name. Who still has to lose some stays in front.
func (c *change) rank(t tenant.ID, now time.Time) {
	if c.after.Kind != "Group" {
		return
	}
	d := accepted(true, now)
	c.leaving = workKey(t, d)
	if c.edges == nil || !c.edges.reset && len(c.edges.remove) == 0 {
		d.Priority = Grouping
	}
	c.work = workKey(t, d)
}

// workAfter is the entry that takes the place of the one that was there.
func (c *change) workAfter(was string) string {
	if c.leaving != "" && isLeaving(was) {
		return c.leaving
	}
	return c.work
}

// tombstone is what remains of a deleted resource.
func tombstone(ref Ref, version uint64) *scim.Resource {
	id := value.Member{Name: "id", Value: value.NewText(ref.ID)}
	r := scim.NewResource(ref.Kind, ref.ID, value.NewObject(id))
	r.Version = version
	return r
}

// without returns the strings of a that are not in b; both are sorted.
func without(a, b []string) []string {
	var rest []string
	for _, s := range a {
		for len(b) > 0 && b[0] < s {
			b = b[1:]
		}
		if len(b) == 0 || b[0] != s {
			rest = append(rest, s)
		}
	}
	return rest
}

// clock is the time as a store keeps it, to the millisecond.
func clock(now func() time.Time) time.Time { return now().UTC().Truncate(time.Millisecond) }

// untilWon calls try again, after a pause, for as long as that loses a race.
func untilWon(ctx context.Context, try func() error) error {
	for lost := 0; ; lost++ {
		err := try()
		if !errors.Is(err, errLost) {
			return err
		}
		if err := pause(ctx, lost); err != nil {
			return err
		}
	}
}

// pause waits a moment after the nth lost race, so that the racers come apart;
// ErrContended if ctx ends meanwhile.
func pause(ctx context.Context, n int) error {
	longest := time.Millisecond << min(n, 6)
	timer := time.NewTimer(rand.N(longest))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ErrContended
	case <-timer.C:
		return nil
	}
}

func errNameTaken() error {
	return scim.Errorf(scim.Uniqueness, "Another resource of this type has the same name (userName or displayName).")
}

func errIDUsed() error {
	return scim.Errorf(scim.Uniqueness, "This id has been used before.")
}

// errLost means that a resource was not as it was read.
var errLost = errors.New("directory: changed meanwhile")
