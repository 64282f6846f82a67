package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

func redrive(t *testing.T, b *testBundle, arn, token string) engine.RedriveOutput {
	t.Helper()
	out, err := b.RedriveExecution(t.Context(), engine.RedriveInput{ExecutionARN: arn, ClientToken: token})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// As in a recording of AWS: the new attempt follows the state's entry, the redrive the
// failure; ids go on.
func TestRedrive_TaskIsScheduledAgainFromItsEntry(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {failE, failE, failE, {Result: `{"ok":true}`}}})
		machine := b.create(t, "machine", engine.Standard, lambda(`"Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 1}],`))
		arn := b.start(t, machine, "x", `{"id":1}`)
		if got := b.settle(t, arn); got.Status != engine.Failed || got.RedriveStatus != "REDRIVABLE" || got.RedriveStatusReason != nil {
			t.Fatalf("before: got %+v", got)
		}
		at := redrive(t, b, arn, "").RedriveDate
		got := b.settle(t, arn)
		if got.Status != engine.Succeeded || got.RedriveCount != 1 || !got.RedriveDate.Equal(at) || got.Error != nil ||
			*got.RedriveStatusReason != "Execution is SUCCEEDED and cannot be redriven" {
			t.Errorf("after: got %+v", got)
		}
		sameHistory(t, b.history(t, arn), entered1+`3 p2 `+scheduledA+`4 p3 `+startedA+`5 p4 `+failedE+
			`6 p5 `+scheduledA+`7 p6 `+startedA+`8 p7 `+failedE+`9 p8 `+executionFailedE+`
			10 p9 ExecutionRedriven {"redriveCount":1}
			11 p2 `+scheduledA+`12 p11 `+startedA+`13 p12 `+failedE+`
			14 p13 `+scheduledA+`15 p14 `+startedA+`
			16 p15 TaskSucceeded …
			17 p16 TaskStateExited {"name":"A","output":"{\"ok\":true}","outputDetails":{"truncated":false}}
			18 p17 ExecutionSucceeded {"output":"{\"ok\":true}","outputDetails":{"truncated":false}}`)
	})
}

func TestRedrive_FailStateFailsAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {failE}})
		machine := b.create(t, "machine", engine.Standard, strings.Replace(
			lambda(`"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}],`),
			`"Z": {"Type": "Pass", "End": true}`, `"Z": {"Type": "Fail", "Error": "E", "Cause": "c"}`, 1))
		arn := b.start(t, machine, "x", `{"id":1}`)
		b.settle(t, arn)
		redrive(t, b, arn, "")
		got := b.settle(t, arn)
		if got.Status != engine.Failed || got.RedriveCount != 1 || got.RedriveStatus != "REDRIVABLE" {
			t.Errorf("after: got %+v", got)
		}
		events := b.history(t, arn)
		sameHistory(t, events[6:], `
			7 p6 FailStateEntered {"name":"Z",…
			8 p7 ExecutionFailed {"error":"E","cause":"c"}
			9 p8 ExecutionRedriven {"redriveCount":1}
			10 p9 ExecutionFailed {"error":"E","cause":"c"}`)
	})
}

// A Parallel that failed with States.DataLimitExceeded runs again as a whole, the
// branches that succeeded too (Developer Guide).
func TestRedrive_ParallelOverTheLimitRunsAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		machine := b.create(t, "machine", engine.Standard, `{"QueryLanguage": "JSONata", "StartAt": "A", "States": {
			"A": {"Type": "Parallel", "Output": ["{% $states.input %}", "{% $states.input %}"], "End": true,
				"Branches": [{"StartAt": "B", "States": {"B": {"Type": "Succeed", "Output": 1}}}]}}}`)
		arn := b.start(t, machine, "x", `"`+strings.Repeat("x", 140_000)+`"`)
		if got := b.settle(t, arn); got.Error == nil || *got.Error != "States.DataLimitExceeded" {
			t.Fatalf("before: got %+v", got.Error)
		}
		redrive(t, b, arn, "")
		b.settle(t, arn)
		sameHistory(t, b.history(t, arn)[8:], `
			9 p8 ExecutionRedriven {"redriveCount":1}
			10 p2 ParallelStateStarted …
			11 p10 SucceedStateEntered …
			12 p11 SucceedStateExited …
			13 p12 ParallelStateSucceeded …
			14 p12 ParallelStateFailed …
			15 p14 ExecutionFailed …`)
	})
}

// The retried task sees its original entry time, a fresh retry count and the
// redrive (Developer Guide); variables survive.
func TestRedrive_ContextAndVariables(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"B": {failE, failE, {Result: "1"}}})
		machine := b.create(t, "machine", engine.Standard, states(`
			"A": {"Type": "Wait", "Seconds": 10, "Assign": {"kept": "{% $states.input %}"}, "Output": {}, "Next": "B"},
			"B": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
				"Arguments": {"FunctionName": "f", "Payload": {"kept": "{% $kept %}", "execution": "{% $states.context.Execution %}", "state": "{% $states.context.State %}"}},
				"Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 1}], "End": true}`))
		arn := b.start(t, machine, "x", `{"id":1}`)
		b.settle(t, arn)
		time.Sleep(time.Hour)
		at := redrive(t, b, arn, "").RedriveDate.UTC().Format("2006-01-02T15:04:05.999Z")
		b.settle(t, arn)
		execution := `"execution":{"Id":"` + arn + `","Input":{"id":1},"StartTime":"2000-01-01T00:00:00Z","Name":"x","RoleArn":"arn:aws:iam::000000000000:role/machine","RedriveCount":`
		state := `"state":{"Name":"B","EnteredTime":"2000-01-01T00:00:10Z","RetryCount":`
		want := []string{
			`{"kept":{"id":1},` + execution + `0},` + state + `0}}`,
			`{"kept":{"id":1},` + execution + `0},` + state + `1}}`,
			`{"kept":{"id":1},` + execution + `1,"RedriveTime":"` + at + `"},` + state + `0}}`,
		}
		calls := b.script.Calls()
		if len(calls) != len(want) {
			t.Fatalf("calls: got %d, want %d", len(calls), len(want))
		}
		for i, call := range calls {
			if call.Payload != want[i] {
				t.Errorf("payload %d:\n got %s\nwant %s", i+1, call.Payload, want[i])
			}
		}
	})
}

func TestRedrive_TokenIsRememberedForFifteenMinutes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {failE}})
		arn := b.start(t, b.create(t, "machine", engine.Standard, lambda("")), "x", "")
		b.settle(t, arn)
		first := redrive(t, b, arn, "token").RedriveDate
		b.settle(t, arn)
		time.Sleep(15 * time.Minute)
		if again := redrive(t, b, arn, "token").RedriveDate; !again.Equal(first) {
			t.Errorf("same token: got %v, want the first date %v", again, first)
		}
		if got := b.settle(t, arn); got.RedriveCount != 1 {
			t.Errorf("redrive count: got %d, want 1", got.RedriveCount)
		}
		time.Sleep(time.Second)
		redrive(t, b, arn, "token")
		if got := b.settle(t, arn); got.RedriveCount != 2 {
			t.Errorf("redrive count after the token's time: got %d, want 2", got.RedriveCount)
		}
	})
}

// Ten tokens are remembered, of redrives that were made: one that was refused is as
// good as new (Developer Guide).
func TestRedrive_TenTokensAreRemembered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		slow := failE
		slow.Delay = time.Second
		b := setup(t, map[string][]enginetest.Answer{"A": {slow}})
		machine := b.create(t, "machine", engine.Standard, lambda(""))
		arn, other := b.start(t, machine, "x", ""), b.start(t, machine, "other", "")
		_, err := b.RedriveExecution(t.Context(), engine.RedriveInput{ExecutionARN: arn, ClientToken: "0"})
		refusedWith(t, err, "ExecutionNotRedrivable", "")
		dates := map[string]time.Time{}
		for i := range 11 {
			time.Sleep(2 * time.Second) // it fails after one
			dates[fmt.Sprint(i)] = redrive(t, b, arn, fmt.Sprint(i)).RedriveDate
			time.Sleep(2 * time.Second)
			redrive(t, b, arn, "") // takes no place among the ten
		}
		time.Sleep(2 * time.Second)
		for i := 10; i > 0; i-- {
			if again := redrive(t, b, arn, fmt.Sprint(i)).RedriveDate; !again.Equal(dates[fmt.Sprint(i)]) {
				t.Errorf("token %d: got %v, want %v", i, again, dates[fmt.Sprint(i)])
			}
		}
		if again := redrive(t, b, other, "10").RedriveDate; again.Equal(dates["10"]) {
			t.Error("a token of another execution is known")
		}
		if again := redrive(t, b, arn, "0").RedriveDate; again.Equal(dates["0"]) {
			t.Error("the eleventh token before is known")
		}
		if got := b.settle(t, arn); got.RedriveCount != 23 {
			t.Errorf("redrive count: got %d, want 23", got.RedriveCount)
		}
	})
}

func TestRedrive_Refusals(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {failE}})
		failing := b.start(t, b.create(t, "failing", engine.Standard, lambda("")), "x", "")
		waiting := b.start(t, b.create(t, "waiting", engine.Standard, states(`"A": {"Type": "Wait", "Seconds": 99999999, "End": true}`)), "x", "")
		passing := b.start(t, b.create(t, "passing", engine.Standard, states(`"A": {"Type": "Succeed"}`)), "x", "")
		synctest.Wait()
		time.Sleep(14*24*time.Hour + time.Second)
		for _, c := range []struct{ arn, kind, message string }{
			{waiting, "ExecutionNotRedrivable", "Execution " + waiting + " invalid for redrive as: Execution is RUNNING and cannot be redriven"},
			{passing, "ExecutionNotRedrivable", "Execution " + passing + " invalid for redrive as: Execution is SUCCEEDED and cannot be redriven"},
			{failing, "ExecutionNotRedrivable", "Execution " + failing + " invalid for redrive as: Execution redrivable period exceeded"},
			{failing + "y", "ExecutionDoesNotExist", "Execution Does Not Exist: '" + failing + "y'"},
			{"arn:aws:states:us-east-1:000000000000:express:m:x:y", "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'"},
		} {
			_, err := b.RedriveExecution(t.Context(), engine.RedriveInput{ExecutionARN: c.arn})
			refusedWith(t, err, c.kind, c.message)
		}
	})
}

// A whole-execution timeout is redrivable and its clock starts again (recorded on
// AWS: ExecutionTimedOut has previous event 0, the redrive follows it).
func TestRedrive_AfterMachineTimeout(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Hang: true}, {Delay: 7 * time.Second, Result: "1"}}})
		machine := b.create(t, "machine", engine.Standard, strings.Replace(lambda(""), `"StartAt"`, `"TimeoutSeconds": 8, "StartAt"`, 1))
		arn := b.start(t, machine, "x", `{"id":1}`)
		b.settle(t, arn)
		redrive(t, b, arn, "")
		if got := b.settle(t, arn); got.Status != engine.Succeeded {
			t.Errorf("after: got %+v", got)
		}
		sameHistory(t, b.history(t, arn)[:7], entered1+`3 p2 `+scheduledA+`4 p3 `+startedA+`
			5 p0 ExecutionTimedOut {"error":"States.Timeout"}
			6 p5 ExecutionRedriven {"redriveCount":1}
			7 p2 `+scheduledA)
	})
}

// A wait goes on with its first due time, whatever it would ask for now.
func TestRedrive_WaitKeepsItsDueTime(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.start(t, b.create(t, "machine", engine.Standard, states(`"A": {"Type": "Wait", "Seconds": "{% 60 + 60 * $states.context.Execution.RedriveCount %}", "End": true}`)), "x", "")
		time.Sleep(20 * time.Second)
		if _, err := b.StopExecution(t.Context(), engine.StopInput{ExecutionARN: arn}); err != nil {
			t.Fatal(err)
		}
		redrive(t, b, arn, "")
		got := b.settle(t, arn)
		if took := got.StopDate.Sub(got.StartDate); got.Status != engine.Succeeded || took != 60*time.Second {
			t.Errorf("after: got %s after %s, want SUCCEEDED after 60s", got.Status, took)
		}
	})
}
