package directory

import (
	"context"
	"errors"
	"fmt"
)

// write is one operation for the writer. Its function either does all of its
// work or fails before it has written anything.
type write struct {
	do   func(*session) error
	done chan error
}

// batchLimit bounds how many operations share one commit.
const batchLimit = 256

// Own errors of an operation leave its batch intact; any other is a fault of the
// database, after which nothing of the transaction is trusted.
func harmless(err error) bool {
	return err == nil || errors.Is(err, errLost) || errors.Is(err, ErrNotDue) ||
		errors.Is(err, ErrSuperseded) || errors.Is(err, ErrNotFound) || taken(err)
}

// apply hands an operation to the writer and waits until it is durable. If ctx
// ends first, its outcome is unknown, and the writer may still be at it: what do
// writes, the caller must not read then.
func (s *SQLite) apply(ctx context.Context, do func(*session) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := write{do: do, done: make(chan error, 1)}
	select {
	case s.writes <- w:
	case <-s.closing:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// runWriter is the one goroutine that writes: it takes whatever waits and puts
// it into one transaction, so that all of it shares one sync to disk.
func (s *SQLite) runWriter() {
	defer close(s.stopped)
	for {
		select {
		case <-s.closing:
			return
		case w := <-s.writes:
			s.writeBatch(s.gather(w))
		}
	}
}

func (s *SQLite) gather(first write) []write {
	batch := append(s.batch[:0], first)
	for len(batch) < batchLimit {
		select {
		case w := <-s.writes:
			batch = append(batch, w)
			continue
		default:
		}
		break
	}
	s.batch = batch
	return batch
}

// writeBatch commits a batch, or, where one operation of it breaks the
// transaction, each operation by itself, so that only the broken one fails.
func (s *SQLite) writeBatch(batch []write) {
	db := <-s.writer
	defer func() { s.writer <- db }()
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
func transact(db *session, batch []write) ([]error, error) {
	if _, err := db.exec(beginWrite); err != nil {
		return nil, err
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
