package engine_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// deaf is an Invoker whose first call does not end with its context: it answers
// "late" once it is let go. Later calls answer "again".
type deaf struct {
	letGo chan struct{}

	mu    sync.Mutex
	calls []context.Context //nolint:containedctx // of the calls, to see how they end
}

func (d *deaf) Invoke(ctx context.Context, _ string, _ []byte) (engine.Result, error) {
	d.mu.Lock()
	d.calls = append(d.calls, ctx)
	first := len(d.calls) == 1
	d.mu.Unlock()
	if !first {
		return engine.Result{Payload: []byte(`"again"`)}, nil
	}
	<-d.letGo
	return engine.Result{Payload: []byte(`"late"`)}, nil
}

func TestExpress_GoesOnWithoutACallThatDoesNotEnd(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		invoker := &deaf{letGo: make(chan struct{})}
		b := startWith(t, enginetest.NewStore(), invoker, &bus{})
		machine := b.create(t, "machine", engine.Express,
			lambda(`"TimeoutSeconds": 2, "Retry": [{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 3}],`))
		out, err := b.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: machine, Input: `{}`})
		if err != nil || out.Status != engine.Succeeded || out.Output != `"again"` || out.StopDate.Sub(out.StartDate) != 5*time.Second {
			t.Errorf("got %+v, %v, want the second attempt's answer after 5 s", out, err)
		}
		if cause := context.Cause(invoker.calls[0]); !errors.Is(cause, engine.ErrTaskEnded) {
			t.Errorf("the first call's context ended with %v, want ErrTaskEnded", cause)
		}
		close(invoker.letGo) // nobody waits for it: the test ends only if its goroutine does
		synctest.Wait()
		if len(invoker.calls) != 2 {
			t.Errorf("calls: got %d, want 2", len(invoker.calls))
		}
	})
}

func TestExpress_IsGivenUpWithACallThatDoesNotEnd(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		invoker := &deaf{letGo: make(chan struct{})}
		b := startWith(t, enginetest.NewStore(), invoker, &bus{})
		machine := b.create(t, "machine", engine.Express, lambda(""))
		given := make(chan error, 2)
		go func() {
			_, err := b.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: machine})
			given <- err
		}()
		synctest.Wait()
		b.kill()
		if err := <-given; !errors.Is(err, engine.ErrClosed) {
			t.Errorf("the caller got %v, want ErrClosed", err)
		}
		if len(invoker.calls) != 1 || invoker.calls[0].Err() == nil {
			t.Error("the call's context did not end with the engine")
		}
		close(invoker.letGo)
	})
}

// hasty is a clock that jumps to the end of a timer as soon as it is set, and has run
// the timer's function before the one who sets it goes on.
type hasty struct {
	ahead atomic.Int64
	armed atomic.Bool
}

func (c *hasty) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *hasty) AfterFunc(d time.Duration, f func()) engine.Timer {
	if !c.armed.Load() {
		return time.AfterFunc(d, f)
	}
	c.ahead.Add(int64(d))
	ran := make(chan struct{})
	go func() {
		f()
		close(ran)
	}()
	<-ran
	return time.NewTimer(0)
}

// The timer that would end the call comes before the call is made: nothing else would
// ever end it.
func TestExpress_SeesATimerThatIsOverBeforeTheCall(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		clock := &hasty{}
		script := enginetest.NewScript(map[string][]enginetest.Answer{"A": {{Hang: true}}})
		e, err := engine.New(engine.Config{
			Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(), Invoker: script, Clock: clock,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = e.Close(context.WithoutCancel(t.Context())) }()
		machine, err := e.CreateStateMachine(t.Context(), engine.CreateInput{
			Name: "m", Type: engine.Express, Definition: lambda(""), RoleARN: "arn:aws:iam::" + enginetest.Account + ":role/m",
		})
		if err != nil {
			t.Fatal(err)
		}
		clock.armed.Store(true)
		out, err := e.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: machine.ARN})
		clock.armed.Store(false)
		if err != nil || out.Status != engine.TimedOut || out.StopDate.Sub(out.StartDate) < 5*time.Minute {
			t.Errorf("got %+v, %v, want TIMED_OUT", out, err)
		}
		if calls := script.Calls(); len(calls) != 0 {
			t.Errorf("a call was made whose time was over: %+v", calls)
		}
	})
}

// An answer that comes at the moment of the timeout is taken or not, and either way
// the execution ends, once.
func TestExpress_EndsWhenAnswerAndTimeoutComeAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Result: `1`, Delay: 2 * time.Second}}})
		machine := b.create(t, "machine", engine.Express, lambda(`"TimeoutSeconds": 2,`))
		var group sync.WaitGroup
		for range 200 {
			group.Go(func() {
				out, err := b.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: machine})
				timedOut := out.Status == engine.Failed && out.Error != nil && *out.Error == "States.Timeout"
				if err != nil || out.Status != engine.Succeeded && !timedOut || out.StopDate.Sub(out.StartDate) != 2*time.Second {
					t.Errorf("got %+v, %v", out, err)
				}
			})
		}
		group.Wait()
		if calls := b.script.Calls(); len(calls) != 200 {
			t.Errorf("calls: got %d, want 200", len(calls))
		}
	})
}
