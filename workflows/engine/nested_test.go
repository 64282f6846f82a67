package engine_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

const syncResource = "arn:aws:states:::states:startExecution.sync:2"

// waiting is a child that ends by itself after a minute, with its input as output.
const waiting = `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {` + waits + `}}`

func job(t *testing.T, b *testBundle) engine.Job {
	t.Helper()
	integration, ok := b.IntegrationOf(syncResource)
	if !ok {
		t.Fatalf("no integration for %s", syncResource)
	}
	return integration.(engine.Job)
}

func value(t *testing.T, text string) any {
	t.Helper()
	read, err := asl.ParseJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func text(value any) string { return string(asl.AppendJSON(nil, value)) }

// attempt is attempt n of a task of the execution parent:1 with these arguments.
func attempt(t *testing.T, id int64, arguments string) engine.TaskCall {
	t.Helper()
	return engine.TaskCall{
		ExecutionARN: arnBase + "execution:parent:1", State: "A", ID: id, Started: time.Now().UTC(), Arguments: value(t, arguments),
	}
}

func submit(t *testing.T, b *testBundle, call engine.TaskCall) any {
	t.Helper()
	submitted, err := job(t, b).Run(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	return submitted
}

func childARN(t *testing.T, submitted any) string {
	t.Helper()
	arn, _ := submitted.(*asl.Object).Get("ExecutionArn")
	return arn.(string)
}

// The members, their order and the form of the dates are those of a recording
// (radkawar/stackd, task_integrations.json, 2026-09-23).
func TestNested_SubmittedAndResult(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		child := b.create(t, "child", engine.Standard, waiting)
		call := attempt(t, 4, `{"StateMachineArn": "`+child+`", "Name": "lead-1", "Input": {"from": "sync:2", "nullable": null}}`)
		submitted := submit(t, b, call)
		want := `{"ExecutionArn":"` + arnBase + `execution:child:lead-1",` +
			`"SdkHttpMetadata":{"AllHttpHeaders":{"x-amzn-RequestId":["ID"],"connection":["keep-alive"],"Content-Length":["102"],"Date":["Sat, 01 Jan 2000 00:00:00 GMT"],"Content-Type":["application/x-amz-json-1.0"]},` +
			`"HttpHeaders":{"connection":"keep-alive","Content-Length":"102","Content-Type":"application/x-amz-json-1.0","Date":"Sat, 01 Jan 2000 00:00:00 GMT","x-amzn-RequestId":"ID"},"HttpStatusCode":200},` +
			`"SdkResponseMetadata":{"RequestId":"ID"},"StartDate":946684800000}`
		if got := withoutIDs(text(submitted)); got != want {
			t.Errorf("submitted:\n got %s\nwant %s", got, want)
		}
		result, name, cause := b.AwaitJob(t.Context(), job(t, b), call, submitted)
		want = `{"ExecutionArn":"` + arnBase + `execution:child:lead-1","Input":{"from":"sync:2","nullable":null},"InputDetails":{"Included":true},"Name":"lead-1",` +
			`"Output":{"from":"sync:2","nullable":null},"OutputDetails":{"Included":true},"RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE",` +
			`"RedriveStatusReason":"Execution is SUCCEEDED and cannot be redriven","StartDate":946684800000,"StateMachineArn":"` + child + `","Status":"SUCCEEDED","StopDate":946684860000}`
		if name != "" || text(result) != want {
			t.Errorf("result: got %s %s\n%s\nwant\n%s", name, cause, text(result), want)
		}
		if b.Waiting() != 0 {
			t.Errorf("waiters left: %d", b.Waiting())
		}
	})
}

// withoutIDs writes every id that the bundle made as "ID".
func withoutIDs(s string) string {
	return regexp.MustCompile(`00000000-0000-4000-8000-[0-9]{12}`).ReplaceAllString(s, "ID")
}

// A child that does not succeed fails the task under one name, and its description
// is the cause, with texts as input and output (floci-io/floci, measured 2026-09-29).
func TestNested_ChildThatDoesNotSucceedFailsTheTask(t *testing.T) {
	tail := `"ExecutionArn":"` + arnBase + `execution:child:run-1","Input":"{\"k\":1}","InputDetails":{"Included":true},"Name":"run-1",` +
		`"RedriveCount":0,"RedriveStatus":"REDRIVABLE","StartDate":946684800000,"StateMachineArn":"` + arnBase + `stateMachine:child",`
	tests := []struct{ name, child, stop, want string }{
		{"failed", states(`"A": {"Type": "Fail", "Error": "Boom", "Cause": "custom"}`), "", `{"Cause":"custom","Error":"Boom",` + tail + `"Status":"FAILED","StopDate":946684800000}`},
		{"failed without a cause", states(`"A": {"Type": "Fail", "Error": "States.Timeout"}`), "", `{"Error":"States.Timeout",` + tail + `"Status":"FAILED","StopDate":946684800000}`},
		{"timed out", strings.Replace(waiting, `{`, `{"TimeoutSeconds": 5, `, 1), "", `{` + tail + `"Status":"TIMED_OUT","StopDate":946684805000}`},
		{"aborted", waiting, "ManualStop", `{"Error":"ManualStop",` + tail + `"Status":"ABORTED","StopDate":946684801000}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := setup(t, nil)
				child := b.create(t, "child", engine.Standard, test.child)
				call := attempt(t, 4, `{"StateMachineArn": "`+child+`", "Name": "run-1", "Input": {"k": 1}}`)
				submitted := submit(t, b, call)
				if test.stop != "" {
					time.AfterFunc(time.Second, func() {
						_, _ = b.StopExecution(context.Background(), engine.StopInput{ExecutionARN: childARN(t, submitted), Error: &test.stop})
					})
				}
				_, name, cause := b.AwaitJob(t.Context(), job(t, b), call, submitted)
				if name != "States.TaskFailed" || cause != test.want {
					t.Errorf("got %s\n%s\nwant States.TaskFailed\n%s", name, cause, test.want)
				}
			})
		})
	}
}

// After a restart Await is called with what Run answered: the child may have closed
// meanwhile.
func TestNested_ChildThatClosedBeforeIsFound(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		child := b.create(t, "child", engine.Standard, waiting)
		call := attempt(t, 4, `{"StateMachineArn": "`+child+`"}`)
		submitted := submit(t, b, call)
		b.settle(t, childARN(t, submitted))
		before := time.Now()
		result, name, _ := b.AwaitJob(t.Context(), job(t, b), call, value(t, text(submitted)))
		if name != "" || result == nil || time.Since(before) != 0 {
			t.Errorf("got %v %s after %v", result, name, time.Since(before))
		}
	})
}

// The parent is told how the child closed, whatever becomes of the child after that.
func TestNested_ChildRedrivenAtOnceHasClosedAllTheSame(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Error: "E", Delay: time.Minute}, {Hang: true}}})
		child := b.create(t, "child", engine.Standard, lambda(""))
		call := attempt(t, 4, `{"StateMachineArn": "`+child+`", "Name": "x"}`)
		submitted := submit(t, b, call)
		failed := make(chan string, 1)
		go func() {
			_, name, cause := b.AwaitJob(context.Background(), job(t, b), call, submitted)
			failed <- name + " " + cause
		}()
		b.settle(t, childARN(t, submitted))
		redrive(t, b, childARN(t, submitted), "")
		synctest.Wait()
		if got := <-failed; !strings.HasPrefix(got, "States.TaskFailed ") || !strings.Contains(got, `"Status":"FAILED"`) {
			t.Errorf("got %s", got)
		}
	})
}

// A task that ended takes its child with it; an engine that ends does not.
func TestNested_EndOfTheWaiting(t *testing.T) {
	for name, c := range map[string]struct {
		cause error
		want  engine.Status
		why   string
	}{
		"task ended": {
			engine.ErrTaskEnded, engine.Aborted,
			"The Task state in AWS Step Functions execution [" + arnBase + "execution:parent:1] which was managing this resource was aborted",
		},
		"engine ended": {engine.ErrClosed, engine.Running, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := setup(t, nil)
				child := b.create(t, "child", engine.Standard, waiting)
				call := attempt(t, 4, `{"StateMachineArn": "`+child+`"}`)
				submitted := submit(t, b, call)
				ctx, cancel := context.WithCancelCause(t.Context())
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					b.AwaitJob(ctx, job(t, b), call, submitted)
				}()
				synctest.Wait()
				if b.Waiting() != 1 {
					t.Errorf("waiters: got %d, want 1", b.Waiting())
				}
				cancel(c.cause)
				<-ended
				got, err := b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: childARN(t, submitted)})
				if err != nil || got.Status != c.want || got.Error != nil {
					t.Errorf("child: got %+v, %v; want %s", got, err, c.want)
				}
				if why := got.Cause; (why == nil) != (c.why == "") || (why != nil && *why != c.why) {
					t.Errorf("child: got cause %v, want %q", why, c.why)
				}
				if b.Waiting() != 0 {
					t.Errorf("waiters left: %d", b.Waiting())
				}
			})
		})
	}
}

// A child that is started while its task ends is stopped: nobody waits for it.
func TestNested_ChildStartedForNobodyIsStopped(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		child := b.create(t, "child", engine.Standard, waiting)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(engine.ErrTaskEnded)
		_, _ = job(t, b).Run(context.WithoutCancel(ctx), attempt(t, 3, `{"StateMachineArn": "`+child+`", "Name": "kept"}`))
		_, _ = job(t, b).Run(ctx, attempt(t, 4, `{"StateMachineArn": "`+child+`", "Name": "x"}`))
		for name, want := range map[string]engine.Status{"kept": engine.Running, "x": engine.Aborted} {
			got, err := b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: arnBase + "execution:child:" + name})
			if err != nil || got.Status != want {
				t.Errorf("child %s: got %+v, %v; want %s", name, got, err, want)
			}
		}
	})
}

// A database that is away does not fail the parent: the child's end is seen later.
func TestNested_StoreAwayWhileWaiting(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		store := enginetest.NewStore()
		away := &awayStore{Store: store}
		b := startStore(t, away)
		child := b.create(t, "child", engine.Standard, waiting)
		call := attempt(t, 4, `{"StateMachineArn": "`+child+`"}`)
		submitted := submit(t, b, call)
		b.settle(t, childARN(t, submitted))
		away.down.Store(true)
		time.AfterFunc(time.Minute, func() { away.down.Store(false) })
		result, name, cause := b.AwaitJob(t.Context(), job(t, b), call, submitted)
		if name != "" || result == nil {
			t.Errorf("got %v %s %s", result, name, cause)
		}
	})
}

// awayStore is a store whose records cannot be read while it is down.
type awayStore struct {
	engine.Store
	down atomic.Bool
}

func (s *awayStore) Records(ctx context.Context, arns []string) ([]engine.Record, error) {
	if s.down.Load() {
		return nil, errors.New("connection refused")
	}
	return s.Store.Records(ctx, arns)
}

func startStore(t *testing.T, store engine.Store) *testBundle {
	t.Helper()
	e, err := engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: store, Invoker: enginetest.NewScript(nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	return &testBundle{Engine: e}
}

func TestNested_Refusals(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		child := b.create(t, "child", engine.Standard, waiting)
		b.start(t, child, "taken", "{}")
		express := b.create(t, "express", engine.Express, waiting)
		for name, c := range map[string]struct{ arguments, name, cause string }{
			"name taken": {
				`{"StateMachineArn": "` + child + `", "Name": "taken", "Input": {"other": 1}}`, "StepFunctions.ExecutionAlreadyExistsException",
				"Execution Already Exists: '" + arnBase + "execution:child:taken' (Service: AWSStepFunctions; Status Code: 400; Error Code: ExecutionAlreadyExists; Request ID: ID; Proxy: null)",
			},
			"no such machine": {
				`{"StateMachineArn": "` + child + `y"}`, "StepFunctions.StateMachineDoesNotExistException",
				"State Machine Does Not Exist: '" + child + "y' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: ID; Proxy: null)",
			},
			"name too long": {
				`{"StateMachineArn": "` + child + `", "Name": "` + strings.Repeat("x", 81) + `"}`, "StepFunctions.ValidationException",
				"1 validation error detected: Value '" + strings.Repeat("x", 81) + "' at 'name' failed to satisfy constraint: Member must have length less than or equal to 80 (Service: AWSStepFunctions; Status Code: 400; Error Code: ValidationException; Request ID: ID; Proxy: null)",
			},
			"no ARN": {
				`{"StateMachineArn": "x"}`, "StepFunctions.InvalidArnException",
				"Invalid Arn: 'Invalid ARN prefix: x' (Service: AWSStepFunctions; Status Code: 400; Error Code: InvalidArn; Request ID: ID; Proxy: null)",
			},
		} {
			_, err := job(t, b).Run(t.Context(), attempt(t, 4, c.arguments))
			var failed *engine.TaskError
			if !errors.As(err, &failed) || failed.Name != c.name || withoutIDs(failed.Cause) != c.cause {
				t.Errorf("%s: got %v\nwant %s: %s", name, err, c.name, c.cause)
			}
		}
		// An Express execution cannot be described.
		call := attempt(t, 4, `{"StateMachineArn": "`+express+`"}`)
		_, name, cause := b.AwaitJob(t.Context(), job(t, b), call, submit(t, b, call))
		if name != "StepFunctions.InvalidArnException" || !strings.HasPrefix(cause, "Invalid Arn: 'Resource type not valid in this context: express'") {
			t.Errorf("express child: got %s %s", name, cause)
		}
		_, name, _ = b.AwaitJob(t.Context(), job(t, b), call, value(t, `{"ExecutionArn":"`+arnBase+`execution:child:gone"}`))
		if name != "StepFunctions.ExecutionDoesNotExistException" {
			t.Errorf("child that is gone: got %s", name)
		}
	})
}

func TestNested_Input(t *testing.T) {
	for name, c := range map[string]struct{ member, want string }{
		"absent":               {``, `{}`},
		"null":                 {`, "Input": null`, `{}`},
		"object":               {`, "Input": {"b": 2, "a": [1, null]}`, `{"b":2,"a":[1,null]}`},
		"number":               {`, "Input": 7`, `7`},
		"text that is JSON":    {`, "Input": "{\"a\": 1}"`, `{"a": 1}`},
		"text that is no JSON": {`, "Input": "hello"`, `"hello"`},
		"empty text":           {`, "Input": ""`, `""`},
		"link to the parent":   {`, "Input": {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "arn"}`, `{"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID":"arn"}`},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := setup(t, nil)
				child := b.create(t, "child", engine.Standard, waiting)
				submitted := submit(t, b, attempt(t, 4, `{"StateMachineArn": "`+child+`"`+c.member+`}`))
				got, err := b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: childARN(t, submitted)})
				if err != nil || got.Input != c.want {
					t.Errorf("got %q, %v; want %q", got.Input, err, c.want)
				}
			})
		})
	}
}

// An engine that ended between a start and its record makes the attempt again.
func TestNested_RepeatedAttemptStartsOneChild(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		child := b.create(t, "child", engine.Standard, waiting)
		children := func() int {
			page, err := b.ListExecutions(t.Context(), engine.ListInput{StateMachineARN: child})
			if err != nil {
				t.Fatal(err)
			}
			return len(page.Executions)
		}
		unnamed := attempt(t, 4, `{"StateMachineArn": "`+child+`"}`)
		named := attempt(t, 9, `{"StateMachineArn": "`+child+`", "Name": "lead-1"}`)
		first, other := submit(t, b, unnamed), submit(t, b, named)
		unnamed.Repeated, named.Repeated = true, true
		for range 2 { // while they run, and closed
			if got := submit(t, b, unnamed); childARN(t, got) != childARN(t, first) {
				t.Errorf("without a name: got %s, want %s", childARN(t, got), childARN(t, first))
			}
			if got := submit(t, b, named); childARN(t, got) != childARN(t, other) {
				t.Errorf("with a name: got %s, want %s", childARN(t, got), childARN(t, other))
			}
			b.settle(t, childARN(t, first))
			b.settle(t, childARN(t, other))
		}
		if n := children(); n != 2 {
			t.Errorf("children: got %d, want 2", n)
		}
		next := unnamed
		next.ID = 12 // a retry is another attempt
		if got := submit(t, b, next); childARN(t, got) == childARN(t, first) {
			t.Error("a retry found the child of the attempt before")
		}
	})
}

// Only what the attempt itself can have started is taken for its own.
func TestNested_RepeatedAttemptTakesNoOthersChild(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		child := b.create(t, "child", engine.Standard, waiting)
		b.settle(t, b.start(t, child, "before", "{}"))
		b.settle(t, b.start(t, child, "other", `{"other":1}`))
		time.Sleep(time.Second)
		for _, name := range []string{"before", "other"} {
			call := attempt(t, 4, `{"StateMachineArn": "`+child+`", "Name": "`+name+`"}`)
			if name == "other" {
				call.Started = time.Time{}
			}
			call.Repeated = true
			if _, err := job(t, b).Run(t.Context(), call); err == nil || !strings.HasPrefix(err.Error(), "StepFunctions.ExecutionAlreadyExistsException") {
				t.Errorf("%s: got %v", name, err)
			}
		}
		call := attempt(t, 4, `{"StateMachineArn": "`+child+`", "Name": "mine"}`)
		b.settle(t, childARN(t, submit(t, b, call)))
		if _, err := job(t, b).Run(t.Context(), call); err == nil || !strings.HasPrefix(err.Error(), "StepFunctions.ExecutionAlreadyExistsException") {
			t.Errorf("an attempt that is not repeated: got %v", err)
		}
	})
}
