package server

import (
	"scimgate/scim"
	"scimgate/scim/directory"
)

// list answers a query on one kind of resource (RFC 7644 §3.4.2). What matches
// nothing is an empty list and never 404, which Entra takes for a broken service.
func (c *call) list() error {
	asked, selection, err := c.asked()
	if err != nil {
		return err
	}
	return c.answer(asked, selection)
}

// answer answers a query that came in the URL or in the body of a search.
func (c *call) answer(asked query, selection *scim.Selection) (err error) {
	q := directory.Query{Kind: c.kind.Name, StartIndex: asked.startIndex, Count: asked.count}
	if asked.filtered {
		if q.Filter, err = c.kind.BindFilter(asked.filter, c.mode()); err != nil {
			return err
		}
	}
	page, err := c.Store.List(c.ctx, c.tenant.ID, q)
	if err != nil {
		return err
	}
	return c.sendPage(page, asked.startIndex, selection)
}

// asked reads the query and the selection of attributes in it.
func (c *call) asked() (query, *scim.Selection, error) {
	q, err := readQuery(c.r.URL.RawQuery)
	if err != nil || len(q.attributes)+len(q.excluded) == 0 {
		return q, nil, err
	}
	s, err := scim.ParseSelection(q.attributes, q.excluded, c.kind)
	return q, s, err
}
