package engine

import (
	"container/heap"
	"sync"
	"time"
)

// maxResuming bounds how many executions are read and folded at a time.
const maxResuming = 64

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
	return &wakeQueue{engine: e, kick: make(chan struct{}, 1), slots: make(chan struct{}, maxResuming)}
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
		arn, pause := q.due()
		if arn != "" {
			select {
			case q.slots <- struct{}{}:
			case <-e.root.Done():
				return
			}
			if !e.enter() {
				return
			}
			go func() {
				defer e.active.Done()
				defer func() { <-q.slots }()
				e.resume(arn)
			}()
			continue
		}
		if !q.idle(pause) {
			return
		}
	}
}

// due takes the first entry whose time has come, or answers how long the first
// one has still to wait; negative: there is none.
func (q *wakeQueue) due() (arn string, pause time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.queue) == 0 {
		return "", -1
	}
	if pause = q.queue[0].at.Sub(q.engine.clock.Now()); pause > 0 {
		return "", pause
	}
	entry, _ := heap.Pop(&q.queue).(wakeEntry)
	return entry.arn, 0
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
