package engine_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

const (
	waits   = `"A": {"Type": "Wait", "Seconds": 60, "End": true}`
	arnBase = "arn:aws:states:us-east-1:000000000000:"
)

// The API Reference on idempotency of StartExecution.
func TestStartExecution_Names(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		machine := b.create(t, "machine", engine.Standard, states(waits))
		begin := func(name, input string) (engine.StartOutput, error) {
			return b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: machine, Name: name, Input: input})
		}
		first, err := begin("x", `{"a":1}`)
		if err != nil || first.ExecutionARN != arnBase+"execution:machine:x" {
			t.Fatalf("first: got %+v, %v", first, err)
		}
		time.Sleep(time.Second)
		if again, err := begin("x", `{"a":1}`); err != nil || !reflect.DeepEqual(again, first) {
			t.Errorf("same name and input while running: got %+v, %v; want %+v", again, err, first)
		}
		taken := "Execution Already Exists: '" + first.ExecutionARN + "'"
		_, err = begin("x", `{"a": 1}`)
		refusedWith(t, err, "ExecutionAlreadyExists", taken)
		b.settle(t, first.ExecutionARN)
		_, err = begin("x", `{"a":1}`)
		refusedWith(t, err, "ExecutionAlreadyExists", taken)
		if unnamed, err := begin("", ""); err != nil || unnamed.ExecutionARN == first.ExecutionARN {
			t.Errorf("without a name: got %+v, %v", unnamed, err)
		}
		for _, name := range []string{"a b", "a/b", "a:b", "a*", "{a}", "a\u0085", strings.Repeat("é", 81), "a\xff", "a\"b", "~"} {
			_, err := begin(name, "")
			refusedWith(t, err, "InvalidName", "Invalid Name: '"+name+"'")
		}
		if _, err := begin(strings.Repeat("é", 80), ""); err != nil {
			t.Errorf("name of 80 characters: got %v", err)
		}
	})
}

func TestStartExecution_Refusals(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		machine := b.create(t, "machine", engine.Standard, states(waits))
		for _, c := range []struct{ arn, input, kind, message string }{
			{arnBase + "stateMachine:absent", "", "StateMachineDoesNotExist", "State Machine Does Not Exist: '" + arnBase + "stateMachine:absent'"},
			{arnBase + "execution:machine:x", "", "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: execution'"},
			{"machine", "", "InvalidArn", ""},
			{"", "", "InvalidArn", ""},
			{machine, "not json", "InvalidExecutionInput", ""},
			{machine, "{} {}", "InvalidExecutionInput", ""},
			{machine, "\"\xff\"", "InvalidExecutionInput", ""},
			{machine, `"` + strings.Repeat("x", 262_143) + `"`, "ValidationException", ""},
		} {
			_, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: c.arn, Input: c.input})
			refusedWith(t, err, c.kind, c.message)
		}
		for _, input := range []string{"1", `"text"`, "null", "[]", ` {"a" : 1} `} {
			if arn := b.start(t, machine, "", input); arn != "" {
				if got, err := b.DescribeExecution(t.Context(), engine.DescribeInput{ExecutionARN: arn}); err != nil || got.Input != input {
					t.Errorf("input %q: described as %q, %v", input, got.Input, err)
				}
			}
		}
		if b.store.Commits() != 5 {
			t.Errorf("commits: got %d, want 5: a refused start writes nothing", b.store.Commits())
		}
	})
}

// 64 at a time with one name are one execution.
func TestStartExecution_Race(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		machine := b.create(t, "machine", engine.Standard, states(waits))
		done := make(chan error, 64)
		for range cap(done) {
			go func() {
				_, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: machine, Name: "x"})
				done <- err
			}()
		}
		for range cap(done) {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if events := b.history(t, arnBase+"execution:machine:x"); len(events) != 2 {
			t.Errorf("history: got %v", types(events))
		}
	})
}

// The happy way of a machine of one task is two writes.
func TestStandard_OneTaskIsTwoWrites(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Result: "1"}}})
		b.settle(t, b.start(t, b.create(t, "machine", engine.Standard, lambda("")), "x", ""))
		if got := b.store.Commits(); got != 2 {
			t.Errorf("writes: got %d, want 2", got)
		}
	})
}

func TestStopExecution_AbortsWaitsAndTasksOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Hang: true}}})
		waiting := b.start(t, b.create(t, "waiting", engine.Standard, states(waits)), "x", "")
		running := b.start(t, b.create(t, "running", engine.Standard, lambda("")), "x", "")
		time.Sleep(time.Second)
		reason, cause := "E", "because \x00"
		for _, arn := range []string{waiting, running} {
			out, err := b.StopExecution(t.Context(), engine.StopInput{ExecutionARN: arn, Error: &reason, Cause: &cause})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			again, err := b.StopExecution(t.Context(), engine.StopInput{ExecutionARN: arn})
			if err != nil || again != out {
				t.Errorf("stop of a closed execution: got %v, %v; want the first stop date %v", again, err, out)
			}
			got := b.settle(t, arn)
			if got.Status != engine.Aborted || *got.Error != "E" || got.RedriveStatus != "REDRIVABLE" {
				t.Errorf("stopped: got %+v", got)
			}
		}
		time.Sleep(2 * time.Minute)
		sameHistory(t, b.history(t, waiting)[1:], `
			2 p0 WaitStateEntered {"name":"A","input":"{}","inputDetails":{"truncated":false}}
			3 p0 ExecutionAborted {"error":"E","cause":"because \u0000"}`)
		sameHistory(t, b.history(t, running)[3:], `
			4 p3 `+startedA+`
			5 p0 ExecutionAborted {"error":"E","cause":"because \u0000"}`)
		long := strings.Repeat("x", 257)
		_, err := b.StopExecution(t.Context(), engine.StopInput{ExecutionARN: running, Error: &long})
		refusedWith(t, err, "ValidationException", "")
		_, err = b.StopExecution(t.Context(), engine.StopInput{ExecutionARN: running + "y"})
		refusedWith(t, err, "ExecutionDoesNotExist", "")
	})
}

func TestListExecutions_Pages(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		machine := b.create(t, "machine", engine.Standard, states(waits))
		for i := range 5 {
			b.start(t, machine, fmt.Sprint(i), "")
		}
		if _, err := b.StopExecution(t.Context(), engine.StopInput{ExecutionARN: arnBase + "execution:machine:3"}); err != nil {
			t.Fatal(err)
		}
		var names []string
		in := engine.ListInput{StateMachineARN: machine, StatusFilter: engine.Running, MaxResults: 3}
		for {
			page, err := b.ListExecutions(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, execution := range page.Executions {
				names = append(names, execution.Name)
				if execution.Input != "" || execution.RedriveStatus == "" {
					t.Errorf("listed: got %+v", execution)
				}
			}
			if in.NextToken = page.NextToken; in.NextToken == "" {
				break
			}
		}
		if want := []string{"4", "2", "1", "0"}; !slices.Equal(names, want) {
			t.Errorf("running: got %v, want %v", names, want)
		}
		page, err := b.ListExecutions(t.Context(), engine.ListInput{StateMachineARN: machine, MaxResults: 2})
		if err != nil || page.NextToken == "" {
			t.Fatalf("first page: got %+v, %v", page, err)
		}
		express := b.create(t, "express", engine.Express, states(waits))
		for _, c := range []struct {
			in   engine.ListInput
			kind string
		}{
			{engine.ListInput{StateMachineARN: machine, StatusFilter: engine.Failed, NextToken: page.NextToken}, "InvalidToken"},
			{engine.ListInput{StateMachineARN: machine, NextToken: "!"}, "InvalidToken"},
			{engine.ListInput{StateMachineARN: machine, NextToken: page.NextToken + "AA"}, "InvalidToken"},
			{engine.ListInput{StateMachineARN: machine, MaxResults: 1001}, "ValidationException"},
			{engine.ListInput{StateMachineARN: machine, MaxResults: -1}, "ValidationException"},
			{engine.ListInput{StateMachineARN: express}, "StateMachineTypeNotSupported"},
			{engine.ListInput{StateMachineARN: machine + "y"}, "StateMachineDoesNotExist"},
		} {
			_, err := b.ListExecutions(t.Context(), c.in)
			refusedWith(t, err, c.kind, "")
		}
	})
}

func TestGetExecutionHistory_Pages(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Result: "1"}}})
		arn := b.start(t, b.create(t, "machine", engine.Standard, lambda("")), "x", `{"id":1}`)
		b.settle(t, arn)
		for reverse, want := range map[bool]string{false: "[1 2 3 4 5 6 7]", true: "[7 6 5 4 3 2 1]"} {
			var ids []int64
			in := engine.HistoryInput{ExecutionARN: arn, MaxResults: 2, ReverseOrder: reverse}
			for {
				page, err := b.GetExecutionHistory(t.Context(), in)
				if err != nil {
					t.Fatal(err)
				}
				for _, event := range page.Events {
					ids = append(ids, event.ID)
					if details := string(event.Details); strings.Contains(details, "input") || strings.Contains(details, "output") || strings.Contains(details, "parameters") {
						t.Errorf("without execution data: got %s %s", event.Type, details)
					}
				}
				if in.NextToken = page.NextToken; in.NextToken == "" {
					break
				}
			}
			if fmt.Sprint(ids) != want {
				t.Errorf("reverse %v: got %v, want %s", reverse, ids, want)
			}
		}
		page, err := b.GetExecutionHistory(t.Context(), engine.HistoryInput{ExecutionARN: arn, MaxResults: 2})
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.GetExecutionHistory(t.Context(), engine.HistoryInput{ExecutionARN: arn, NextToken: page.NextToken, ReverseOrder: true})
		refusedWith(t, err, "InvalidToken", "")
		_, err = b.GetExecutionHistory(t.Context(), engine.HistoryInput{ExecutionARN: arnBase + "express:m:x:y"})
		refusedWith(t, err, "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
	})
}

func TestCreateStateMachine_RepeatGivesTheFirst(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		in := engine.CreateInput{Name: "machine", Definition: states(waits), RoleARN: "r"}
		first, err := b.CreateStateMachine(t.Context(), in)
		if err != nil || first.ARN != arnBase+"stateMachine:machine" || first.Type != engine.Standard {
			t.Fatalf("create: got %+v, %v", first, err)
		}
		time.Sleep(time.Second)
		if again, err := b.CreateStateMachine(t.Context(), in); err != nil || !reflect.DeepEqual(again, first) {
			t.Errorf("create again: got %+v, %v; want %+v", again, err, first)
		}
		task := func(resource string) string {
			return states(`"A": {"Type": "Task", "Resource": "` + resource + `", "Arguments": {"FunctionName": "f"}, "End": true}`)
		}
		for _, c := range []struct {
			change        func(*engine.CreateInput)
			kind, message string
		}{
			{func(in *engine.CreateInput) { in.Definition += " " }, "StateMachineAlreadyExists", "State Machine Already Exists: '" + first.ARN + "'"},
			{func(in *engine.CreateInput) { in.Type = engine.Express }, "StateMachineAlreadyExists", ""},
			{func(in *engine.CreateInput) { in.Name = "a b" }, "InvalidName", "Invalid Name: 'a b'"},
			{func(in *engine.CreateInput) { in.Name = "" }, "InvalidName", ""},
			{func(in *engine.CreateInput) { in.Type = "FAST" }, "ValidationException", ""},
			{func(in *engine.CreateInput) { in.Definition = "" }, "InvalidDefinition", ""},
			{func(in *engine.CreateInput) { in.Definition = "{}" }, "InvalidDefinition", ""},
			{func(in *engine.CreateInput) { in.Definition = task("arn:aws:states:::lambda:invoke.waitForTaskToken") }, "InvalidDefinition", ""},
			{func(in *engine.CreateInput) { in.Definition = task("arn:aws:states:::states:startExecution.sync") }, "InvalidDefinition", ""},
			{func(in *engine.CreateInput) { in.Definition = task("arn:aws:states:::sqs:sendMessage") }, "InvalidDefinition", ""},
			{func(in *engine.CreateInput) { in.Definition = task(arnBase + "activity:a") }, "InvalidDefinition", ""},
		} {
			bad := in
			bad.Name = "other"
			if c.kind == "StateMachineAlreadyExists" {
				bad.Name = "machine"
			}
			c.change(&bad)
			_, err := b.CreateStateMachine(t.Context(), bad)
			refusedWith(t, err, c.kind, c.message)
		}
		b.create(t, "another", engine.Express, states(waits))
		page, err := b.ListStateMachines(t.Context(), engine.ListMachinesInput{MaxResults: 1})
		if err != nil || len(page.StateMachines) != 1 || page.StateMachines[0].Name != "another" || page.NextToken == "" {
			t.Fatalf("list: got %+v, %v", page, err)
		}
		page, err = b.ListStateMachines(t.Context(), engine.ListMachinesInput{MaxResults: 1, NextToken: page.NextToken})
		if err != nil || len(page.StateMachines) != 1 || !reflect.DeepEqual(page.StateMachines[0], first) || page.NextToken != "" {
			t.Errorf("list, second page: got %+v, %v", page, err)
		}
		if got, err := b.DescribeStateMachine(t.Context(), engine.DescribeMachineInput{StateMachineARN: first.ARN}); err != nil || !reflect.DeepEqual(got, first) {
			t.Errorf("describe: got %+v, %v", got, err)
		}
		_, err = b.DescribeStateMachine(t.Context(), engine.DescribeMachineInput{StateMachineARN: first.ARN + "y"})
		refusedWith(t, err, "StateMachineDoesNotExist", "State Machine Does Not Exist: '"+first.ARN+"y'")
	})
}

func TestStartExecutionTask_StartsOnceUnderItsName(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		child := b.create(t, "child", engine.Standard, states(`"A": {"Type": "Succeed"}`))
		parent := b.create(t, "parent", engine.Standard, states(`
			"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution",
				"Arguments": {"StateMachineArn": "{% $states.input.machine %}", "Name": "lead-1", "Input": {"from": "{% $states.context.Execution.Id %}"}},
				"Output": "{% $states.result.ExecutionArn %}",
				"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Z"}], "End": true}, "Z": {"Type": "Succeed"}`))
		first := b.settle(t, b.start(t, parent, "1", `{"machine":"`+child+`"}`))
		if *first.Output != `"`+arnBase+`execution:child:lead-1"` {
			t.Errorf("output: got %s", *first.Output)
		}
		started := b.settle(t, arnBase+"execution:child:lead-1")
		if started.Status != engine.Succeeded || started.Input != `{"from":"`+arnBase+`execution:parent:1"}` {
			t.Errorf("child: got %+v", started)
		}
		sameHistory(t, b.history(t, first.ARN)[2:5], `
			3 p2 TaskScheduled {"resourceType":"states","resource":"startExecution","region":"us-east-1","parameters":"{\"StateMachineArn\":\"`+child+`\",\"Name\":\"lead-1\",\"Input\":{\"from\":\"`+arnBase+`execution:parent:1\"}}"}
			4 p3 TaskStarted {"resourceType":"states","resource":"startExecution"}
			5 p4 TaskSucceeded {"resourceType":"states","resource":"startExecution","output":"{\"ExecutionArn\":\"`+arnBase+`execution:child:lead-1\",\"SdkHttpMetadata\":{…`)
		for name, c := range map[string]struct{ machine, want string }{
			"2": {child, `{"Error":"StepFunctions.ExecutionAlreadyExistsException","Cause":"Execution Already Exists: '` + arnBase + `execution:child:lead-1' (Service: AWSStepFunctions; Status Code: 400; Error Code: ExecutionAlreadyExists; Request ID: `},
			"3": {child + "y", `{"Error":"StepFunctions.StateMachineDoesNotExistException","Cause":"State Machine Does Not Exist: '` + child + `y' (Service: AWSStepFunctions; Status Code: 400; Error Code: StateMachineDoesNotExist; Request ID: `},
		} {
			got := b.settle(t, b.start(t, parent, name, `{"machine":"`+c.machine+`"}`))
			if got.Output == nil || !strings.HasPrefix(*got.Output, c.want) || !strings.HasSuffix(*got.Output, `; Proxy: null)"}`) {
				t.Errorf("parent %s: got %+v, want output %s…", name, got, c.want)
			}
		}
	})
}

func TestExpress_EndsForTheCallerAndIsNotStored(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, map[string][]enginetest.Answer{"A": {{Result: `1`, Delay: time.Second}, {Panic: true}, {Hang: true}}})
		machine := b.create(t, "machine", engine.Express, lambda(""))
		run := func() engine.SyncOutput {
			out, err := b.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: machine, Name: "x", Input: `{"id":1}`})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		first := run()
		if first.Status != engine.Succeeded || first.Output != "1" || first.Error != nil || first.StopDate.Sub(first.StartDate) != time.Second ||
			!strings.HasPrefix(first.ExecutionARN, arnBase+"express:machine:x:") {
			t.Errorf("first: got %+v", first)
		}
		second := run()
		if second.Status != engine.Failed || *second.Error != "States.Runtime" || *second.Cause != "The task's integration panicked." || second.ExecutionARN == first.ExecutionARN {
			t.Errorf("panicking task: got %+v", second)
		}
		third := run()
		if third.Status != engine.TimedOut || third.Error != nil || third.StopDate.Sub(third.StartDate) != 5*time.Minute {
			t.Errorf("hanging task: got %+v", third)
		}
		async, err := b.StartExecution(t.Context(), engine.StartInput{StateMachineARN: machine, Name: "x"})
		if err != nil || async.ExecutionARN == first.ExecutionARN {
			t.Errorf("in the background: got %+v, %v", async, err)
		}
		synctest.Wait()
		if calls := b.script.Calls(); len(calls) != 4 {
			t.Errorf("calls: got %d, want 4", len(calls))
		}
		_, err = b.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: b.create(t, "standard", engine.Standard, states(waits))})
		refusedWith(t, err, "StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
		if b.store.Commits() != 0 || len(b.bus.changes()) != 0 {
			t.Error("an express execution was written or published")
		}
	})
}
