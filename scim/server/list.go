package server

import (
	"time"

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
	if asked.sortBy != "" {
		if q.SortBy, err = c.kind.BindSort(asked.sortBy, c.mode()); err != nil {
			return err
		}
		q.Descending = asked.descending
	}
	if err := c.follow(&q, asked); err != nil {
		return err
	}
	page, err := c.Store.List(c.ctx, c.tenant.ID, q)
	if err = c.admitted(err); err != nil {
		return err
	}
	head, err := c.headOf(page, asked)
	if err != nil {
		return err
	}
	return c.sendPage(page, head, selection)
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

// headOf is what a list says of itself: where it begins, or how it goes on.
func (c *call) headOf(page *directory.Page, asked query) (head scim.ListHead, err error) {
	head = scim.ListHead{Total: page.Total, Count: len(page.Resources)}
	if asked.cursor == nil {
		head.StartIndex = asked.startIndex
	}
	if page.Next != "" {
		head.NextCursor, err = c.cursorAfter(page.Next, asked, time.Now())
	}
	return head, err
}
