package local

import (
	"context"
	"sync"
	"time"
)

// functionTimeout is the longest that a function of ours may run. Each sets
// shorter limits itself; this one is for a defect.
const functionTimeout = 30 * time.Second

// inFlight is the invocations that run. They outlive their callers, not the
// program. The zero value is ready.
type inFlight struct {
	mu      sync.Mutex
	ended   bool
	last    int
	cancels map[int]context.CancelFunc
	running sync.WaitGroup
}

// run starts f in a goroutine of its own, with the values of ctx but not its
// end. False: the program is ending and f was not started.
func (i *inFlight) run(ctx context.Context, f func(ctx context.Context)) bool {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), functionTimeout)
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.ended {
		cancel()
		return false
	}
	if i.cancels == nil {
		i.cancels = map[int]context.CancelFunc{}
	}
	i.last++
	id := i.last
	i.cancels[id] = cancel
	i.running.Go(func() {
		defer i.done(id)
		f(own)
	})
	return true
}

func (i *inFlight) done(id int) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.cancels[id]()
	delete(i.cancels, id)
}

// end cancels what runs, refuses what comes, and waits.
func (i *inFlight) end() {
	i.mu.Lock()
	i.ended = true
	for _, cancel := range i.cancels {
		cancel()
	}
	i.mu.Unlock()
	i.running.Wait()
}
