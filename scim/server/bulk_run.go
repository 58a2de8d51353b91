package server

import (
	"errors"
	"sync"
	"sync/atomic"
)

// bulkWorkers is how many operations of one bulk request are under way at once.
// They share the store's commits, which is what makes a bulk request fast; more
// would not make it faster, and would leave less to the other tenants.
const bulkWorkers = 32

// run does the batches one after the other, until too much has failed. Of a batch
// no more is begun at once than could fail before the end, so that nothing is done
// behind the failure that ends the job (RFC 7644 §3.7.3).
func (j *job) run() {
	for _, tasks := range j.batches {
		for len(tasks) > 0 {
			n := len(tasks)
			if j.accepted > 0 {
				n = min(n, j.accepted-j.failed)
			}
			if n <= 0 {
				return
			}
			j.runAll(tasks[:n])
			tasks = tasks[n:]
		}
	}
}

// runAll does tasks whose order does not matter.
func (j *job) runAll(tasks []*task) {
	var workers sync.WaitGroup
	var next atomic.Int64
	work := func() {
		for i := next.Add(1); i <= int64(len(tasks)); i = next.Add(1) {
			j.end(tasks[i-1])
		}
	}
	for range min(bulkWorkers, len(tasks)) - 1 {
		workers.Go(work)
	}
	work()
	workers.Wait()
	for _, t := range tasks {
		if t.err != nil {
			j.failed++
		}
	}
}

// end does a task, whatever comes of it: a panic is a fault of ours, as for a
// request of its own.
func (j *job) end(t *task) {
	defer func() {
		if p := recover(); p != nil {
			j.logPanic(p)
			t.err = fault("operation", errPanic)
		}
		t.ended = true
	}()
	t.err = j.perform(t)
}

var errPanic = errors.New("panic")
