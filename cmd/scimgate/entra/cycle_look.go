package entra

import "context"

// notOnce is what is wrong with a user that was answered for and is not found, or
// found twice.
const notOnce = "a user that was answered for is not there exactly once"

// lookStep compares a user with what the endpoint answered for.
func lookStep(ctx context.Context, c *Client, s *subject, m *measure) error {
	a, found, err := c.find(ctx, s.user.UserName)
	m.count(a)
	switch {
	case err != nil:
		return err
	case len(found) != 1:
		return a.unexpected(notOnce)
	case top("id")(found[0].Object()) != s.id:
		return a.unexpected("a user that was answered for has another id")
	}
	if lost := s.user.changes(found[0].Object()); len(lost) > 0 {
		return a.unexpected("a change that was answered for is lost: " + paths(lost))
	}
	return nil
}

// goneStep looks for a user whose deletion the endpoint answered for.
func goneStep(ctx context.Context, c *Client, s *subject, m *measure) error {
	a, found, err := c.find(ctx, s.user.UserName)
	m.count(a)
	if err == nil && len(found) > 0 {
		return a.unexpected("a user whose deletion was answered for is there")
	}
	return err
}
