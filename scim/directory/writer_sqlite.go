package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// write is one operation that waits to be written. Its function either does all
// of its work or fails before it has written anything.
type write struct {
	do    func(*session) error
	done  chan error  // holds one
	begun atomic.Bool // by whoever leads, or given up by its caller
	came  time.Time   // zero where nobody watches
}

func newWrite(do func(*session) error) *write { return &write{do: do, done: make(chan error, 1)} }

// batchLimit bounds how many operations share one commit.
const batchLimit = 256

// Own errors of an operation leave its batch intact; any other is a fault of the
// database, after which nothing of the transaction is trusted.
func harmless(err error) bool {
	return err == nil || errors.Is(err, errLost) || errors.Is(err, ErrNotDue) ||
		errors.Is(err, ErrSuperseded) || errors.Is(err, ErrNotFound) || taken(err)
}

// apply writes one operation and returns when it is durable. There is one writer:
// whoever holds the writer's session. Operations queue up while it commits; the
// first of their callers to be given the session then writes them all, in one
// transaction that shares one sync to disk. A lone caller waits for nobody and
// wakes nobody.
//
// If ctx ends before the operation has begun, it is not done; if it ends later,
// the outcome is unknown, and the writer may still be at it: what do writes, the
// caller must not read then.
func (s *SQLite) apply(ctx context.Context, do func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := newWrite(do)
	if s.Wrote != nil {
		w.came = time.Now()
	}
	s.queue.add(w)
	for {
		select {
		case err := <-w.done:
			return err
		case db := <-s.writer:
			s.lead(db) // mostly writes w too, unless very many wait
		case <-s.closing:
			return w.giveUp(errClosed)
		case <-ctx.Done():
			return w.giveUp(ctx.Err())
		}
	}
}

// giveUp takes a write back. If it has begun, it is left to itself, unless its
// outcome is known already.
func (w *write) giveUp(err error) error {
	if !w.begun.CompareAndSwap(false, true) {
		select {
		case known := <-w.done:
			return known
		default:
		}
	}
	return err
}

// lead writes what waits.
func (s *SQLite) lead(db *session) {
	defer func() { s.writer <- db }()
	if batch := s.queue.take(batchLimit); len(batch) > 0 {
		began := time.Now()
		writeBatch(db, batch)
		if s.Wrote != nil {
			s.Wrote(len(batch), began.Sub(batch[0].came))
		}
		s.anchors.forget(db.left)
		db.left = db.left[:0]
	}
}

// queue holds what waits to be written.
type queue struct {
	mu      sync.Mutex
	waiting []*write
}

func (q *queue) add(w *write) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, w)
}

// take removes up to limit operations, those that were given up besides.
func (q *queue) take(limit int) (batch []*write) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < len(q.waiting) && len(batch) < limit {
		if w := q.waiting[n]; w.begun.CompareAndSwap(false, true) {
			batch = append(batch, w)
		}
		n++
	}
	q.waiting = slices.Delete(q.waiting, 0, n)
	return batch
}

// writeBatch commits a batch, or, where one operation of it breaks the
// transaction, each operation by itself, so that only the broken one fails.
func writeBatch(db *session, batch []*write) {
	results, err := transact(db, batch)
	if err != nil && len(batch) > 1 {
		for i := range batch {
			alone, err := transact(db, batch[i:i+1])
			batch[i].done <- outcome(alone, 0, err)
		}
		return
	}
	for i, w := range batch {
		w.done <- outcome(results, i, err)
	}
}

func outcome(results []error, i int, err error) error {
	if err != nil {
		return fmt.Errorf("directory: write: %w", err)
	}
	return results[i]
}

// transact runs the operations in one transaction. Its error means that nothing
// of it was written.
func transact(db *session, batch []*write) ([]error, error) {
	if _, err := db.exec(beginWrite); err != nil {
		return nil, rollback(db, err) // a panic may have left one open
	}
	results := make([]error, len(batch))
	for i, w := range batch {
		results[i] = w.do(db)
		if !harmless(results[i]) {
			return nil, rollback(db, results[i])
		}
	}
	if _, err := db.exec(commitWrite); err != nil {
		return nil, rollback(db, err)
	}
	return results, nil
}

func rollback(db *session, cause error) error {
	if _, err := db.exec(rollbackWrite); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}
