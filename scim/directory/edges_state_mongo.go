package directory

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// A change of a group's edges is one write of one document: the group's own takes
// the change into `pend`, in the write that raises its version. It is settled
// afterwards: each edge becomes a document of its own and the change leaves pend.
// Whoever reads merges what is pending, so that nobody sees the difference, and
// whoever dies between the two has lost nothing.
//
//	resources: epoch      edges of another epoch are none
//	           pend       [{v, epoch, add, remove, reset, slots}], in order
//	           unsettled  the tenant, where pend holds anything
//	edges:     _id        "acme/m/<group>/<member>"
//	           of         "acme/<member>"
//	           epoch, v   of the group, when it was last written
//	           on         whether it is an edge; one that is not keeps a late
//	                      settler from making it one again

// groupState is what a group's document says of its edges.
type groupState struct {
	key     string
	version int64
	epoch   int64
	pend    []pendingChange
}

// pendingChange is one entry of pend.
type pendingChange struct {
	V      int64    `bson:"v"`
	Epoch  int64    `bson:"epoch"`
	Add    []string `bson:"add"`
	Remove []string `bson:"remove"`
	Reset  bool     `bson:"reset,omitempty"` // all that were before it are gone
	Slots  []int32  `bson:"slots,omitempty"` // that the change is owed to
}

func groupOf(raw bson.Raw) *groupState {
	g := &groupState{key: textOf(raw, "_id"), version: numberOf(raw, "v"), epoch: numberOf(raw, "epoch")}
	if pend, ok := raw.Lookup("pend").ArrayOK(); ok {
		values, _ := pend.Values() // an array of ours
		for _, v := range values {
			var p pendingChange
			if v.Unmarshal(&p) == nil && p.Epoch == g.epoch {
				g.pend = append(g.pend, p)
			}
		}
	}
	return g
}

// fate returns what is pending for each id: in or out, and of which version.
func (g *groupState) fate() map[string]fate {
	all := map[string]fate{}
	for _, p := range g.pend {
		for _, id := range p.Add {
			all[id] = fate{true, p.V}
		}
		for _, id := range p.Remove {
			all[id] = fate{false, p.V}
		}
	}
	return all
}

type fate struct {
	in bool
	v  int64
}

// with is the state after a change is pending, too.
func (g *groupState) with(c *change) *groupState {
	next := &groupState{key: c.key, version: c.row.version}
	if g != nil {
		next.epoch, next.pend = g.epoch, slices.Clone(g.pend)
	}
	if c.edges.reset {
		next.epoch, next.pend = next.epoch+1, nil
	}
	moved := pendingChange{V: c.row.version, Epoch: next.epoch, Add: c.edges.add, Remove: c.edges.remove, Reset: c.edges.reset}
	for _, slot := range c.owed {
		moved.Slots = append(moved.Slots, int32(slot))
	}
	next.pend = append(next.pend, moved)
	return next
}

// fields are what a write sets in the group's document.
func (g *groupState) fields() bson.M {
	t, _ := splitKey(g.key)
	return bson.M{"epoch": g.epoch, "pend": g.pend, "unsettled": string(t)}
}

func edgeKey(group, member string) string {
	t, ref := splitKey(group)
	return string(t) + "/m/" + ref.ID + "/" + member
}
