package engine

import (
	"sync"
	"time"

	"go.uber.org/zap"
)

// publisher hands status changes from the store to the Bus, oldest first, and
// removes those that the Bus took. One that the Bus refuses stays and does not
// hold up the others; all that stayed are tried again after a growing pause.
type publisher struct {
	engine *Engine
	kick   chan struct{}
}

// publishPage is how many changes are read at a time.
const publishPage = 256

// publishersAtOnce is how many executions' changes are handed over side by side.
// One at a time fell seconds behind 400 executions a second.
const publishersAtOnce = 8

// The pauses before changes that the Bus refused are tried again.
const (
	firstRepublish = time.Second
	lastRepublish  = time.Minute
)

func newPublisher(e *Engine) *publisher {
	return &publisher{engine: e, kick: make(chan struct{}, 1)}
}

func (p *publisher) wake() {
	select {
	case p.kick <- struct{}{}:
	default:
	}
}

func (p *publisher) loop() {
	if p.engine.config.Bus == nil {
		return
	}
	pause := firstRepublish
	after := int64(0) // changes up to here were refused, or are gone
	refused := false
	for {
		last, more, failed := p.publish(after)
		after, refused = last, refused || failed
		if p.engine.root.Err() != nil {
			return
		}
		if more {
			continue
		}
		if !refused {
			pause = firstRepublish
			select {
			case <-p.kick:
			case <-p.engine.root.Done():
				return
			}
			continue
		}
		if !p.retryAfter(pause, &after, &refused) {
			return
		}
		if after == 0 {
			pause = min(2*pause, lastRepublish)
		}
	}
}

// retryAfter waits for new changes or for the pause to pass; the latter begins
// again with the oldest.
func (p *publisher) retryAfter(pause time.Duration, after *int64, refused *bool) bool {
	over := make(chan struct{})
	timer := p.engine.clock.AfterFunc(pause, func() { close(over) })
	defer timer.Stop()
	select {
	case <-p.kick:
	case <-over:
		*after, *refused = 0, false
	case <-p.engine.root.Done():
		return false
	}
	return true
}

// publish hands one page to the Bus. It answers the position of the last change
// seen, whether there may be more, and whether one stayed.
func (p *publisher) publish(after int64) (last int64, more, failed bool) {
	e := p.engine
	page, err := e.config.Store.Changes(e.root, after, publishPage)
	if err != nil {
		if e.root.Err() == nil {
			e.log.Warn("Engine: status changes not read", zap.NamedError("error_message", err))
		}
		return after, false, true
	}
	taken := p.hand(page)
	if len(page) > 0 {
		after = page[len(page)-1].Position
	}
	failed = len(taken) < len(page)
	if len(taken) > 0 {
		if err := e.config.Store.Published(e.root, taken); err != nil {
			failed = true
			if e.root.Err() == nil {
				e.log.Warn("Engine: published status changes not removed", zap.NamedError("error_message", err))
			}
		}
	}
	return after, len(page) == publishPage, failed
}

// hand gives changes to the Bus, those of one execution one after the other and
// of several executions side by side, and answers the positions of the taken.
func (p *publisher) hand(page []PendingChange) []int64 {
	var order []string
	byExecution := map[string][]PendingChange{}
	for _, pending := range page {
		arn := pending.Change.ARN
		if byExecution[arn] == nil {
			order = append(order, arn)
		}
		byExecution[arn] = append(byExecution[arn], pending)
	}
	var mu sync.Mutex
	taken := make([]int64, 0, len(page))
	var running sync.WaitGroup
	places := make(chan struct{}, publishersAtOnce)
	for _, arn := range order {
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			for _, pending := range byExecution[arn] {
				if p.handOne(pending) {
					mu.Lock()
					taken = append(taken, pending.Position)
					mu.Unlock()
				}
			}
		})
	}
	running.Wait()
	return taken
}

// handOne gives one change to the Bus; false when it was not taken.
func (p *publisher) handOne(pending PendingChange) bool {
	e := p.engine
	err := e.config.Bus.Publish(e.root, pending.Change)
	if err != nil && e.root.Err() == nil {
		e.log.Warn("Engine: status change not published",
			zap.String("execution_arn", pending.Change.ARN), zap.String("event_id", pending.Change.ID), zap.NamedError("error_message", err))
	}
	return err == nil
}
