package engine_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// A write whose answer is lost again and again is found out, not repeated.
func TestCommit_LostAnswerIsRecognised(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(straight())
		lost := 0
		w.store.Watch(func(commit enginetest.Commit) error {
			if commit.Stage != enginetest.AfterCommit {
				return nil
			}
			if lost++; lost%3 != 0 {
				return errors.New("connection lost") // twice for every write
			}
			return nil
		})
		w.travel(t)
		w.arrived(t)
	})
}

// A database that is away holds executions up and loses none.
func TestCommit_StoreAwayForAMinute(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		w := newWorld(straight())
		var since time.Time
		w.store.Watch(func(commit enginetest.Commit) error {
			if commit.Number < 4 || commit.Stage != enginetest.BeforeCommit {
				return nil
			}
			if since.IsZero() {
				since = time.Now()
			}
			if time.Since(since) < time.Minute {
				return errors.New("connection refused")
			}
			return nil
		})
		w.travel(t)
		w.arrived(t)
	})
}

// One write that the store can never take does not hold up the others.
func TestCommit_RejectedWriteIsIsolated(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		machine := b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Succeed"}`))
		b.store.Watch(func(commit enginetest.Commit) error {
			for _, write := range commit.Writes {
				if write.Record.Name == "poison" {
					return fmt.Errorf("commit: %w", engine.ErrRejected)
				}
			}
			return nil
		})
		var group sync.WaitGroup
		for _, name := range []string{"a", "b", "poison", "c", "d"} {
			group.Go(func() {
				_, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: machine, Name: name})
				if failed := errors.Is(err, engine.ErrRejected); failed != (name == "poison") || (err != nil && !failed) {
					t.Errorf("start %s: got %v", name, err)
				}
			})
		}
		group.Wait()
	})
}
