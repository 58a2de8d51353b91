package directory

import (
	"context"
	"errors"
	"slices"

	"scimgate/scim"
	"scimgate/tenant"
)

// scanAtOnce is how many resources are read before another reader has a turn.
const scanAtOnce = 256

// List implements Store.
func (s *SQLite) List(ctx context.Context, t tenant.ID, q Query) (*Page, error) {
	if q.Filter == nil && q.SortBy == nil && q.After == nil {
		return s.pageOf(ctx, t, q)
	}
	if w := walkOf(q); q.Filter == nil && w != noWalk {
		return s.walkPage(ctx, t, q, w)
	}
	c := newCollector(q, s.ends(ctx, t))
	var err error
	switch look := planOf(q); {
	case look == nil:
		err = s.scan(ctx, t, c)
	case look.id != "":
		err = s.byID(ctx, t, look.id, c)
	case c.needs != nil:
		err = s.byLookup(ctx, t, look, c)
	case look.name != "":
		err = s.see(ctx, c, byName, part(t, q.Kind)+"/"+look.name)
	case look.low != "" && look.high == "":
		err = s.see(ctx, c, byEntry, part(t, q.Kind), look.low, q.most()+1)
	default:
		err = s.byLookup(ctx, t, look, c)
	}
	if err != nil {
		return nil, err
	}
	return c.finish(func(id string) (*scim.Resource, error) { return s.Get(ctx, t, Ref{Kind: q.Kind, ID: id}) })
}

// walkPage reads a page along an index. One more is read than asked for, to know
// whether others follow.
func (s *SQLite) walkPage(ctx context.Context, t tenant.ID, q Query, w walk) (*Page, error) {
	page := &Page{}
	along, low, high, skip, err := walkSQLite(t, q, w)
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(n *session) (err error) {
		if page.Total, err = n.countOf(part(t, q.Kind)); err != nil || q.Count == 0 {
			return err
		}
		return n.each(along, func(rows *resultRow) error {
			row, err := scanResource(rows)
			page.Resources = append(page.Resources, row.resource)
			return err
		}, low, high, q.Count+1, skip)
	})
	return page.cut(q, w), err
}

// walkSQLite returns the statement of a walk, its bounds and how many to skip.
func walkSQLite(t tenant.ID, q Query, w walk) (along query, low, high string, skip int, err error) {
	p := part(t, q.Kind)
	low, high, skip = p+"/", p+"0", q.StartIndex-1 // "0" follows "/"
	descending := q.Descending && q.SortBy != nil
	if q.After != nil {
		skip = 0
		if *q.After != "" && descending {
			high, err = walkFrom(p, *q.After)
		} else if *q.After != "" {
			low, err = walkFrom(p, *q.After)
		}
	}
	along = map[walk]map[bool]query{byID: {false: upIDs, true: downIDs}, byNameKey: {false: upNames, true: downNames}}[w][descending]
	return along, low, high, skip, err
}

// pageOf answers a Query without a filter: the total is kept, the page walks one
// index.
func (s *SQLite) pageOf(ctx context.Context, t tenant.ID, q Query) (*Page, error) {
	page := &Page{}
	p := part(t, q.Kind)
	err := s.read(ctx, func(n *session) (err error) {
		if page.Total, err = n.countOf(p); err != nil || q.Count == 0 || q.StartIndex > page.Total {
			return err
		}
		skipped, from, err := s.anchor(n, p, q.StartIndex-1)
		if err != nil {
			return err
		}
		return n.each(pageOfPart, func(rows *resultRow) error {
			row, err := scanResource(rows)
			page.Resources = append(page.Resources, row.resource)
			return err
		}, p, q.Count, q.StartIndex-1-skipped, from)
	})
	return page, err
}

// anchor returns the last anchor at or before an offset, and learns those on the
// way that are not known yet.
func (s *SQLite) anchor(n *session, part string, offset int) (skipped int, rid int64, err error) {
	skipped, rid, mark := s.anchors.before(part, offset)
	for offset-skipped >= anchorStep {
		var next int64
		found, err := n.one(ridFurther, []any{&next}, part, rid, anchorStep-1)
		if err != nil || !found {
			return skipped, rid, err
		}
		skipped, rid = skipped+anchorStep, next
		s.anchors.learn(part, skipped, rid, mark)
	}
	return skipped, rid, nil
}

func (n *session) countOf(part string) (total int, err error) {
	_, err = n.one(countPart, []any{&total}, part)
	return total, err
}

func (s *SQLite) byID(ctx context.Context, t tenant.ID, id string, c *collector) error {
	r, err := s.Get(ctx, t, Ref{Kind: c.query.Kind, ID: id})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.see(r)
}

// see evaluates what one statement finds: the way of "userName eq".
func (s *SQLite) see(ctx context.Context, c *collector, q query, args ...any) error {
	return s.read(ctx, func(n *session) error {
		return n.each(q, func(rows *resultRow) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return c.seeRow(rows)
		}, args...)
	})
}

// scan evaluates all of a kind, if that is within the bound.
func (s *SQLite) scan(ctx context.Context, t tenant.ID, c *collector) error {
	p, from := part(t, c.query.Kind), int64(0)
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := s.read(ctx, func(n *session) error {
			if total, err := n.countOf(p); err != nil {
				return err
			} else if total > c.query.most() {
				return errTooMany()
			}
			seen := 0
			err := n.each(afterRid, func(rows *resultRow) error {
				row, err := scanResource(rows)
				if err != nil {
					return err
				}
				seen, from = seen+1, row.rid
				return c.take(row.resource)
			}, p, from, scanAtOnce)
			more = seen == scanAtOnce
			return err
		})
		if err == nil {
			err = c.seeWaiting()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// byLookup collects the candidates first, then reads and evaluates them.
func (s *SQLite) byLookup(ctx context.Context, t tenant.ID, look *lookup, c *collector) error {
	p := part(t, c.query.Kind)
	var rids []int64
	err := s.read(ctx, func(n *session) error {
		found, whole, err := n.candidates(t, c.query.Kind, look, c.query.most())
		if err == nil && !whole {
			err = errTooMany()
		}
		rids = found
		return err
	})
	for chunk := range slices.Chunk(rids, scanAtOnce) {
		if err == nil {
			err = s.seeAll(ctx, p, chunk, c)
		}
	}
	return err
}

// seeRow evaluates a row of resources.
func (c *collector) seeRow(rows *resultRow) error {
	row, err := scanResource(rows)
	if err != nil {
		return err
	}
	return c.take(row.resource)
}

func (s *SQLite) seeAll(ctx context.Context, part string, rids []int64, c *collector) error {
	err := s.read(ctx, func(n *session) error {
		for _, rid := range rids {
			if err := n.each(byRid, c.seeRow, part, rid); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.seeWaiting()
}

// few candidates are read rather than looking for a still better index.
const few = 100

// candidates returns what a look-up finds, in order, each once, up to limit; it
// reports false if there are more.
func (n *session) candidates(t tenant.ID, kind string, l *lookup, limit int) (rids []int64, whole bool, err error) {
	switch {
	case l.id != "":
		return n.rids(ridOfKey, limit, resourceKey(t, Ref{Kind: kind, ID: l.id}))
	case l.name != "":
		return n.rids(ridOfName, limit, part(t, kind)+"/"+l.name)
	case l.end != "":
		return n.candidatesByEnd(t, kind, l.end, limit)
	case l.high == "" && l.low != "":
		return n.rids(ridsEqual, limit, part(t, kind), l.low, limit+1)
	case l.high != "":
		return n.rids(ridsBetween, limit, part(t, kind), l.low, l.high, limit+1)
	case len(l.any) > 0:
		return n.union(t, kind, l.any, limit)
	default:
		return n.best(t, kind, l.all, limit)
	}
}

// rids runs a statement that was told to stop at limit+1 rows.
func (n *session) rids(q query, limit int, args ...any) (rids []int64, whole bool, err error) {
	err = n.each(q, func(rows *resultRow) error {
		var rid int64
		err := rows.Scan(&rid)
		rids = append(rids, rid)
		return err
	}, args...)
	whole = len(rids) <= limit
	slices.Sort(rids)
	return slices.Compact(rids), whole, err
}

func (n *session) union(t tenant.ID, kind string, parts []*lookup, limit int) (rids []int64, whole bool, err error) {
	for _, l := range parts {
		more, whole, err := n.candidates(t, kind, l, limit)
		if err != nil || !whole {
			return nil, false, err
		}
		rids = append(rids, more...)
	}
	slices.Sort(rids)
	rids = slices.Compact(rids)
	return rids, len(rids) <= limit, nil
}

// best takes the first look-up that finds few, else the first that stays within
// the limit.
func (n *session) best(t tenant.ID, kind string, parts []*lookup, limit int) ([]int64, bool, error) {
	for _, most := range []int{min(few, limit), limit} {
		for _, l := range parts {
			if rids, whole, err := n.candidates(t, kind, l, most); err != nil || whole {
				return rids, whole, err
			}
		}
	}
	return nil, false, nil
}
