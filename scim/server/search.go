package server

import (
	"net/http"

	"scimgate/scim"
	"scimgate/scim/directory"
	"scimgate/scim/filter"
	"scimgate/scim/value"
)

// search is POST /.search on one kind of resource (RFC 7644 §3.4.3): a query that
// stands in the body, so that no log on the way sees the names in its filter.
func (c *call) search() error {
	asked, err := c.searched()
	if err != nil {
		return err
	}
	selection, err := scim.ParseSelection(asked.attributes, asked.excluded, c.kind)
	if err != nil {
		return err
	}
	return c.answer(asked, selection)
}

// searchAll is a search at the root.
func (c *call) searchAll() error {
	asked, err := c.searched()
	if err != nil {
		return err
	}
	return c.answerAll(asked)
}

// listAll is a query at the root (RFC 7644 §3.4.2.1).
func (c *call) listAll() error {
	asked, err := readQuery(c.r.URL.RawQuery)
	if err != nil {
		return err
	}
	return c.answerAll(asked)
}

// searched reads the body of a search: the parameters of a URL's query as members,
// with the same meaning and the same bounds, and whatever is none of them ignored.
func (c *call) searched() (query, error) {
	q := query{startIndex: 1, count: scim.DefaultResults}
	doc, err := c.document()
	if err != nil {
		return q, err
	}
	seen := map[string]bool{}
	return q, scim.ReadSearch(doc, c.mode(), func(name, text string) error {
		name, read := parameterCalled(name)
		if read == nil {
			return nil
		}
		if err := once(seen, name); err != nil {
			return err
		}
		return read(&q, text)
	})
}

// parameterCalled finds a parameter by its name in any case, as names in a JSON
// document are (RFC 7643 §2.1).
func parameterCalled(name string) (string, func(*query, string) error) {
	for known, read := range parameters {
		if value.SameName(known, name) {
			return known, read
		}
	}
	return name, nil
}

// answerAll answers a query over all resource types: one after the other in the
// order of /ResourceTypes, each in its own order, numbered as one list.
func (c *call) answerAll(asked query) error {
	if asked.cursor != nil || asked.sortBy != "" {
		return scim.Errorf(scim.InvalidValue, "At the root, resources can neither be sorted nor be followed by a cursor; ask for one type.")
	}
	types := servedOf(c.defs)
	filters := make([]filter.Expr, len(types))
	if asked.filtered {
		var err error
		if filters, err = scim.BindTypes(types, asked.filter, c.mode()); err != nil {
			return err
		}
	}
	all := &mixedPage{}
	for i, t := range types {
		if err := c.typed(t).addTo(all, asked, filters[i]); err != nil {
			return err
		}
	}
	return c.sendMixed(all, asked.startIndex)
}

// typed is the call as if its path had named a resource type.
func (c *call) typed(t *scim.ResourceType) *call {
	of := *c
	of.kind = t
	return &of
}

// mixedPage is a page of several types.
type mixedPage struct {
	total     int
	resources []*scim.Resource
	shown     []*scim.Selection // of each resource
}

// addTo adds what the call's type has of a page.
func (c *call) addTo(all *mixedPage, asked query, e filter.Expr) error {
	selection, err := scim.ParseSelection(asked.attributes, asked.excluded, c.kind)
	if err != nil {
		return err
	}
	page, err := c.Store.List(c.ctx, c.tenant.ID, directory.Query{
		Kind: c.kind.Name, Filter: e,
		StartIndex: max(1, asked.startIndex-all.total), Count: asked.count - len(all.resources),
	})
	if err = c.admitted(err); err != nil {
		return err
	}
	all.total += page.Total
	all.resources = append(all.resources, page.Resources...)
	for range page.Resources {
		all.shown = append(all.shown, selection)
	}
	if c.kind.Name == groupKind {
		return nil
	}
	return c.joinGroups(page.Resources, selection)
}

func (c *call) sendMixed(page *mixedPage, startIndex int) error {
	return c.sendStream(http.StatusOK, func(s *stream) error {
		return s.list(scim.ListHead{Total: page.total, StartIndex: startIndex, Count: len(page.resources)}, func(i int) error {
			return s.either(page.resources[i], page.shown[i])
		})
	})
}

// either appends a group with its members, or another resource.
func (s *stream) either(r *scim.Resource, selection *scim.Selection) error {
	if r.Kind == groupKind {
		return s.group(r, selection)
	}
	if err := readable(r, selection); err != nil {
		return err
	}
	s.write(func(dst []byte) []byte { return scim.AppendResource(dst, r, s.location(r), selection) })
	return nil
}
