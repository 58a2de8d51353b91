package entra

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Load says how large a Cycle is.
type Load struct {
	Users       int
	Groups      int    // that the users are dealt out to; 0 provisions no groups
	Connections int    // users that are worked on at a time
	Prefix      string // of all names, so that two runs never meet; "" makes one up
	Keep        bool   // leave the users there: neither disable nor delete them

	Rate  float64 // requests a second, at most; 0 is no bound
	Check bool    // look every user up again, and compare with what was answered
	Again int     // times that a user is taken again whose request got no answer
	// Progress, if not nil, is told about four times a second how far it is.
	Progress func(p Progress)
}

// Progress is how far a Cycle is.
type Progress struct {
	Phase    string
	Done, Of int // users or groups
	Failures int // so far, in this phase
}

// subject is one user or group of a cycle and its id at the endpoint, which Entra
// keeps.
type subject struct {
	user  User
	group *subject // that a user is to be in
	name  string   // of a group
	id    string
}

// phase is one thing that a cycle does to every user, or to every group. A user whose step fails is
// left out of the phases behind it, as Entra would retry it in its next cycle.
type phase struct {
	name  string
	step  deed
	on    kind
	again deed // what Entra's next cycle does where the step got no answer; nil: nothing
}

// deed is done to one subject; it counts its requests.
type deed func(ctx context.Context, c *Client, s *subject, m *measure) error

// kind is what a phase is about.
type kind uint8

const (
	users kind = iota
	groups
)

// Cycle provisions many users as an initial cycle does (each is looked up, then
// created), and changes them as incremental cycles do: once in each dialect of
// PATCH, then disabled and, as if deleted for good, removed. It returns when all
// is done or ctx ends.
func Cycle(ctx context.Context, c *Client, l Load) Result {
	l = l.withDefaults()
	subjects := [2][]*subject{users: make([]*subject, l.Users)}
	for i := range subjects[users] {
		subjects[users][i] = &subject{user: l.user(i)}
	}
	subjects[groups] = l.groups(subjects[users])
	begin, c := time.Now(), c.paced(l)
	result := Result{Users: l.Users, Connections: l.Connections, Prefix: l.Prefix}
	for _, p := range l.phases() {
		m := newMeasure(p.name)
		subjects[p.on] = l.run(ctx, c, p, subjects[p.on], m)
		result.add(m)
		if ctx.Err() != nil {
			break
		}
	}
	result.finish(time.Since(begin), ctx.Err())
	return result
}

func (l Load) withDefaults() Load {
	l.Connections = max(1, min(l.Connections, l.Users))
	if l.Prefix == "" {
		l.Prefix = fmt.Sprintf("cycle%x", time.Now().UnixNano())
	}
	if l.Progress == nil {
		l.Progress = func(Progress) {}
	}
	return l
}

func (l Load) user(i int) User {
	name := fmt.Sprintf("%s.%06d", l.Prefix, i)
	address := name + "@contoso.example"
	return User{
		ExternalID: name, UserName: address, DisplayName: fmt.Sprintf("Test User %d", i), GivenName: "Test",
		FamilyName: fmt.Sprintf("User %d", i), Title: "Tester", Email: address, Department: "Quality",
	}
}

func (l Load) phases() []phase {
	come := []phase{
		{"create", createStep, users, provisionStep},
		{"create groups", createGroupStep, groups, nil},
		{"add members", memberStep("Add"), users, memberStep("Add")},
		{"change, old dialect", changeStep(oldDialect, func(u *User) { u.DisplayName, u.Title = u.DisplayName+" (new)", "Lead" }), users, provisionStep},
		{"change, new dialect", changeStep(newDialect, func(u *User) { u.FamilyName, u.Department = u.FamilyName+" jr.", "Audit" }), users, provisionStep},
	}
	leave := []phase{
		{"remove members", memberStep("Remove"), users, memberStep("Remove")},
		{"delete groups", deleteGroupStep, groups, nil},
		{"disable", disableStep, users, disableStep},
		{"delete", deleteStep, users, deleteAgainStep},
	}
	if l.Groups == 0 {
		come, leave = slices.Delete(come, 1, 3), leave[2:]
	}
	if l.Check {
		come = append(come, phase{"look again", lookStep, users, lookStep})
		leave = append(leave, phase{"look for the deleted", goneStep, users, goneStep})
	}
	if l.Keep {
		return come
	}
	return append(come, leave...)
}

func createStep(ctx context.Context, c *Client, s *subject, m *measure) error {
	a, found, err := c.find(ctx, s.user.UserName)
	m.count(a)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return a.unexpected("a user that was never created is there already")
	}
	a, err = c.create(ctx, &s.user)
	m.count(a)
	if err == nil {
		s.id = a.text("id")
	}
	return err
}

func changeStep(d dialect, edit func(*User)) deed {
	return func(ctx context.Context, c *Client, s *subject, m *measure) error {
		before := s.user.creation()
		edit(&s.user)
		a, err := c.patch(ctx, s.id, d.patch(s.user.changes(before)))
		m.count(a)
		return err
	}
}

func disableStep(ctx context.Context, c *Client, s *subject, m *measure) error {
	d := oldDialect
	if c.newDialect() {
		d = newDialect
	}
	a, err := c.patch(ctx, s.id, d.activation(false))
	m.count(a)
	return err
}

func deleteStep(ctx context.Context, c *Client, s *subject, m *measure) error {
	a, err := c.remove(ctx, s.id)
	m.count(a)
	return err
}

// run does p to all subjects and returns those with whom it went well.
func (l Load) run(ctx context.Context, c *Client, p phase, subjects []*subject, m *measure) []*subject {
	var next, done, failed atomic.Int64
	report := func() {
		l.Progress(Progress{Phase: p.name, Done: int(done.Load()), Of: len(subjects), Failures: int(failed.Load())})
	}
	stop := every(time.Second/4, report)
	well := make([]bool, len(subjects))
	var workers sync.WaitGroup
	for range l.Connections {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(subjects) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				err := l.take(ctx, c, p, subjects[i], m)
				if well[i] = err == nil; err != nil && ctx.Err() == nil {
					failed.Add(1)
					m.fail(err)
				}
				done.Add(1)
			}
		})
	}
	workers.Wait()
	stop()
	report()
	kept := subjects[:0:0]
	for i, s := range subjects {
		if well[i] {
			kept = append(kept, s)
		}
	}
	return kept
}

// every calls f now and then, until stop is called and has returned.
func every(interval time.Duration, f func()) (stop func()) {
	ticker, done, ended := time.NewTicker(interval), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ticker.C:
				f()
			case <-done:
				return
			}
		}
	}()
	return func() {
		ticker.Stop()
		close(done)
		<-ended
	}
}
