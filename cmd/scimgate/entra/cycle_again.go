package entra

import (
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// paced is c, slowed down to the rate of l.
func (c *Client) paced(l Load) *Client {
	if l.Rate <= 0 {
		return c
	}
	slow := *c
	slow.pace = rate.NewLimiter(rate.Limit(l.Rate), l.Connections)
	return &slow
}

// take does a phase to one subject. A request without an answer may have been
// done or not: Entra finds out in its next cycle, which here begins a second later.
func (l Load) take(ctx context.Context, c *Client, p phase, s *subject, m *measure) error {
	err := p.step(ctx, c, s, m)
	for n := 0; n < l.Again && p.again != nil && noAnswerIn(err) && ctx.Err() == nil; n++ {
		m.unanswered()
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
		err = p.again(ctx, c, s, m)
	}
	return err
}

func noAnswerIn(err error) bool {
	var u *UnexpectedError
	return errors.As(err, &u) && u.Status == 0
}

// provisionStep is what Entra's next cycle does with a user: look it up, then
// create it or change what differs. Whom the endpoint answered for must be there.
func provisionStep(ctx context.Context, c *Client, s *subject, m *measure) error {
	a, found, err := c.find(ctx, s.user.UserName)
	m.count(a)
	switch {
	case err != nil:
		return err
	case len(found) == 0 && s.id == "":
		return createStep(ctx, c, s, m)
	case len(found) != 1:
		return a.unexpected(notOnce)
	}
	if s.id == "" {
		s.id = top("id")(found[0].Object())
	}
	if changes := s.user.changes(found[0].Object()); len(changes) > 0 {
		a, err = c.patch(ctx, s.id, oldDialect.patch(changes))
		m.count(a)
	}
	return err
}

// deleteAgainStep deletes a user that may be deleted already.
func deleteAgainStep(ctx context.Context, c *Client, s *subject, m *measure) error {
	a, err := c.remove(ctx, s.id)
	m.count(a)
	if a != nil && a.status == http.StatusNotFound {
		return nil
	}
	return err
}
