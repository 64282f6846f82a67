package engine_test

import (
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

func ptr[T any](value T) *T { return &value }

func update(t *testing.T, b *testBundle, in engine.UpdateInput) engine.UpdateOutput {
	t.Helper()
	out, err := b.UpdateStateMachine(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func describeMachine(t *testing.T, b *testBundle, arn string) engine.StateMachine {
	t.Helper()
	machine, err := b.DescribeStateMachine(t.Context(), engine.DescribeMachineInput{StateMachineARN: arn})
	if err != nil {
		t.Fatal(err)
	}
	return machine
}

// Recording: no revision id until the first update, a new one with each change, the
// same one and its date when nothing changes.
func TestUpdateStateMachine_MakesARevisionOfEachChange(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.create(t, "machine", engine.Standard, states(waits))
		first := describeMachine(t, b, arn)
		if first.RevisionID != "" || !first.UpdatedAt.Equal(first.CreatedAt) || first.Status != engine.MachineActive {
			t.Fatalf("created: got %+v", first)
		}
		time.Sleep(time.Second)
		if out := update(t, b, engine.UpdateInput{StateMachineARN: arn, Definition: &first.Definition}); out.RevisionID != "" || !out.UpdateDate.Equal(first.CreatedAt) {
			t.Errorf("update that changes nothing, before the first: got %+v", out)
		}
		want := first
		ids := map[string]bool{"": true}
		for name, in := range map[string]engine.UpdateInput{
			"definition": {Definition: ptr(states(`"A": {"Type": "Succeed"}`))},
			"role":       {RoleARN: ptr("arn:aws:iam::000000000000:role/other")},
			"logging":    {Logging: &engine.Logging{Level: engine.LogError, Destinations: []string{"arn:aws:logs:us-east-1:000000000000:log-group:g:*"}}},
			"data":       {Logging: &engine.Logging{Level: engine.LogError, IncludeExecutionData: true, Destinations: []string{"arn:aws:logs:us-east-1:000000000000:log-group:g:*"}}},
		} {
			time.Sleep(time.Second)
			in.StateMachineARN = arn
			out := update(t, b, in)
			if ids[out.RevisionID] || !out.UpdateDate.Equal(time.Now()) {
				t.Errorf("%s: got %+v", name, out)
			}
			ids[out.RevisionID] = true
			want.RevisionID, want.UpdatedAt = out.RevisionID, out.UpdateDate
			if in.Definition != nil {
				want.Definition = *in.Definition
			}
			if in.RoleARN != nil {
				want.RoleARN = *in.RoleARN
			}
			if in.Logging != nil {
				want.Logging = *in.Logging
			}
			if got := describeMachine(t, b, arn); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got %+v, want %+v", name, got, want)
			}
			time.Sleep(time.Second)
			if again := update(t, b, in); again != out {
				t.Errorf("%s again: got %+v, want %+v", name, again, out)
			}
		}
		if again := update(t, b, engine.UpdateInput{StateMachineARN: arn, Tracing: true}); again.RevisionID != want.RevisionID {
			t.Errorf("tracing alone, which stays off: got %+v", again)
		}
	})
}

func TestUpdateStateMachine_Refuses(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.create(t, "machine", engine.Standard, states(waits))
		express := b.create(t, "express", engine.Express, states(waits))
		before := describeMachine(t, b, arn)
		good := ptr(states(`"A": {"Type": "Succeed"}`))
		for name, c := range map[string]struct {
			in            engine.UpdateInput
			kind, message string
		}{
			"nothing to update":            {engine.UpdateInput{StateMachineARN: arn}, "MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified"},
			"nothing to update of nothing": {engine.UpdateInput{StateMachineARN: arn + "x"}, "MissingRequiredParameter", ""},
			"no ARN":                       {engine.UpdateInput{StateMachineARN: "m", Definition: good}, "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: m'"},
			"an execution":                 {engine.UpdateInput{StateMachineARN: arnBase + "execution:m:x", Definition: good}, "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: execution'"},
			"no machine":                   {engine.UpdateInput{StateMachineARN: arn + "x", Definition: good}, "StateMachineDoesNotExist", "State Machine Does Not Exist: '" + arn + "x'"},
			"a version":                    {engine.UpdateInput{StateMachineARN: arn + ":1", Definition: good}, "StateMachineDoesNotExist", "State Machine Does Not Exist: '" + arn + ":1'"},
			"a Map state":                  {engine.UpdateInput{StateMachineARN: arn + "/label", Definition: good}, "ValidationException", ""},
			"no definition":                {engine.UpdateInput{StateMachineARN: arn, Definition: ptr("{")}, "InvalidDefinition", ""},
			"a definition of Standard":     {engine.UpdateInput{StateMachineARN: express, Definition: ptr(states(`"A": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": true}`))}, "InvalidDefinition", ""},
		} {
			_, err := b.UpdateStateMachine(t.Context(), c.in)
			if refusedWith(t, err, c.kind, c.message); t.Failed() {
				t.Fatal(name)
			}
		}
		if got := describeMachine(t, b, arn); !reflect.DeepEqual(got, before) {
			t.Errorf("after refused updates: got %+v, want %+v", got, before)
		}
	})
}

// Running executions and their redrives keep the definition, new ones have the new
// one; a restart in between changes nothing.
func TestUpdateStateMachine_LeavesRunningExecutionsAlone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		first := setup(t, nil)
		arn := first.create(t, "machine", engine.Standard, states(`
			"A": {"Type": "Wait", "Seconds": 60, "Next": "B"},
			"B": {"Type": "Fail", "Error": "{% 'redrives' & $states.context.Execution.RedriveCount %}", "Cause": "old"}`))
		old := first.start(t, arn, "old", "")
		pinned := describeMachine(t, first, arn)
		time.Sleep(time.Second)
		out := update(t, first, engine.UpdateInput{
			StateMachineARN: arn, Definition: ptr(states(`"A": {"Type": "Fail", "Error": "E", "Cause": "new"}`)), RoleARN: ptr("arn:aws:iam::000000000000:role/new"),
		})
		first.kill()
		b := startOn(t, first.store, enginetest.NewScript(nil), &bus{})

		if got := b.settle(t, b.start(t, arn, "new", "")); *got.Cause != "new" {
			t.Errorf("started after the update: got %+v", got)
		}
		if got := b.settle(t, old); *got.Cause != "old" || *got.Error != "redrives0" {
			t.Errorf("started before the update: got %+v", got)
		}
		redrive(t, b, old, "")
		if got := b.settle(t, old); *got.Cause != "old" || *got.Error != "redrives1" {
			t.Errorf("redriven after the update: got %+v", got)
		}
		for name, c := range map[string]struct {
			execution string
			want      engine.StateMachine
		}{"old": {old, pinned}, "new": {arnBase + "execution:machine:new", describeMachine(t, b, arn)}} {
			got, err := b.DescribeStateMachineForExecution(t.Context(), engine.DescribeInput{ExecutionARN: c.execution})
			if err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("machine of %s: got %+v, %v; want %+v", name, got, err, c.want)
			}
		}
		if got := describeMachine(t, b, arn); got.RevisionID != out.RevisionID || !got.CreatedAt.Equal(pinned.CreatedAt) {
			t.Errorf("current: got %+v", got)
		}
		_, err := b.DescribeStateMachineForExecution(t.Context(), engine.DescribeInput{ExecutionARN: arnBase + "execution:machine:never"})
		refusedWith(t, err, "ExecutionDoesNotExist", "Execution Does Not Exist: '"+arnBase+"execution:machine:never'")
		_, err = b.DescribeStateMachineForExecution(t.Context(), engine.DescribeInput{ExecutionARN: arnBase + "express:machine:x:y"})
		refusedWith(t, err, "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
	})
}

// A machine that another version of this program stored, and that this one cannot
// run, can be updated.
func TestUpdateStateMachine_MendsWhatCannotRun(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		arn := b.create(t, "machine", engine.Standard, states(waits))
		stored, err := b.store.Machine(t.Context(), arn)
		if err != nil {
			t.Fatal(err)
		}
		strange := *stored
		strange.RevisionID, strange.Definition = "strange", `{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}`
		if _, err := b.store.UpdateMachine(t.Context(), 1, strange); err != nil {
			t.Fatal(err)
		}
		b.kill()
		next := startOn(t, b.store, enginetest.NewScript(nil), &bus{})
		_, err = next.StartExecution(t.Context(), engine.StartInput{StateMachineARN: arn})
		refusedWith(t, err, "InvalidDefinition", "")
		if list, err := next.ListExecutions(t.Context(), engine.ListInput{StateMachineARN: arn}); err != nil || len(list.Executions) != 0 {
			t.Errorf("list: got %+v, %v", list, err)
		}
		update(t, next, engine.UpdateInput{StateMachineARN: arn, Definition: ptr(states(`"A": {"Type": "Succeed"}`))})
		if got := next.settle(t, next.start(t, arn, "x", "")); got.Status != engine.Succeeded {
			t.Errorf("after the update: got %+v", got)
		}
	})
}

func TestValidateStateMachineDefinition_SaysWhatCreateWouldRefuse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := setup(t, nil)
		task := states(`"A": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "B"}, "B": {"Type": "Task", "Resource": "` + arnBase + `activity:a", "End": true}`)
		for name, c := range map[string]struct {
			in        engine.ValidateInput
			locations []string
			truncated bool
		}{
			"good":             {engine.ValidateInput{Definition: states(waits)}, nil, false},
			"good for Express": {engine.ValidateInput{Definition: states(waits), Type: engine.Express}, nil, false},
			"no JSON":          {engine.ValidateInput{Definition: "{"}, []string{"*"}, false},
			"missing":          {engine.ValidateInput{Definition: `{"QueryLanguage":"JSONata"}`}, []string{"/"}, false},
			"resources":        {engine.ValidateInput{Definition: task}, []string{"/States/A/Resource", "/States/B/Resource"}, false},
			"first of two":     {engine.ValidateInput{Definition: task, MaxResults: 1}, []string{"/States/A/Resource"}, true},
			"two of two":       {engine.ValidateInput{Definition: task, MaxResults: 2}, []string{"/States/A/Resource", "/States/B/Resource"}, false},
		} {
			out, err := b.ValidateStateMachineDefinition(t.Context(), c.in)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			var locations []string
			for _, d := range out.Diagnostics {
				if d.Code == "" || d.Message == "" {
					t.Errorf("%s: got %+v", name, d)
				}
				locations = append(locations, d.Location)
			}
			if len(c.locations) == 1 && c.locations[0] == "*" && len(locations) == 1 {
				locations[0] = "*"
			}
			if !reflect.DeepEqual(locations, c.locations) || out.Truncated != c.truncated {
				t.Errorf("%s: got %v, %v; want %v, %v", name, locations, out.Truncated, c.locations, c.truncated)
			}
			// The text of Create is the list of all of them.
			in := c.in
			in.MaxResults = 0
			whole, _ := b.ValidateStateMachineDefinition(t.Context(), in)
			_, err = b.CreateStateMachine(t.Context(), engine.CreateInput{Name: "m", Type: in.Type, Definition: in.Definition, RoleARN: "r"})
			if len(whole.Diagnostics) == 0 {
				if err != nil && !strings.Contains(err.Error(), "StateMachineAlreadyExists") {
					t.Errorf("%s: create: %v", name, err)
				}
				continue
			}
			for _, d := range whole.Diagnostics {
				if err == nil || !strings.Contains(err.Error(), d.Code+": "+d.Message) {
					t.Errorf("%s: create: got %v, want it to hold %+v", name, err, d)
				}
			}
		}
		synctest.Wait()
		if b.store.Commits() != 0 {
			t.Error("a validation was written")
		}
	})
}
