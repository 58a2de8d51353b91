package delivery

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"

	"scimgate/connectors"
	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/value"
)

// ledger is what an audit remembers of our users, or groups: no value of any, and
// enough to know them again.
type ledger struct {
	seed       maphash.Seed
	entries    []entry
	byRemote   map[string]int32
	byName     map[uint64]int32
	byExternal map[uint64]int32
}

// entry is one of ours, or one that has left and may still be there.
type entry struct {
	id, remote string
	version    uint64
	sent       uint64 // of Delivery.SentHash
	state      directory.State
	deleted    bool
	owed       bool // not to be compared
	fresh      bool // owed, and never delivered: nothing of it is under way
	seen       bool // in the account
	compared   bool // with what the account holds
	rival      bool // another of the account's stands in its place
}

func newLedger() ledger {
	return ledger{
		seed: maphash.MakeSeed(), byRemote: map[string]int32{},
		byName: map[uint64]int32{}, byExternal: map[uint64]int32{},
	}
}

func (l *ledger) hash(text string) uint64 { return maphash.String(l.seed, text) }

// add takes in an entry under what the account may know it by.
func (l *ledger) add(e entry, name, external string) {
	at := int32(len(l.entries))
	l.entries = append(l.entries, e)
	if e.remote != "" {
		l.byRemote[e.remote] = at
	}
	if name != "" {
		l.byName[l.hash(value.Fold(name))] = at
	}
	if external != "" {
		l.byExternal[l.hash(external)] = at
	}
}

// surveyPage is how many resources, or members, are read from the store at a time.
const surveyPage = 256

// survey calls f with every resource of the tenant that is of the audit's kind.
func (a *audit) survey(ctx context.Context, f func(directory.Surveyed) error) error {
	for after := ""; ; {
		page, err := a.work.Survey(ctx, a.tenant.ID, a.slot, a.kind, after, surveyPage)
		if err != nil {
			return err
		}
		for _, s := range page {
			if err := f(s); err != nil {
				return err
			}
			after = s.Ref.ID
		}
		if len(page) < surveyPage {
			return nil
		}
	}
}

// readStore fills the ledger.
func (a *audit) readStore(ctx context.Context) error {
	return a.survey(ctx, func(s directory.Surveyed) error {
		if n := len(a.ours.entries); n%surveyPage == 0 {
			a.tell("store", n, 0)
		}
		a.enter(s)
		return nil
	})
}

func (a *audit) enter(s directory.Surveyed) {
	d := s.Delivery
	e := entry{
		id: s.Ref.ID, remote: d.RemoteID, version: s.Version, sent: a.ours.hash(d.SentHash),
		state: d.State, deleted: s.Deleted, owed: d.State == directory.Due,
		fresh: d.State == directory.Due && d.Delivered == 0 && d.RemoteID == "" && d.Intent == nil,
	}
	if d.Adopting { // nothing there is ours yet
		e.remote = ""
	}
	if s.Deleted {
		name := ""
		if names := d.Intent.Names(); len(names) > 0 {
			name = names[len(names)-1]
		}
		if e.remote != "" || name != "" {
			a.ours.add(e, name, "")
		}
		return
	}
	// Without a projection there is nothing to know it by but its remote id.
	projection, _ := a.project(s.Resource)
	external, _ := projection.Get("externalId")
	a.ours.add(e, nameIn(a.kind, projection), external.Text())
}

func (a *audit) project(r *scim.Resource) (*value.Object, error) {
	attributes, err := r.Attributes()
	if err != nil {
		return nil, err
	}
	if a.kind == groupKind {
		return a.rules.ProjectGroup(attributes, false)
	}
	return a.rules.Project(attributes, false)
}

// compare tells what of an entry the account does not hold, and marks the entry
// owed if nobody can tell: it is not now what it was when the audit began.
func (a *audit) compare(ctx context.Context, e *entry, held *connectors.Holding) error {
	o, ok, err := a.expected(ctx, e)
	if err != nil {
		return err
	}
	if !ok {
		e.owed = true
		return nil
	}
	e.compared = true
	if paths := a.account.Differs(o, held.Attributes); len(paths) > 0 {
		a.find(Finding{Kind: Different, ID: e.id, RemoteID: e.remote, Paths: paths})
	} else if !e.deleted {
		a.same++
	}
	return nil
}

// expected is what the account should hold of an entry, if it is still as it was.
func (a *audit) expected(ctx context.Context, e *entry) (o connectors.Object, ok bool, err error) {
	o = connectors.Object{Kind: a.kind, ID: e.id, RemoteID: e.remote}
	item, err := a.work.Delivery(ctx, a.tenant.ID, a.slot, a.ref(e.id))
	if err != nil || !a.unchanged(e, item) {
		return o, false, gone(err)
	}
	if e.deleted {
		return o, true, nil
	}
	r, err := a.work.Get(ctx, a.tenant.ID, a.ref(e.id))
	if err != nil || r.Version != e.version {
		return o, false, gone(err)
	}
	projection, err := a.project(r)
	if err != nil || hashOf(projection) != item.Delivery.SentHash {
		return o, false, nil //nolint:nilerr // by now the rules make something else of it, or nothing: that is owed
	}
	o.Attributes = projection
	o.Sent = slices.DeleteFunc(slices.Clone(item.Delivery.Sent), a.rules.Leaves)
	return o, true, nil
}

func (a *audit) unchanged(e *entry, item *directory.Item) bool {
	d := item.Delivery
	return d.State == directory.Clean && item.Version == e.version && item.Deleted == e.deleted &&
		d.RemoteID == e.remote && a.ours.hash(d.SentHash) == e.sent
}

// gone forgives what was removed meanwhile.
func gone(err error) error {
	if errors.Is(err, directory.ErrNotFound) {
		return nil
	}
	return err
}
