package traffic

import (
	"context"
	"slices"
	"time"

	"scimgate/scim/server"
	"scimgate/tenant"
)

// Picture is what was seen of a tenant within a day.
type Picture struct {
	Since    time.Time     // it was looked since then
	Delivers bool          // somebody who is in it delivers: else nothing is known of that
	Whole    bool          // every process is in it that shares a Redis; else one alone
	Away     bool          // the others could not be asked
	Day      []Hour        // 24, the one under way last
	Lines    []server.Line // the last requests, newest first; MostLines at most
}

// After leaves out what is of before a tenant was made: another one had its name, and
// not every process has heard yet that it is gone.
func (p Picture) After(made time.Time) Picture {
	p.Lines = slices.DeleteFunc(p.Lines, func(l server.Line) bool { return l.At.Before(made) })
	for i, h := range p.Day {
		if h.Start.Before(made.Truncate(time.Hour)) {
			p.Day[i] = Hour{Start: h.Start, Seen: h.Seen}
		}
	}
	return p
}

// seen is what one process saw of a tenant.
type seen struct {
	Since    time.Time     `json:"since"`
	Delivers bool          `json:"delivers,omitempty"`
	Hours    []*hour       `json:"hours,omitempty"`
	Lines    []server.Line `json:"lines,omitempty"` // newest first
}

// Of returns what this process saw of a tenant.
func (c *Counter) Of(_ context.Context, id tenant.ID) Picture {
	return pictureOf([]seen{c.seen(id)}, c.now())
}

// seen copies what is known of a tenant.
func (c *Counter) seen(id tenant.ID) seen {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := seen{Since: c.Since, Delivers: c.Delivers, Lines: c.lines[id].newestFirst()}
	if day := c.tenants[id]; day != nil {
		for _, h := range day {
			if h != nil {
				s.Hours = append(s.Hours, h.clone())
			}
		}
	}
	return s
}

// pictureOf puts together what several saw.
func pictureOf(all []seen, now time.Time) Picture {
	p := Picture{Since: all[0].Since, Lines: []server.Line{}}
	last := now.Unix() / 3600
	var day [hours]hour
	for _, one := range all {
		if one.Since.Before(p.Since) {
			p.Since = one.Since
		}
		p.Delivers = p.Delivers || one.Delivers
		p.Lines = append(p.Lines, one.Lines...)
		for _, h := range one.Hours {
			if h.Number > last-hours && h.Number <= last {
				day[h.Number%hours].add(h)
			}
		}
	}
	slices.SortStableFunc(p.Lines, func(a, b server.Line) int { return b.At.Compare(a.At) })
	p.Lines = p.Lines[:min(len(p.Lines), MostLines)]
	p.Day = make([]Hour, hours)
	for i := range p.Day {
		number := last - hours + 1 + int64(i)
		p.Day[i] = Hour{Start: time.Unix(number*3600, 0).UTC(), Seen: (number+1)*3600 > p.Since.Unix()}
		p.Day[i].take(&day[number%hours])
	}
	return p
}
