package delivery

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"scimgate/connectors"
	"scimgate/scim/value"
	"scimgate/tenant"
)

// fakeAccount is an account that can be told to fail in every way. What it holds
// is a real state, so that a test compares account and store, not calls.
type fakeAccount struct {
	mu    sync.Mutex
	users map[string]*accountUser // by remote id; groups are among them
	born  int
	calls []call
	busy  map[string]bool // by our id: pushes under way
	peak  int             // most at a time
	twice bool            // two at a time of one resource
	early int             // members that were added before the account had them

	// script, if set, is asked before each call takes effect; it may block. A
	// nil answer is a call that works.
	script func(ctx context.Context, c call) *answer
	// deaf is an account that cannot be asked, as a webhook's receiver.
	deaf bool
	// check is what Check answers.
	check error
}

type accountUser struct {
	owner      string // our id
	protected  bool   // an administrator
	name       string
	attributes *value.Object
	members    map[string]bool // of a group, by remote id
}

// call is one that reached the account.
type call struct {
	method string // put, suspend, delete, matches, change
	connectors.Object
	change connectors.Members
}

// answer is one that went wrong.
type answer struct {
	fault connectors.Error
	// land says what becomes of the change all the same: nil drops it, else it is
	// called with what applies it.
	land func(apply func())
}

func fails(f connectors.Fault, status int) *answer {
	return &answer{fault: connectors.Error{Fault: f, Status: status, Reason: "told to fail"}}
}

// lost is a time-out; the change does not land, or as land says.
func lost(land func(apply func())) *answer {
	return &answer{fault: connectors.Error{Fault: connectors.Transient, Unknown: true, Reason: "timed out"}, land: land}
}

// hold lets a call wait, as long as its client does.
func hold(ctx context.Context, release <-chan struct{}) *answer {
	select {
	case <-release:
		return nil
	case <-ctx.Done():
		return lost(nil)
	}
}

func newFakeAccount() *fakeAccount {
	return &fakeAccount{users: make(map[string]*accountUser), busy: make(map[string]bool)}
}

func foldedName(attributes *value.Object) string {
	v, ok := attributes.Get("userName")
	if !ok {
		v, _ = attributes.Get("displayName")
	}
	return strings.ToLower(v.Text())
}

// serve makes one call: the script's answer, or what apply returns.
func (f *fakeAccount) serve(ctx context.Context, c call, apply func() error) error {
	f.mu.Lock()
	f.calls = append(f.calls, c)
	f.twice = f.twice || f.busy[c.ID]
	f.busy[c.ID] = true
	f.peak = max(f.peak, len(f.busy))
	script := f.script
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.busy, c.ID)
		f.mu.Unlock()
	}()
	if script != nil {
		if a := script(ctx, c); a != nil {
			if a.land != nil {
				a.land(func() {
					f.mu.Lock()
					defer f.mu.Unlock()
					_ = apply()
				})
			}
			fault := a.fault
			return &fault
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return apply()
}

func (f *fakeAccount) Put(ctx context.Context, o connectors.Object) (connectors.Receipt, error) {
	var got atomic.Pointer[connectors.Receipt] // which may come when nobody waits for it any more
	err := f.serve(ctx, call{method: "put", Object: o}, func() error {
		receipt, err := f.put(o)
		got.Store(&receipt)
		return err
	})
	if receipt := got.Load(); receipt != nil {
		return *receipt, err
	}
	return connectors.Receipt{}, err
}

func (f *fakeAccount) put(o connectors.Object) (connectors.Receipt, error) {
	if o.Adopting {
		return f.adopt(o)
	}
	id, name := o.RemoteID, foldedName(o.Attributes)
	if f.users[id] == nil {
		id = ""
		for other, u := range f.users {
			if u.name == name || slices.Contains(o.Earlier, u.name) {
				if u.protected || !o.Doubt && !sameExternalID(u.attributes, o.Attributes) && o.Adopt != tenant.AdoptUserName {
					return connectors.Receipt{}, &connectors.Error{Fault: connectors.Conflict, Status: 409}
				}
				id = other
			}
		}
	}
	if id == "" {
		f.born++
		id = fmt.Sprintf("remote-%d", f.born)
	}
	u := &accountUser{owner: o.ID, name: name, attributes: o.Attributes.Clone(), members: map[string]bool{}}
	if before := f.users[id]; before != nil {
		u.members = before.members
	}
	f.users[id] = u
	sent := make([]string, 0, o.Attributes.Len())
	for _, m := range o.Attributes.Members {
		sent = append(sent, m.Name)
	}
	return connectors.Receipt{RemoteID: id, Sent: sent}, nil
}

// Change implements connectors.Grouper. A member whom the account does not have is
// refused, as the whole request is.
func (f *fakeAccount) Change(ctx context.Context, o connectors.Object, m connectors.Members) error {
	return f.serve(ctx, call{method: "change", Object: o, change: m}, func() error {
		g := f.users[o.RemoteID]
		if g == nil {
			return &connectors.Error{Fault: connectors.Unauthorized, Status: 404}
		}
		for _, id := range m.Add {
			if f.users[id] == nil {
				f.early++
				return &connectors.Error{Fault: connectors.Rejected, Status: 400}
			}
		}
		for _, id := range m.Add {
			g.members[id] = true
		}
		for _, id := range m.Remove {
			delete(g.members, id)
		}
		return nil
	})
}

// membersOf returns the names of a group's members, sorted.
func (f *fakeAccount) membersOf(name string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for _, g := range f.users {
		if g.name != name {
			continue
		}
		for id := range g.members {
			if u := f.users[id]; u != nil {
				names = append(names, u.name)
			}
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func (f *fakeAccount) Suspend(ctx context.Context, o connectors.Object) error {
	return f.serve(ctx, call{method: "suspend", Object: o}, func() error {
		if u := f.users[f.leaving(o)]; u != nil {
			u.attributes.Set("active", value.Truth(false))
		}
		return nil
	})
}

func (f *fakeAccount) Delete(ctx context.Context, o connectors.Object) error {
	return f.serve(ctx, call{method: "delete", Object: o}, func() error {
		delete(f.users, f.leaving(o))
		return nil
	})
}

// leaving returns the remote id of what is to leave: by name if there is a doubt.
func (f *fakeAccount) leaving(o connectors.Object) string {
	if o.RemoteID == "" && o.Doubt {
		for id, u := range f.users {
			if slices.Contains(o.Earlier, u.name) {
				return id
			}
		}
	}
	return o.RemoteID
}

func (f *fakeAccount) Matches(ctx context.Context, o connectors.Object) (bool, error) {
	if f.deaf {
		return false, connectors.ErrCannotAsk
	}
	var same atomic.Bool
	err := f.serve(ctx, call{method: "matches", Object: o}, func() error {
		u := f.users[o.RemoteID]
		switch {
		case o.Attributes != nil:
			same.Store(u != nil && sameAttributes(u.attributes, o.Attributes))
		default:
			same.Store(u == nil || !activeIn(u.attributes))
		}
		return nil
	})
	return same.Load(), err
}

func (f *fakeAccount) Check(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.check
}

// sameExternalID is how an account user may be known for ours, as Appspace's is.
func sameExternalID(a, b *value.Object) bool {
	x, _ := a.Get("externalId")
	y, _ := b.Get("externalId")
	return !x.Unassigned() && value.Equal(x, y)
}

func activeIn(attributes *value.Object) bool {
	v, ok := attributes.Get("active")
	return !ok || v.True()
}

func sameAttributes(a, b *value.Object) bool {
	return bytes.Equal(value.Append(nil, value.Of(a)), value.Append(nil, value.Of(b)))
}

// told replaces the script.
func (f *fakeAccount) told(script func(context.Context, call) *answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.script = script
}

// heard returns the calls so far that a test asks for, all without a question.
func (f *fakeAccount) heard(which func(call) bool) (calls []call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if which == nil || which(c) {
			calls = append(calls, c)
		}
	}
	return calls
}

func puts(c call) bool { return c.method == "put" }

// user returns the account user of a name, nil if there is none; more than one
// is what must never be.
func (f *fakeAccount) user(tb testing.TB, name string) *accountUser {
	tb.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	var found *accountUser
	for _, u := range f.users {
		if u.name != name {
			continue
		}
		if found != nil {
			tb.Fatalf("the account has two users called %s", name)
		}
		found = &accountUser{owner: u.owner, name: u.name, attributes: u.attributes.Clone()}
	}
	return found
}
