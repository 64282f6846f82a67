package engine

import (
	"container/heap"
	"sync"
	"time"
)

const (
	// resumeBatch is how many executions are read in one go, resumesAtOnce how many
	// such goes there are at a time.
	resumeBatch   = 256
	resumesAtOnce = 3
	// resumeEvents bounds the events that one go reads at a time; a longer history is
	// read alone.
	resumeEvents = 20_000
	// resumePause is the wait before executions that could not be read are tried
	// again.
	resumePause = 30 * time.Second
)

// wakeQueue knows when which execution must be looked at. An execution that
// waits is an entry of it and nothing else: no goroutine, no timer of its own.
type wakeQueue struct {
	engine *Engine
	kick   chan struct{}
	slots  chan struct{}

	mu    sync.Mutex
	queue wakeHeap
}

type wakeEntry struct {
	at  time.Time
	arn string
}

func newWakeQueue(e *Engine) *wakeQueue {
	return &wakeQueue{engine: e, kick: make(chan struct{}, 1), slots: make(chan struct{}, resumesAtOnce)}
}

// add queues an execution; the zero time is now. An entry that has become
// needless does no harm: the run finds nothing due.
func (q *wakeQueue) add(arn string, at time.Time) {
	q.mu.Lock()
	heap.Push(&q.queue, wakeEntry{at: at, arn: arn})
	first := q.queue[0].arn == arn
	q.mu.Unlock()
	if first {
		select {
		case q.kick <- struct{}{}:
		default:
		}
	}
}

// loop resumes executions when they are due, until the engine ends.
func (q *wakeQueue) loop() {
	e := q.engine
	for {
		pause := q.untilDue()
		if pause != 0 {
			if !q.idle(pause) {
				return
			}
			continue
		}
		// What comes due while all slots are taken goes in one go.
		select {
		case q.slots <- struct{}{}:
		case <-e.root.Done():
			return
		}
		if !e.enter() {
			return
		}
		arns := q.take()
		go func() {
			defer e.active.Done()
			defer func() { <-q.slots }()
			e.resume(arns)
		}()
	}
}

// untilDue is how long the first entry has still to wait; 0: its time has come,
// negative: there is none.
func (q *wakeQueue) untilDue() time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 {
		return -1
	}
	return max(0, q.queue[0].at.Sub(q.engine.clock.Now()))
}

// take takes entries whose time has come.
func (q *wakeQueue) take() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.engine.clock.Now()
	var arns []string
	for len(q.queue) > 0 && len(arns) < resumeBatch && !q.queue[0].at.After(now) {
		entry, _ := heap.Pop(&q.queue).(wakeEntry)
		arns = append(arns, entry.arn)
	}
	return arns
}

func (q *wakeQueue) idle(pause time.Duration) bool {
	var over chan struct{}
	if pause >= 0 {
		over = make(chan struct{})
		timer := q.engine.clock.AfterFunc(pause, func() { close(over) })
		defer timer.Stop()
	}
	select {
	case <-over:
	case <-q.kick:
	case <-q.engine.root.Done():
		return false
	}
	return true
}

// wakeHeap is the heap of container/heap, earliest first.
type wakeHeap []wakeEntry

func (h wakeHeap) Len() int           { return len(h) }
func (h wakeHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h wakeHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }

// Push and Pop are for container/heap only.
func (h *wakeHeap) Push(entry any) {
	if entry, ok := entry.(wakeEntry); ok {
		*h = append(*h, entry)
	}
}

func (h *wakeHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = wakeEntry{}
	*h = old[:len(old)-1]
	return last
}
