package lambda

import (
	"context"
	"runtime"
	"sync"
)

// processes are those of one function. A call is given one that is free; when none is,
// one more is started and the call gets whichever is free first, as on Lambda.
type processes struct {
	most  int // processes
	start func() (*instance, error)

	mu       sync.Mutex
	calls    int // open
	reserved int // calls that may be open
	running  int // processes, those that start included
	idle     []*instance
	waiting  []chan taken // calls without a process, the first one first; each of one, buffered
}

// taken is a process, or why there is none.
type taken struct {
	*instance
	err error
}

func newProcesses(most int, start func() (*instance, error)) *processes {
	return &processes{most: most, reserved: most, start: start}
}

// enter tells whether one more call may be open; if so it must leave.
func (p *processes) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calls >= p.reserved {
		return false
	}
	p.calls++
	return true
}

func (p *processes) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls--
}

func (p *processes) reserve(calls int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reserved = calls
}

// take gives a process, which must be given back.
func (p *processes) take(ctx context.Context) (*instance, error) {
	p.mu.Lock()
	for len(p.idle) > 0 { // the one that was busy last
		i := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if !i.gone() {
			p.mu.Unlock()
			return i, nil
		}
		p.running--
	}
	turn := make(chan taken, 1)
	p.waiting = append(p.waiting, turn)
	p.more()
	p.mu.Unlock()
	select {
	case t := <-turn:
		return t.instance, t.err
	case <-ctx.Done():
		p.withdraw(turn)
		return nil, ctx.Err()
	}
}

// withdraw ends a wait. What came in the same moment goes to the next.
func (p *processes) withdraw(turn chan taken) {
	p.mu.Lock()
	for n, other := range p.waiting {
		if other == turn {
			p.waiting = append(p.waiting[:n], p.waiting[n+1:]...)
			break
		}
	}
	p.mu.Unlock()
	select {
	case t := <-turn:
		if t.instance != nil {
			p.give(t.instance, !t.gone())
		}
	default:
	}
}

// starting lets as many processes start at a time as this machine has cores. A start is
// all work; beside many others it would take longer than a state waits.
var starting = make(chan struct{}, runtime.NumCPU())

// more starts one process, if there may be another and a call still waits for it when its
// turn comes. p.mu is held.
func (p *processes) more() {
	if p.running >= p.most {
		return
	}
	p.running++
	go func() {
		starting <- struct{}{}
		defer func() { <-starting }()
		if !p.wanted() {
			return
		}
		i, err := p.start()
		p.mu.Lock()
		defer p.mu.Unlock()
		if err != nil {
			p.running--
		}
		if !p.hand(taken{i, err}) && err == nil {
			p.idle = append(p.idle, i)
		}
	}()
}

// wanted tells whether a call waits for a process; if not, none is being started.
func (p *processes) wanted() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.waiting) == 0 {
		p.running--
	}
	return len(p.waiting) > 0
}

// hand gives to the first that waits, if anybody does. p.mu is held.
func (p *processes) hand(t taken) bool {
	if len(p.waiting) == 0 {
		return false
	}
	p.waiting[0] <- t
	p.waiting = p.waiting[1:]
	return true
}

// give takes a process back; one that is not usable is gone.
func (p *processes) give(i *instance, usable bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case !usable:
		p.running--
		if len(p.waiting) > 0 {
			p.more()
		}
	case !p.hand(taken{instance: i}):
		p.idle = append(p.idle, i)
	}
}

// warm starts a process that no call has asked for.
func (p *processes) warm() error {
	i, err := p.start()
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.running++
	p.mu.Unlock()
	p.give(i, !i.gone())
	return nil
}
