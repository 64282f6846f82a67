package local

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/states"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// scheduler is EventBridge Scheduler for one machine: it starts executions by the
// schedules of package states. A schedule that says so runs once more at the start
// of the program, because nobody ran it while the program was down. Runs that were
// due while the computer slept are left out but for the next one.
type scheduler struct {
	start func(ctx context.Context, in engine.StartInput) (engine.StartOutput, error)
	log   *zap.Logger

	// now and after are the clock; after gives the time once d has passed.
	now   func() time.Time
	after func(d time.Duration) <-chan time.Time
}

func newScheduler(start func(ctx context.Context, in engine.StartInput) (engine.StartOutput, error), log *zap.Logger) scheduler {
	return scheduler{start: start, log: log, now: time.Now, after: time.After}
}

// timetable is a schedule with its expression read.
type timetable struct {
	states.Schedule
	period time.Duration
}

// timetables reads the expressions. It refuses one that it cannot run.
func timetables(schedules []states.Schedule) ([]timetable, error) {
	tables := make([]timetable, len(schedules))
	for i, s := range schedules {
		period, err := rate(s.Expression)
		if err != nil {
			return nil, fmt.Errorf("schedule %s: %w", s.Name, err)
		}
		tables[i] = timetable{s, period}
	}
	return tables, nil
}

var rateExpression = regexp.MustCompile(`^rate\(([1-9][0-9]{0,5}) (minute|hour|day)s?\)$`)

// rate reads rate(n minutes|hours|days).
func rate(expression string) (time.Duration, error) {
	m := rateExpression.FindStringSubmatch(expression)
	if m == nil {
		return 0, fmt.Errorf("expression %q: the local program runs rate(n minutes), rate(n hours) and rate(n days) only; cron(…) and at(…) run in AWS alone", expression)
	}
	n, err := strconv.Atoi(m[1])
	if err != nil { // six digits at most
		return 0, err
	}
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[m[2]]
	return time.Duration(n) * unit, nil
}

// run runs every schedule until ctx ends.
func (s scheduler) run(ctx context.Context, tables []timetable) {
	var running sync.WaitGroup
	for _, table := range tables {
		running.Go(func() { s.follow(ctx, table) })
	}
	running.Wait()
}

// follow runs one schedule: at once where it says so, then each period after that
// moment.
func (s scheduler) follow(ctx context.Context, table timetable) {
	due := s.now()
	if table.AtStart != nil {
		s.begin(ctx, table, due, table.AtStart)
	}
	for {
		due = due.Add(table.period)
		if late := s.now().Sub(due); late > 0 {
			due = due.Add(late.Truncate(table.period))
		}
		select {
		case <-ctx.Done():
			return
		case <-s.after(due.Sub(s.now())):
			s.begin(ctx, table, due, table.Input)
		}
	}
}

// begin starts one run, under a name of its own. A failure is logged; the next run
// is tried all the same.
func (s scheduler) begin(ctx context.Context, table timetable, due time.Time, input states.Template) {
	due = due.UTC().Truncate(time.Millisecond)
	started, err := s.start(ctx, engine.StartInput{
		StateMachineARN: machineARN(table.Machine),
		Name:            table.Name + "-" + due.Format("20060102T150405") + fmt.Sprintf("-%03d", due.Nanosecond()/int(time.Millisecond)),
		Input:           input.At(due.Format(time.RFC3339)),
	})
	switch {
	case err == nil:
		s.log.Info("Scheduler: started", zap.String("schedule", table.Name), zap.String("execution_arn", started.ExecutionARN))
	case ctx.Err() == nil:
		s.log.Error("Scheduler: not started; tried again at the next time",
			zap.String("schedule", table.Name), zap.NamedError("error_message", err))
	}
}
