package engine

import (
	"errors"
	"slices"
	"time"

	"go.uber.org/zap"
)

// keeper removes what is no longer kept: closed executions past the retention,
// machines that were deleted, revisions that nothing needs. It goes in batches with
// pauses between them, so that it holds up nobody.
type keeper struct {
	engine *Engine
	kick   chan struct{}
	swept  time.Time // when revisions were last looked at
}

const (
	// defaultRetention is how long AWS keeps a closed execution (Developer Guide,
	// "Service quotas").
	defaultRetention = 90 * 24 * time.Hour

	// deletionDelay is how long the ends of executions that ended with their machine
	// are to be seen, at least, and the machine with them. AWS was seen to take 47
	// and 113 s (recording).
	deletionDelay = 30 * time.Second

	// keeperBatch is about how many events go in one transaction.
	keeperBatch = 5_000
	keeperPause = 50 * time.Millisecond
	// longestKeep is the longest that the keeper sleeps: clocks can be set.
	longestKeep  = 24 * time.Hour
	shortestKeep = time.Minute
	// staleRevision is how long after an update its predecessor can go: whoever read
	// it before has begun with it.
	staleRevision = time.Hour
)

func newKeeper(e *Engine) *keeper {
	return &keeper{engine: e, kick: make(chan struct{}, 1)}
}

func (k *keeper) wake() {
	select {
	case k.kick <- struct{}{}:
	default:
	}
}

// loop sweeps until the engine ends.
func (k *keeper) loop() {
	for {
		pause := k.sweep()
		over := make(chan struct{})
		timer := k.engine.clock.AfterFunc(pause, func() { close(over) })
		select {
		case <-over:
		case <-k.kick:
		case <-k.engine.root.Done():
			timer.Stop()
			return
		}
		timer.Stop()
	}
}

// sweep removes what has to go and answers how long to sleep.
func (k *keeper) sweep() time.Duration {
	e := k.engine
	pause := longestKeep
	for _, part := range []func() (time.Duration, error){k.removeMachines, k.prune, k.pruneRevisions} {
		next, err := part()
		switch {
		case errors.Is(err, ErrFenced):
			e.abandon(err)
			return pause
		case err != nil && e.root.Err() == nil:
			e.log.Warn("Engine: what is past its time was not removed", zap.NamedError("error_message", err))
			next = shortestKeep
		}
		pause = min(pause, next)
	}
	return pause
}

// removeMachines removes deleted machines whose executions have closed.
func (k *keeper) removeMachines() (time.Duration, error) {
	e := k.engine
	list, err := e.config.Store.Deleting(e.root, e.now().Add(-deletionDelay))
	if err != nil {
		return 0, err
	}
	pause := longestKeep
	for _, deletion := range list {
		if deletion.Held {
			pause = min(pause, deletionDelay)
		} else if err := k.removeMachine(deletion.ARN); err != nil {
			return 0, err
		}
	}
	return pause, nil
}

// removeIdle removes a machine that is being deleted at once, when nothing runs on it
// and its executions are few. What it cannot do, the loop does.
func (k *keeper) removeIdle(arn string) {
	e := k.engine
	list, err := e.config.Store.Deleting(e.root, e.now().Add(-deletionDelay))
	if err == nil && slices.Contains(list, Deletion{ARN: arn}) {
		if removal, err := k.removeBatch(arn); err == nil && removal.Machine {
			return
		}
	}
	k.wake()
}

func (k *keeper) removeMachine(arn string) error {
	e := k.engine
	for {
		removal, err := k.removeBatch(arn)
		switch {
		case err != nil:
			return err
		case removal.Machine:
			e.log.Info("Engine: state machine deleted", zap.String("state_machine_arn", arn))
			return nil
		case removal.Executions == 0, !e.pause(keeperPause):
			return nil
		}
	}
}

func (k *keeper) removeBatch(arn string) (Removal, error) {
	e := k.engine
	e.programs.change.Lock()
	defer e.programs.change.Unlock()
	removal, err := e.config.Store.RemoveMachine(e.root, e.epoch, arn, keeperBatch)
	if err == nil && removal.Machine {
		e.programs.forget(arn)
	}
	return removal, err
}

// prune removes executions past the retention. A name is free once its execution
// has gone.
func (k *keeper) prune() (time.Duration, error) {
	e := k.engine
	for {
		before := e.now().Add(-e.config.Retention)
		pruned, err := e.config.Store.Prune(e.root, e.epoch, before, keeperBatch)
		if err != nil {
			return 0, err
		}
		if pruned.Executions == 0 {
			if pruned.Oldest == nil {
				return longestKeep, nil
			}
			return min(longestKeep, max(shortestKeep, pruned.Oldest.Sub(before))), nil
		}
		e.log.Info("Engine: executions pruned", zap.Int("executions", pruned.Executions))
		if !e.pause(keeperPause) {
			return longestKeep, nil
		}
	}
}

// pruneRevisions looks once a day: a revision is small.
func (k *keeper) pruneRevisions() (time.Duration, error) {
	e := k.engine
	now := e.now()
	if wait := k.swept.Add(longestKeep).Sub(now); !k.swept.IsZero() && wait > 0 {
		return wait, nil
	}
	if err := e.config.Store.PruneRevisions(e.root, e.epoch, now.Add(-staleRevision)); err != nil {
		return 0, err
	}
	k.swept = now
	return longestKeep, nil
}
