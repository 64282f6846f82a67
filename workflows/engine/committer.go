package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.uber.org/zap"
)

// errStale says that the store does not hold what the write builds on: a start whose
// name is taken, or a redrive of an execution that was pruned.
var errStale = errors.New("the stored execution is another one")

// maxFlush bounds the writes of one transaction.
const maxFlush = 256

// committer groups the writes of different executions: what queued while one
// transaction ran is the next one. An execution has at most one write queued.
type committer struct {
	engine *Engine

	mu    sync.Mutex
	queue []*commit
	kick  chan struct{}
}

type commit struct {
	write Write
	done  chan struct{}
	seq   int64
	err   error
}

func newCommitter(e *Engine) *committer {
	return &committer{engine: e, kick: make(chan struct{}, 1)}
}

// commit waits until the write is durable, through any failure of the store that
// passes, and answers the execution's Seq.
func (c *committer) commit(write Write) (int64, error) {
	item := &commit{write: write, done: make(chan struct{})}
	c.mu.Lock()
	c.queue = append(c.queue, item)
	c.mu.Unlock()
	select {
	case c.kick <- struct{}{}:
	default:
	}
	select {
	case <-item.done:
		return item.seq, item.err
	case <-c.engine.root.Done():
		return 0, context.Cause(c.engine.root)
	}
}

func (c *committer) loop() {
	for {
		select {
		case <-c.kick:
		case <-c.engine.root.Done():
			return
		}
		for {
			items := c.next()
			if len(items) == 0 {
				break
			}
			if !c.flush(items) {
				return
			}
		}
	}
}

func (c *committer) next() []*commit {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.queue), maxFlush)
	items := c.queue[:n:n]
	c.queue = c.queue[n:]
	if len(c.queue) == 0 {
		c.queue = nil
	}
	return items
}

// The pauses between tries of a store that fails.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 2 * time.Second
)

// flush writes the items, as often as it takes; false: the engine ended. A store
// that failed may have written all the same, which the next try finds out.
func (c *committer) flush(items []*commit) bool {
	e := c.engine
	writes := make([]Write, len(items))
	changed := false
	for i, item := range items {
		writes[i] = item.write
		changed = changed || len(item.write.Changes) > 0
	}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		applied, err := e.config.Store.Commit(e.root, e.epoch, writes)
		if err == nil {
			err = c.deliver(items, applied, pause > firstPause)
		}
		switch {
		case err == nil:
			if changed {
				e.changes.wake()
			}
			return true
		case errors.Is(err, ErrFenced):
			e.abandon(err)
			return false
		case errors.Is(err, ErrRejected):
			return c.isolate(items, err)
		case e.root.Err() != nil:
			return false
		}
		e.log.Warn("Engine: write failed, trying again", zap.Int("executions", len(items)), zap.Int64("pause_ms", pause.Milliseconds()), zap.NamedError("error_message", err))
		if !e.pause(pause) {
			return false
		}
	}
}

// isolate finds the write that the store rejects: the others are not its fault.
func (c *committer) isolate(items []*commit, err error) bool {
	if len(items) == 1 {
		items[0].err = err
		close(items[0].done)
		return true
	}
	half := len(items) / 2
	return c.flush(items[:half]) && c.flush(items[half:])
}

// deliver tells each writer what became of its write.
func (c *committer) deliver(items []*commit, applied []Applied, repeated bool) error {
	if repeated {
		if err := c.recognise(items, applied); err != nil {
			return err
		}
	}
	for i, item := range items {
		item.seq = applied[i].Seq
		if !applied[i].OK {
			item.err = errStale
		}
		close(item.done)
	}
	return nil
}

// recognise finds the writes of an earlier try that were stored though the try
// failed: nobody else writes, so a record that is as the write leaves it is the
// write's.
func (c *committer) recognise(items []*commit, applied []Applied) error {
	var arns []string
	for i, item := range items {
		if !applied[i].OK {
			arns = append(arns, item.write.Record.ARN)
		}
	}
	if len(arns) == 0 {
		return nil
	}
	records, err := c.engine.config.Store.Records(c.engine.root, arns)
	if err != nil {
		return err
	}
	stored := make(map[string]Record, len(records))
	for _, record := range records {
		stored[record.ARN] = record
	}
	for i, item := range items {
		record, ok := stored[item.write.Record.ARN]
		want := item.write.Record
		if ok && !applied[i].OK && record.LastEventID == want.LastEventID &&
			record.StartDate.Equal(want.StartDate) && record.Input == want.Input {
			applied[i] = Applied{OK: true, Seq: record.Seq}
		}
	}
	return nil
}
