package directory

import (
	"scimgate/scim"
)

// collector makes a Page of the candidates it is shown, in the order of the page.
type collector struct {
	query    Query
	page     Page
	examined int
	needs    *needs // what the filter asks of Edges; nil if nothing
	waiting  []*scim.Resource
	// ends returns what is needed of the Edges of r; set where needs is.
	ends func(r *scim.Resource, n *needs) ([]Member, error)
}

// newCollector makes a collector for a Query with a filter.
func newCollector(q Query, ends func(*scim.Resource, *needs) ([]Member, error)) *collector {
	c := &collector{query: q, ends: ends}
	if n := edgeNeeds(q.Kind, q.Filter); n.any() {
		c.needs = n
	}
	return c
}

// take sees a candidate at once, or keeps it until seeWaiting: what a filter needs
// of Edges must not be read while the candidates are.
func (c *collector) take(r *scim.Resource) error {
	if c.needs == nil {
		return c.see(r)
	}
	c.waiting = append(c.waiting, r)
	return nil
}

func (c *collector) seeWaiting() error {
	for _, r := range c.waiting {
		if err := c.see(r); err != nil {
			return err
		}
	}
	c.waiting = c.waiting[:0]
	return nil
}

// see evaluates one candidate. It fails with tooMany once the bound is passed.
func (c *collector) see(r *scim.Resource) error {
	if c.examined++; c.examined > maxExamined {
		return errTooMany()
	}
	ok, err := c.match(r)
	if err != nil || !ok {
		return err
	}
	c.page.Total++
	if n := c.page.Total - c.query.StartIndex; n >= 0 && n < c.query.Count {
		c.page.Resources = append(c.page.Resources, r)
	}
	return nil
}

// match evaluates the filter. Ends of Edges count as examined, too.
func (c *collector) match(r *scim.Resource) (bool, error) {
	if c.needs == nil {
		return r.Match(c.query.Filter)
	}
	ends, err := c.ends(r, c.needs)
	if err != nil {
		return false, err
	}
	if c.examined += len(ends); c.examined > maxExamined {
		return false, errTooMany()
	}
	attach(r, ends)
	defer attach(r, nil)
	return r.Match(c.query.Filter)
}
