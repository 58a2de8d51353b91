package directory

import (
	"encoding/json"
	"fmt"
	"time"

	"scimgate/tenant"
)

// record is a Delivery as both stores keep it, and the facts of its resource
// that decide what becomes of it. Its methods are the transitions of the
// protocol (reliability-and-security.md 3.4): pure, from a record to the next
// one. A store applies them to exactly what it holds, or not at all.
//
// A change of the resource touches only the work-list entry, not the record:
// Counted tells that what the record counts was about an older version.
type record struct {
	Delivery
	Counted uint64 `json:"counted,omitempty"` // version that Attempts, Crashes and Failure are about
	Again   bool   `json:"again,omitempty"`   // made due anew while an attempt was under way

	version uint64 // `v`
	deleted bool
	newer   []byte // the stored record, if a newer build wrote more into it than this one knows
	event   *event // what the journal tells of the transition that led here
}

// loadRecord reads what a store keeps: the work-list entry ("" for none), the
// record ("" for none), and the resource's version.
func loadRecord(work string, data []byte, version uint64, deleted bool) (record, error) {
	d := record{version: version, deleted: deleted}
	if len(data) > 0 {
		newer, err := tenant.Decode(data, &d)
		if err != nil {
			return d, fmt.Errorf("directory: a damaged delivery record: %w", err)
		}
		d.newer = newer
	}
	if d.Counted < version {
		d.recount()
		d.reconsider()
	}
	_, err := parseWork(work, &d.Delivery)
	return d, err
}

// encode is the inverse of loadRecord.
func (d record) encode() ([]byte, error) {
	data, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return tenant.KeepNewer(d.newer, data, d)
}

// recount forgets what failed so far, and since when.
func (d *record) recount() { d.Attempts, d.Crashes, d.Failure, d.Since = 0, 0, nil, time.Time{} }

// accepted is the delivery state that a change of the resource brings: due now,
// whatever was before; who leaves goes first.
func accepted(leaving bool, now time.Time) Delivery {
	if leaving {
		return Delivery{State: Due, Due: now, Priority: Leaving}
	}
	return Delivery{State: Due, Due: now, Priority: Staying}
}

// claim puts intent in place. With ErrNotDue, the record may still have changed:
// what must stay quiet is due again when it need not, so that nobody asks in vain.
func (d record) claim(intent Intent, nonce string, now time.Time) (record, error) {
	if d.State != Due || d.Due.After(now) {
		return d, ErrNotDue
	}
	if old := d.Intent; old != nil {
		if old.Op == Creating && old.QuietUntil.After(now) {
			d.Due = old.QuietUntil
			return d, ErrNotDue
		}
		if !old.Ended {
			d.Crashes++
		}
		if old.Op != Creating {
			d.Verify = &Verify{Nonce: nonce, After: later(old.QuietUntil, intent.QuietUntil)}
		}
	}
	intent.Version, intent.Ended, intent.Earlier = d.version, false, d.Intent.Names()
	if d.Since.IsZero() {
		d.Since = d.Due // before an attempt or a wait moves it
	}
	d.Intent, d.Counted = &intent, d.version
	if intent.Op == Creating {
		d.Due = intent.QuietUntil
	}
	return d, nil
}

// doubtful reports whether the account may hold what the record does not tell. An
// attempt at what has no account user yet sends nothing before its name is noted.
func (d record) doubtful() bool {
	return d.Intent != nil && (d.RemoteID != "" || len(d.Intent.Names()) > 0)
}

// commit settles the claim that intent names.
func (d record) commit(intent string, o Outcome, now time.Time) (record, error) {
	if d.Intent == nil || d.Intent.ID != intent {
		return d.lived(), ErrSuperseded
	}
	switch {
	case o.Done != nil:
		return d.done(*o.Done, now), nil
	case o.Retry != nil:
		return d.retry(*o.Retry), nil
	case o.Park != nil:
		return d.park(*o.Park, now), nil
	default:
		return d, fmt.Errorf("directory: an outcome must be set")
	}
}

// lived takes back a crash: whoever comes with a late commit has been counted as
// dead by the one who claimed over it, and is not. Two workers that both take a
// resource for theirs would else park it between them.
func (d record) lived() record {
	d.Crashes = max(0, d.Crashes-1)
	return d
}

func (d record) done(o Done, now time.Time) record {
	newer := d.version > d.Intent.Version
	if o.Rest == nil {
		d.Delivered = max(d.Delivered, d.Intent.Version)
	}
	d.RemoteID, d.Sent, d.SentHash, d.RulesRev = o.RemoteID, o.Sent, o.SentHash, o.RulesRev
	d.Away, d.Name, d.Departure = o.Away, o.Name, o.Departure
	d.Intent = nil
	d.adopted(true)
	d.recount()
	if d.Again {
		d.State, d.Due, d.Again = Due, now, false
		return d
	}
	if o.Rest != nil {
		if !newer {
			d.State, d.Due, d.Failure = Due, o.Rest.At, o.Rest.Failure
		}
		return d
	}
	return d.settle()
}

// settle is clean, or due for what remains: a newer version as it is due by
// itself, a verification at its time.
func (d record) settle() record {
	switch {
	case d.Delivered < d.version:
	case d.Verify != nil:
		d.State, d.Due = Due, d.Verify.After
	default:
		d.State, d.Due, d.Priority = Clean, time.Time{}, Staying
	}
	return d
}

func (d record) retry(o Retry) record {
	newer := d.version > d.Intent.Version
	at := o.At
	if o.Unknown {
		ended := *d.Intent
		ended.Ended = true
		if o.Op != "" {
			ended.Op = o.Op
		}
		if o.Absent {
			ended.Earlier = nil
		}
		if ended.Op == Creating {
			at = later(at, ended.QuietUntil)
		}
		d.Intent = &ended
	} else {
		d.Intent = nil
	}
	again := d.Again
	d.Crashes, d.Again = 0, false
	d.remember(o.Departure)
	if newer {
		return d
	}
	if !o.Spare {
		d.Attempts++
	}
	d.State, d.Due, d.Failure = Due, at, &o.Failure
	if o.Departure == Withheld && !again {
		d.State = Held
	}
	return d
}

// park keeps an earlier doubt: what the account refuses to tell of may be there all
// the same, and has to leave when the resource does.
func (d record) park(f Failure, now time.Time) record {
	newer := d.version > d.Intent.Version
	d.adopted(false)
	d.Intent = d.Intent.unresolved(d.RemoteID)
	if d.Again {
		d.State, d.Due, d.Again = Due, now, false
		d.recount()
		return d
	}
	if !newer {
		d.State, d.Due, d.Failure = Parked, f.At, &f
	}
	return d
}

// unresolved is what remains of an intent of which nothing was sent: nothing, or the
// names of attempts before it.
func (i *Intent) unresolved(remoteID string) *Intent {
	if remoteID != "" || len(i.Earlier) == 0 {
		return nil
	}
	before := *i
	before.Ended, before.Op, before.Name = true, Updating, ""
	return &before
}

// verified ends the verification that nonce names.
func (d record) verified(nonce string, ok bool, now time.Time) (record, error) {
	if d.Intent != nil || d.Verify == nil || d.Verify.Nonce != nonce {
		return d, ErrSuperseded
	}
	d.Verify = nil
	if !ok {
		d.Delivered, d.State, d.Due = 0, Due, now
		return d, nil
	}
	if d.State == Parked || d.State == Held {
		return d, nil
	}
	return d.settle(), nil
}

// itemOf is a resource's row in a list of deliveries.
func itemOf(row stored, d record, slot tenant.Slot) Item {
	return Item{
		Ref: Ref{Kind: row.resource.Kind, ID: row.resource.ID}, Slot: slot,
		Version: row.resource.Version, Deleted: row.deleted, Delivery: d.Delivery,
	}
}

// takeOver gives the account user of a tombstone away: one that is delivered, or
// one that was to leave and is Held.
func (d record) takeOver(remoteID string) (record, bool) {
	if !d.deleted || d.State != Clean && !d.stopped() || remoteID == "" || d.RemoteID != remoteID {
		return d, false
	}
	if d.State == Held {
		d = d.leftAlone("")
	}
	d.RemoteID = ""
	return d, true
}

// confirmed reports whether a tombstone owes nothing at this slot.
func (d record) confirmed() bool { return d.deleted && d.State == Clean }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
