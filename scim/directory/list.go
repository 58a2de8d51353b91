package directory

import (
	"errors"

	"scimgate/scim"
)

// collector makes a Page of the candidates it is shown, in the order of the page.
type collector struct {
	query    Query
	page     Page
	examined int
	needs    *needs // what the filter asks of Edges; nil if nothing
	waiting  []*scim.Resource
	places   []place // of all that match, where the page must be put in order first
	// ends returns what is needed of the Edges of r; set where needs is.
	ends func(r *scim.Resource, n *needs) ([]Member, error)
}

// newCollector makes a collector for a Query.
func newCollector(q Query, ends func(*scim.Resource, *needs) ([]Member, error)) *collector {
	c := &collector{query: q, ends: ends}
	if q.Filter == nil {
		return c
	}
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
	if c.examined++; c.examined > c.query.most() {
		return errTooMany()
	}
	ok, err := c.match(r)
	if err != nil || !ok {
		return err
	}
	c.page.Total++
	if c.query.SortBy != nil || c.query.After != nil {
		p, err := placeOf(r, c.query)
		c.places = append(c.places, p)
		return err
	}
	if n := c.page.Total - c.query.StartIndex; n >= 0 && n < c.query.Count {
		c.page.Resources = append(c.page.Resources, r)
	}
	return nil
}

// match evaluates the filter. Ends of Edges count as examined, too.
func (c *collector) match(r *scim.Resource) (bool, error) {
	if c.query.Filter == nil {
		return true, nil
	}
	if c.needs == nil {
		return r.Match(c.query.Filter)
	}
	ends, err := c.ends(r, c.needs)
	if err != nil {
		return false, err
	}
	if c.examined += len(ends); c.examined > c.query.most() {
		return false, errTooMany()
	}
	attach(r, ends)
	defer attach(r, nil)
	return r.Match(c.query.Filter)
}

// finish puts what was collected in order. get reads the resources of the page;
// who was deleted meanwhile is not on it.
func (c *collector) finish(get func(id string) (*scim.Resource, error)) (*Page, error) {
	if c.query.SortBy == nil && c.query.After == nil {
		return &c.page, nil
	}
	page, more, err := c.query.window(c.places)
	if err != nil {
		return nil, err
	}
	for _, p := range page {
		r, err := get(p.id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c.page.Resources = append(c.page.Resources, r)
	}
	if more && len(page) > 0 && c.query.After != nil {
		c.page.Next = page[len(page)-1].position()
	}
	return &c.page, nil
}
