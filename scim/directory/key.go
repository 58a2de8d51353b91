package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"scimgate/scim"
	"scimgate/tenant"
)

// part is what one tenant has of one kind, "acme/User". Neither a tenant's slug
// nor a kind's name holds a slash, so no part is the beginning of another one's
// keys.
func part(t tenant.ID, kind string) string { return string(t) + "/" + kind }

// resourceKey is the key of a resource in both stores, "acme/User/<id>": it
// holds the tenant, so that no look-up without one can be written.
func resourceKey(t tenant.ID, ref Ref) string {
	return string(t) + "/" + ref.Kind + "/" + ref.ID
}

// keysOfKind is the half-open range of the keys of one kind.
func keysOfKind(t tenant.ID, kind string) (low, high string) {
	p := part(t, kind)
	return p + "/", p + "0" // "0" follows "/"
}

// splitKey is the inverse of resourceKey.
func splitKey(key string) (tenant.ID, Ref) {
	t, rest, _ := strings.Cut(key, "/")
	kind, id, _ := strings.Cut(rest, "/")
	return tenant.ID(t), Ref{Kind: kind, ID: id}
}

// nameKey is what must be unique among the living, "acme/User/<folded name>",
// or "" for a resource without a name.
func nameKey(t tenant.ID, r *scim.Resource) string {
	name := scim.NameKey(r)
	if name == "" {
		return ""
	}
	return part(t, r.Kind) + "/" + name
}

// leaverKey is what a tombstone keeps of its name: enough to find it by, and
// nothing to read.
func leaverKey(name string) string {
	if name == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:16])
}

// The work list is one string per resource and slot, absent when clean, so that
// one index over it answers every question about what is due: of one state, one
// tenant, one priority, in order of time. Its parts are separated by a blank,
// which sorts before every character of a slug.
//
//	d acme 0 0001791930268123456789
const (
	dueMark    = "d"
	parkedMark = "p"
	heldMark   = "h"
)

// workKey is the work-list entry of a delivery; "" if it is clean.
func workKey(t tenant.ID, d Delivery) string {
	mark, ok := marks[d.State]
	if !ok {
		return ""
	}
	return workTime(mark, t, d.Priority, d.Due)
}

func workTime(mark string, t tenant.ID, p Priority, at time.Time) string {
	key := make([]byte, 0, len(t)+26)
	key = append(append(append(key, mark...), ' '), t...)
	key = append(key, ' ', '0'+byte(p), ' ')
	digits := strconv.FormatInt(unixNano(at), 10)
	key = append(key, "00000000000000000000"[len(digits):]...)
	return string(append(key, digits...))
}

// unixNano bounds what cannot be told in nanoseconds, the zero time included.
func unixNano(t time.Time) int64 {
	switch {
	case t.Unix() <= 0:
		return 0
	case t.Year() >= 2262:
		return math.MaxInt64
	default:
		return t.UnixNano()
	}
}

// workRange is the half-open range of a tenant's entries in one state.
func workRange(mark string, t tenant.ID) (low, high string) {
	return mark + " " + string(t) + " ", mark + " " + string(t) + "!"
}

// dueRange is the half-open range of what is due by now, of one priority.
func dueRange(t tenant.ID, p Priority, now time.Time) (low, high string) {
	return workTime(dueMark, t, p, time.Time{}), workTime(dueMark, t, p, now) + " "
}

// isLeaving reports whether a work-list entry is of what leaves.
func isLeaving(work string) bool {
	var d Delivery
	_, err := parseWork(work, &d)
	return err == nil && d.State == Due && d.Priority == Leaving
}

// parseWork reads a work-list entry into d's State, Priority and Due.
func parseWork(work string, d *Delivery) (tenant.ID, error) {
	if work == "" {
		d.State, d.Priority, d.Due = Clean, Staying, time.Time{}
		return "", nil
	}
	parts := strings.Split(work, " ")
	if len(parts) != 4 || len(parts[2]) != 1 {
		return "", fmt.Errorf("directory: a damaged work-list entry")
	}
	nanos, err := strconv.ParseInt(parts[3], 10, 64)
	if err != nil {
		return "", fmt.Errorf("directory: a damaged work-list entry")
	}
	d.State = stateOf(parts[0])
	d.Priority, d.Due = Priority(parts[2][0]-'0'), time.Unix(0, nanos).UTC()
	return tenant.ID(parts[1]), nil
}

// marks are how a state begins in the work list.
var marks = map[State]string{Due: dueMark, Parked: parkedMark, Held: heldMark}

// stateOf is the inverse of marks.
func stateOf(mark string) State {
	for state, m := range marks {
		if m == mark {
			return state
		}
	}
	return Due
}
