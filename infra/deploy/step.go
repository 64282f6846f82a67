package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrRefused is wrapped by what is not done as things stand: nothing was changed.
var ErrRefused = errors.New("refused")

func refuse(format string, values ...any) error {
	return fmt.Errorf("%w: %w", ErrRefused, fmt.Errorf(format, values...))
}

// Failure is a step that stopped a command, and the next thing to do.
type Failure struct {
	Step string
	Err  error
	Next string
}

func (f *Failure) Error() string {
	return fmt.Sprintf("%s: %v\nNext: %s", f.Step, f.Err, f.Next)
}

func (f *Failure) Unwrap() error { return f.Err }

// step is one part of a command.
type step struct {
	name string
	do   func(context.Context) error
	next string // what to do when it fails
}

// run does the steps that the journal does not have yet, in order, and writes each
// into it. A step that stopped half-way is done again from its beginning: each is
// idempotent.
func (s *Session) run(ctx context.Context, j *journal, steps []step) error {
	for i, st := range steps {
		at := fmt.Sprintf("%d/%d %s", i+1, len(steps), st.name)
		if slices.Contains(j.Done, st.name) {
			s.tell("%s: done before", at)
			continue
		}
		s.tell("%s", at)
		if err := st.do(ctx); err != nil {
			return st.failed(err)
		}
		j.Done = append(j.Done, st.name)
		if err := s.saveJournal(ctx, j); err != nil {
			return &Failure{Step: st.name, Err: err, Next: "run the same command again; the step is repeated, which harms nothing"}
		}
	}
	return nil
}

// all joins several faults into one sentence each.
func all(faults []string) error {
	if len(faults) == 0 {
		return nil
	}
	return errors.New(strings.Join(faults, "; "))
}
