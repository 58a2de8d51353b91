package alerts

import (
	"context"
	"time"

	"scimgate/scim/directory"
	"scimgate/tenant"
)

// Bounds of what is read of a journal in one look, so that a busy tenant does not
// keep the others waiting.
const (
	cycle    = 40 * time.Minute
	pageSize = 500
	maxPages = 40
)

// tally is what a journal told of a tenant between two looks.
type tally struct {
	until       time.Time
	failed, all int
}

// count returns how many changes of the last cycle were refused, and how many
// there were. Only what is new since the look before is read.
func (w *Watch) count(ctx context.Context, id tenant.ID) (failed, all int, err error) {
	now := w.Now()
	since := now.Add(-cycle)
	var kept []tally
	for _, t := range w.tallies[id] {
		if t.until.After(now.Add(-cycle)) {
			kept, since = append(kept, t), t.until
		}
	}
	fresh, err := w.read(ctx, id, since, now)
	if err != nil {
		return 0, 0, err
	}
	kept = append(kept, fresh)
	w.tallies[id] = kept
	for _, t := range kept {
		failed, all = failed+t.failed, all+t.all
	}
	return failed, all, nil
}

func (w *Watch) read(ctx context.Context, id tenant.ID, since, until time.Time) (tally, error) {
	sum := tally{until: until}
	q := directory.JournalQuery{Since: since, Until: until, Limit: pageSize}
	for range maxPages {
		page, err := w.Service.Directory.ReadJournal(ctx, id, q)
		if err != nil {
			return sum, err
		}
		for _, e := range page.Entries {
			if e.Change == nil {
				continue
			}
			if sum.all++; e.Change.Status >= 400 {
				sum.failed++
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	return sum, nil
}
