package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// skewed is a clock that is off by a fixed time, as a host without NTP has.
type skewed struct {
	engine.SystemClock
	by time.Duration
}

func (c skewed) Now() time.Time { return c.SystemClock.Now().Add(c.by) }

// A wait costs no time in a test: a machine that waits for 30 days is made, started and
// ended in a millisecond of the wall's. The machine that runs this may be busy: one of
// many tries must show it.
func TestEngine_ThirtyDaysTakeAMillisecond(t *testing.T) {
	best := time.Hour
	for try := 0; try < 500 && best > time.Millisecond; try++ {
		began := time.Now()
		out := enginetest.Play(t, enginetest.Scenario{
			Type: engine.Standard, Definition: states(`"A": {"Type": "Wait", "Seconds": 2592000, "End": true}`), Input: "{}",
		})
		best = min(best, time.Since(began))
		if out.Took != 30*24*time.Hour {
			t.Fatalf("the execution took %s", out.Took)
		}
	}
	if best > time.Millisecond {
		t.Errorf("30 days took %s", best)
	}
}

func TestEngine_WrongClockShiftsHistoriesAndNoPause(t *testing.T) {
	t.Parallel()
	for name, by := range map[string]time.Duration{"behind": -10 * time.Minute, "ahead": 10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { playSkewed(t, by) })
		})
	}
}

func playSkewed(t *testing.T, by time.Duration) {
	t.Helper()
	ctx := t.Context()
	e, err := engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(),
		Invoker: enginetest.NewScript(nil), Clock: skewed{by: by},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = e.Close(context.WithoutCancel(ctx)) }()
	machine, err := e.CreateStateMachine(ctx, engine.CreateInput{
		Name: "m", Type: engine.Standard, RoleARN: "arn:aws:iam::" + enginetest.Account + ":role/m",
		Definition: `{"QueryLanguage":"JSONata","StartAt":"W","States":{"W":{"Type":"Wait","Seconds":90,"End":true}}}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	started, err := e.StartExecution(ctx, engine.StartInput{StateMachineARN: machine.ARN})
	if err != nil {
		t.Fatal(err)
	}
	execution := enginetest.Settle(ctx, t, e, started.ExecutionARN)
	if took := execution.StopDate.Sub(execution.StartDate); took != 90*time.Second {
		t.Errorf("the wait of 90 s took %s", took)
	}
	if off := execution.StartDate.Sub(began).Round(time.Second); off != by {
		t.Errorf("the history is off by %s, the clock by %s", off, by)
	}
}
