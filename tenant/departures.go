package tenant

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Guard are the thresholds of the mass-change guard. It lets as many users leave
// an account within an hour as the greater of the two says; who comes after them
// waits until an operator has said so.
type Guard struct {
	Least   int  `json:"least,omitempty"`   // users; 0 is 20
	Percent int  `json:"percent,omitempty"` // of the tenant's users; 0 is 10
	Off     bool `json:"off,omitempty"`     // nothing is counted and nothing held
}

// Filled returns g with the defaults in place.
func (g Guard) Filled() Guard {
	if g.Least <= 0 {
		g.Least = 20
	}
	if g.Percent <= 0 {
		g.Percent = 10
	}
	return g
}

// Allows reports whether one more user may leave an account after those that d
// counts by now. users are those that the tenant has, the deleted ones not among
// them; deleted says that the one to leave is one of these.
func (g Guard) Allows(d Departures, users int, deleted bool, now time.Time) bool {
	g = g.Filled()
	left, gone := d.Within(now)
	if deleted {
		gone++
	}
	return g.Off || left < max(g.Least, (users+gone)*g.Percent/100)
}

// window is the hour in which departures are counted; a minute more, because
// they are counted by the minute.
const window = 61

// Departures are the users that left one account by our hand, by the minute.
type Departures struct {
	Minutes []DeparturesOfMinute `json:"minutes,omitempty"` // in order
}

// DeparturesOfMinute counts those of one minute.
type DeparturesOfMinute struct {
	Minute int64 `json:"minute"` // since 1970
	Left   int   `json:"left"`   // all
	Gone   int   `json:"gone"`   // of these, users that the client deleted
}

// Within returns how many left within the last hour, and how many of these the
// client had deleted.
func (d Departures) Within(now time.Time) (left, gone int) {
	for _, m := range d.Minutes {
		if m.Minute > minuteOf(now)-window {
			left, gone = left+m.Left, gone+m.Gone
		}
	}
	return left, gone
}

// Add counts one that leaves now, and forgets those of more than an hour ago.
func (d *Departures) Add(deleted bool, now time.Time) {
	minute := minuteOf(now)
	d.Minutes = slices.DeleteFunc(d.Minutes, func(m DeparturesOfMinute) bool { return m.Minute <= minute-window })
	at, there := slices.BinarySearchFunc(d.Minutes, minute, func(m DeparturesOfMinute, minute int64) int {
		return cmp.Compare(m.Minute, minute)
	})
	if !there {
		d.Minutes = slices.Insert(d.Minutes, at, DeparturesOfMinute{Minute: minute})
	}
	d.Minutes[at].Left++
	if deleted {
		d.Minutes[at].Gone++
	}
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// Counter keeps the Departures of each connection, so that a restart forgets
// none and all processes count together.
type Counter interface {
	// EditDepartures applies edit to what is stored of a tenant's slot, nothing at
	// first, and stores the result if edit says so and nobody else did meanwhile;
	// a lost race is tried again with what is newer. It is atomic, and durable when
	// it returns. ErrConflict after too many races; ErrNotFound if there is no such
	// tenant. Store.DeleteTenant removes them.
	EditDepartures(ctx context.Context, id ID, slot Slot, edit func(*Departures) bool) error
}

// editingDepartures is the edit of stored Departures that edit makes.
func editingDepartures(edit func(*Departures) bool) documentEdit {
	return func(was []byte) (next []byte, save bool, err error) {
		var d Departures
		if len(was) > 0 {
			if err := json.Unmarshal(was, &d); err != nil {
				return nil, false, fmt.Errorf("decode stored departures: %w", err)
			}
		}
		if !edit(&d) {
			return nil, false, nil
		}
		next, err = json.Marshal(d)
		return next, true, err
	}
}
