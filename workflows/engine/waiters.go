package engine

import "sync"

// waiters are those who wait for the end of an execution that runs here: nested
// executions tell their parents.
type waiters struct {
	mu    sync.Mutex
	byARN map[string]map[*waiter]struct{}
}

// waiter waits for one execution. ended gives its description once, as it was
// when it closed.
type waiter struct {
	ended chan Record
}

// add begins to wait. Whoever waits looks at the execution after that, not before:
// then no end is missed.
func (w *waiters) add(arn string) *waiter {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byARN == nil {
		w.byARN = map[string]map[*waiter]struct{}{}
	}
	if w.byARN[arn] == nil {
		w.byARN[arn] = map[*waiter]struct{}{}
	}
	added := &waiter{ended: make(chan Record, 1)}
	w.byARN[arn][added] = struct{}{}
	return added
}

// remove ends the waiting; of a waiter that was told already it does nothing.
func (w *waiters) remove(arn string, gone *waiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.byARN[arn], gone)
	if len(w.byARN[arn]) == 0 {
		delete(w.byARN, arn)
	}
}

// closed tells those who wait for the execution. The record is on disk.
func (w *waiters) closed(record Record) {
	w.mu.Lock()
	waiting := w.byARN[record.ARN]
	delete(w.byARN, record.ARN)
	w.mu.Unlock()
	for told := range waiting {
		told.ended <- record // once each: it has room
	}
}
