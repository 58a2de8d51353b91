package directory

import (
	"scimgate/scim"
)

// collector makes a Page of the candidates it is shown, in the order of the page.
type collector struct {
	query    Query
	page     Page
	examined int
}

// see evaluates one candidate. It fails with tooMany once the bound is passed.
func (c *collector) see(r *scim.Resource) error {
	if c.examined++; c.examined > maxExamined {
		return errTooMany()
	}
	ok, err := r.Match(c.query.Filter)
	if err != nil || !ok {
		return err
	}
	c.page.Total++
	if n := c.page.Total - c.query.StartIndex; n >= 0 && n < c.query.Count {
		c.page.Resources = append(c.page.Resources, r)
	}
	return nil
}
