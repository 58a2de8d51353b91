package admin

import (
	"context"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"scimgate/scim"
	"scimgate/scim/directory"
)

// batch is a page of users on its way through a preview.
type batch struct {
	resources []*scim.Resource
	total     int // of all pages, as far as is known
	tally     *tally
}

// pageSize is how many users are read at once.
const pageSize = 500

// source calls yield for each batch, until it returns an error.
type source func(ctx context.Context, yield func(*batch) error) error

// pages reads all users, by cursor.
func (p *preview) pages(ctx context.Context, yield func(*batch) error) error {
	total := 0
	for next, more := "", true; more; {
		q := directory.Query{Kind: "User", StartIndex: 1, Count: pageSize, After: &next, Uncounted: total > 0}
		page, err := p.users.List(ctx, p.tenant.ID, q)
		if err != nil {
			return err
		}
		total = max(total, page.Total)
		if err := yield(&batch{resources: page.Resources, total: total}); err != nil {
			return err
		}
		next, more = page.Next, page.Next != ""
	}
	return nil
}

// batches cuts a list up.
func batches(list []*scim.Resource) source {
	return func(_ context.Context, yield func(*batch) error) error {
		for chunk := range slices.Chunk(list, pageSize) {
			if err := yield(&batch{resources: chunk, total: len(list)}); err != nil {
				return err
			}
		}
		return nil
	}
}

// recent returns the n users that changed last, newest first. It reads all: no
// index has that order. Twice n is held at a time.
func (p *preview) recent(ctx context.Context, n int) ([]*scim.Resource, error) {
	var newest []*scim.Resource
	keep := func() {
		slices.SortFunc(newest, byAge)
		newest = newest[:min(n, len(newest))]
	}
	err := p.pages(ctx, func(b *batch) error {
		if newest = append(newest, b.resources...); len(newest) > n+max(n, pageSize) {
			keep()
		}
		return nil
	})
	keep()
	return newest, err
}

// all tries every user of a source: one goroutine reads, as many as there are
// cores try, and one adds up in the order of reading.
func (p *preview) all(ctx context.Context, from source) (*Preview, error) {
	workers := runtime.GOMAXPROCS(0)
	work, waiting := make(chan job, workers), make(chan job, 2*workers)
	sum := tally{}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(work)
		defer close(waiting)
		return from(ctx, func(b *batch) error {
			j := job{batch: b, done: make(chan struct{})}
			return send(ctx, j, waiting, work)
		})
	})
	for range workers {
		group.Go(func() error { return p.try(ctx, work) })
	}
	group.Go(func() error { return p.addUp(ctx, &sum, waiting) })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return sum.preview(), nil
}

// job is a batch, and the sign that its tally is there.
type job struct {
	*batch
	done chan struct{}
}

func send(ctx context.Context, j job, to ...chan<- job) error {
	for _, c := range to {
		select {
		case c <- j:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p *preview) try(ctx context.Context, work <-chan job) error {
	for j := range work {
		j.tally = &tally{sampled: p.sampled.Load(), failures: p.failures.Load()}
		for _, r := range j.resources {
			if err := j.tally.see(p.trial, r); err != nil {
				return err
			}
		}
		j.resources = nil // the memory of a page goes before the others are done
		close(j.done)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (p *preview) addUp(ctx context.Context, sum *tally, waiting <-chan job) error {
	for j := range waiting {
		select {
		case <-j.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		sum.add(j.tally)
		p.sampled.Store(len(sum.Sample) >= maxSample)
		p.failures.Store(len(sum.Failures) >= maxSample)
		p.progress(Progress{Users: sum.Users, Total: max(j.total, sum.Users), Changed: sum.Changed, Failed: sum.Failed})
	}
	return nil
}
