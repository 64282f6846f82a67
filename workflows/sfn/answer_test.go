package sfn

import (
	"encoding/json"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

func TestOperations_AnswerInTheServicesForm(t *testing.T) {
	t.Parallel()
	ptr := func(s string) *string { return &s }
	const exec, mach = `{"executionArn":"` + executionARN + `"}`, `{"stateMachineArn":"` + machineARN + `"}`
	machine := engine.StateMachine{
		ARN: machineARN, Name: "m", Type: engine.Express, Status: engine.MachineActive, Definition: `{"StartAt":"A"}`, RoleARN: roleOfM, CreatedAt: start, UpdatedAt: stop,
	}
	// configured is what a description says of the services around a machine.
	configured := func(level, data, destinations string) string {
		const shape = `{"__type":"com.amazonaws.swf.base.model#`
		return `"encryptionConfiguration":` + shape + `EncryptionConfiguration","type":"AWS_OWNED_KEY"},
			"loggingConfiguration":` + shape + `LoggingConfiguration",` + destinations + `"includeExecutionData":` + data + `,"level":"` + level + `"},
			"tracingConfiguration":` + shape + `TracingConfiguration","enabled":false}`
	}
	const all = `{"__type":"com.amazonaws.swf.base.model#CloudWatchEventsExecutionDataDetails","included":true}`
	failed := engine.Execution{
		ARN: executionARN, StateMachineARN: machineARN, Name: "x", Status: engine.Failed, StartDate: start, StopDate: &stop, Input: `{"a":1}`,
		Error: ptr("E"), Cause: ptr(""), RedriveCount: 1, RedriveDate: &start, RedriveStatus: "REDRIVABLE",
	}
	running := engine.Execution{
		ARN: executionARN, StateMachineARN: machineARN, Name: "x", Status: engine.Running, StartDate: start, Input: "{}",
		RedriveStatus: "NOT_REDRIVABLE", RedriveStatusReason: ptr("Execution is RUNNING and cannot be redriven"), TraceHeader: "Root=1",
	}
	succeeded := running
	succeeded.Status, succeeded.Output, succeeded.StopDate = engine.Succeeded, ptr("null"), &stop
	ran := engine.SyncOutput{
		ExecutionARN: "arn:x", StateMachineARN: machineARN, Name: "n", StartDate: start, StopDate: stop,
		Status: engine.Succeeded, Input: "{}", Output: `{"b":"<2>"}`,
	}
	broke := ran
	broke.Status, broke.Output, broke.Error, broke.Cause = engine.Failed, "", ptr("E"), ptr("c")
	traced := broke
	traced.TraceHeader = "Root=1"

	for _, c := range []struct {
		name, operation, request string
		prepare                  func(*fake)
		want                     string
	}{
		{
			"create", "CreateStateMachine", `{"name":"m","definition":"{}","roleArn":"` + roleOfM + `"}`,
			func(f *fake) { f.machine = machine },
			`{"creationDate":1795262400.62,"stateMachineArn":"` + machineARN + `"}`,
		},
		{
			"describe machine", "DescribeStateMachine", mach, func(f *fake) { f.machine = machine },
			`{"creationDate":1795262400.62,"definition":"{\"StartAt\":\"A\"}",` + configured("OFF", "false", "") + `,
			"name":"m","roleArn":"` + roleOfM + `","stateMachineArn":"` + machineARN + `","status":"ACTIVE","type":"EXPRESS"}`,
		},
		{
			"describe machine without data", "DescribeStateMachine", `{"stateMachineArn":"` + machineARN + `","includedData":"METADATA_ONLY"}`,
			func(f *fake) {
				f.machine = machine
				f.machine.RevisionID, f.machine.Status, f.machine.VariableReferences = "r", engine.MachineDeleting, map[string][]string{"A": {"x"}}
				f.machine.Logging = engine.Logging{Level: engine.LogAll, IncludeExecutionData: true, Destinations: []string{"arn:g:*"}}
			},
			`{"creationDate":1795262400.62,"definition":"{}",` + configured("ALL", "true", `"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:g:*"}}],`) + `,
			"name":"m","revisionId":"r","roleArn":"` + roleOfM + `","stateMachineArn":"` + machineARN + `","status":"DELETING","type":"EXPRESS"}`,
		},
		{
			"describe machine for execution", "DescribeStateMachineForExecution", exec,
			func(f *fake) {
				f.machine = machine
				f.machine.RevisionID, f.machine.Logging.Destinations = "r", []string{}
				f.machine.VariableReferences = map[string][]string{"B": {"x"}, "A": {"x", "y"}}
			},
			`{"definition":"{\"StartAt\":\"A\"}",` + configured("OFF", "false", `"destinations":[],`) + `,
			"name":"m","revisionId":"r","roleArn":"` + roleOfM + `","stateMachineArn":"` + machineARN + `","updateDate":1795262401.854,
			"variableReferences":{"A":["x","y"],"B":["x"]}}`,
		},
		{
			"describe machine for execution without data", "DescribeStateMachineForExecution", `{"executionArn":"` + executionARN + `","includedData":"METADATA_ONLY"}`,
			func(f *fake) { f.machine = machine },
			`{"definition":"{}",` + configured("OFF", "false", "") + `,
			"name":"m","roleArn":"` + roleOfM + `","stateMachineArn":"` + machineARN + `","updateDate":1795262401.854}`,
		},
		{
			"update", "UpdateStateMachine", `{"stateMachineArn":"` + machineARN + `","definition":"{}"}`,
			func(f *fake) { f.updated = engine.UpdateOutput{UpdateDate: start, RevisionID: "r"} },
			`{"revisionId":"r","updateDate":1795262400.62}`,
		},
		{
			"update that changed nothing", "UpdateStateMachine", `{"stateMachineArn":"` + machineARN + `","tracingConfiguration":{}}`,
			func(f *fake) { f.updated = engine.UpdateOutput{UpdateDate: start} },
			`{"updateDate":1795262400.62}`,
		},
		{"delete", "DeleteStateMachine", mach, func(*fake) {}, `{}`},
		{
			"validate what is good", "ValidateStateMachineDefinition", `{"definition":"{}"}`, func(*fake) {},
			`{"diagnostics":[],"result":"OK","truncated":false}`,
		},
		{
			"validate", "ValidateStateMachineDefinition", `{"definition":"{}"}`,
			func(f *fake) {
				f.validated = engine.ValidateOutput{Truncated: true, Diagnostics: []engine.Diagnostic{{Code: "C", Message: "m", Location: "/States/A"}, {Code: "D", Message: "n"}}}
			},
			`{"diagnostics":[{"code":"C","location":"/States/A","message":"m","severity":"ERROR"},{"code":"D","message":"n","severity":"ERROR"}],"result":"FAIL","truncated":true}`,
		},
		{"no machines", "ListStateMachines", `{}`, func(*fake) {}, `{"stateMachines":[]}`},
		{
			"machines", "ListStateMachines", `{}`,
			func(f *fake) {
				f.machines = engine.ListMachinesOutput{StateMachines: []engine.StateMachine{machine}, NextToken: "more"}
			},
			`{"nextToken":"more","stateMachines":[{"creationDate":1795262400.62,"name":"m","stateMachineArn":"` + machineARN + `","type":"EXPRESS"}]}`,
		},
		{
			"start", "StartExecution", mach, func(f *fake) { f.started = engine.StartOutput{ExecutionARN: executionARN, StartDate: start} },
			`{"executionArn":"` + executionARN + `","startDate":1795262400.62}`,
		},
		{
			"sync succeeded", "StartSyncExecution", mach, func(f *fake) { f.ran = ran },
			`{"billingDetails":{"billedDurationInMilliseconds":1300,"billedMemoryUsedInMB":64},"executionArn":"arn:x","input":"{}","inputDetails":` + all + `,
			"name":"n","output":"{\"b\":\"<2>\"}","outputDetails":` + all + `,"startDate":1795262400.62,"stateMachineArn":"` + machineARN + `","status":"SUCCEEDED","stopDate":1795262401.854}`,
		},
		{
			"sync failed", "StartSyncExecution", `{"stateMachineArn":"` + machineARN + `","traceHeader":"Root=1"}`, func(f *fake) { f.ran = traced },
			`{"billingDetails":{"billedDurationInMilliseconds":1300,"billedMemoryUsedInMB":64},"cause":"c","error":"E","executionArn":"arn:x","input":"{}","inputDetails":` + all + `,
			"name":"n","outputDetails":` + all + `,"startDate":1795262400.62,"stateMachineArn":"` + machineARN + `","status":"FAILED","stopDate":1795262401.854,"traceHeader":"Root=1"}`,
		},
		{
			"sync without data", "StartSyncExecution", `{"stateMachineArn":"` + machineARN + `","includedData":"METADATA_ONLY"}`, func(f *fake) { f.ran = broke },
			`{"billingDetails":{"billedDurationInMilliseconds":1300,"billedMemoryUsedInMB":64},"executionArn":"arn:x",
			"name":"n","startDate":1795262400.62,"stateMachineArn":"` + machineARN + `","status":"FAILED","stopDate":1795262401.854}`,
		},
		{"stop", "StopExecution", exec, func(f *fake) { f.stopped = engine.StopOutput{StopDate: stop} }, `{"stopDate":1795262401.854}`},
		{"redrive", "RedriveExecution", exec, func(f *fake) { f.redriven = engine.RedriveOutput{RedriveDate: stop} }, `{"redriveDate":1795262401.854}`},
		{
			"describe failed", "DescribeExecution", exec, func(f *fake) { f.execution = failed },
			`{"cause":"","error":"E","executionArn":"` + executionARN + `","input":"{\"a\":1}","inputDetails":` + all + `,"name":"x","redriveCount":1,"redriveDate":1795262400.62,
			"redriveStatus":"REDRIVABLE","startDate":1795262400.62,"stateMachineArn":"` + machineARN + `","status":"FAILED","stopDate":1795262401.854}`,
		},
		{
			"describe running", "DescribeExecution", exec, func(f *fake) { f.execution = running },
			`{"executionArn":"` + executionARN + `","input":"{}","inputDetails":` + all + `,"name":"x","redriveCount":0,"redriveStatus":"NOT_REDRIVABLE",
			"redriveStatusReason":"Execution is RUNNING and cannot be redriven","startDate":1795262400.62,"stateMachineArn":"` + machineARN + `","status":"RUNNING","traceHeader":"Root=1"}`,
		},
		{
			"describe succeeded with null", "DescribeExecution", exec, func(f *fake) { f.execution = succeeded },
			`{"executionArn":"` + executionARN + `","input":"{}","inputDetails":` + all + `,"name":"x","output":"null","outputDetails":` + all + `,"redriveCount":0,"redriveStatus":"NOT_REDRIVABLE",
			"redriveStatusReason":"Execution is RUNNING and cannot be redriven","startDate":1795262400.62,"stateMachineArn":"` + machineARN + `","status":"SUCCEEDED","stopDate":1795262401.854,"traceHeader":"Root=1"}`,
		},
		{
			"describe without data", "DescribeExecution", `{"executionArn":"` + executionARN + `","includedData":"METADATA_ONLY"}`, func(f *fake) { f.execution = failed },
			`{"executionArn":"` + executionARN + `","name":"x","redriveCount":1,"redriveDate":1795262400.62,
			"redriveStatus":"REDRIVABLE","startDate":1795262400.62,"stateMachineArn":"` + machineARN + `","status":"FAILED","stopDate":1795262401.854}`,
		},
		{"no executions", "ListExecutions", mach, func(*fake) {}, `{"executions":[]}`},
		{
			"executions", "ListExecutions", mach,
			func(f *fake) {
				f.listed = engine.ListOutput{Executions: []engine.Execution{failed, running}, NextToken: "t"}
			},
			`{"executions":[
			{"executionArn":"` + executionARN + `","name":"x","redriveCount":1,"redriveDate":1795262400.62,"startDate":1795262400.62,"stateMachineArn":"` + machineARN + `","status":"FAILED","stopDate":1795262401.854},
			{"executionArn":"` + executionARN + `","name":"x","redriveCount":0,"startDate":1795262400.62,"stateMachineArn":"` + machineARN + `","status":"RUNNING"}],"nextToken":"t"}`,
		},
		{
			"history", "GetExecutionHistory", exec,
			func(f *fake) {
				f.history = engine.HistoryOutput{NextToken: "t", Events: []engine.Event{
					{ID: 1, Timestamp: start, Type: "ExecutionStarted", DetailsKey: "executionStartedEventDetails", Details: json.RawMessage(`{"input":"{}"}`)},
					{ID: 2, PreviousID: 1, Timestamp: start.Add(time.Microsecond), Type: "LambdaFunctionStarted"},
				}}
			},
			`{"events":[
			{"__type":"com.amazonaws.swf.base.model#HistoryEvent","executionStartedEventDetails":{"input":"{}"},"id":1,"previousEventId":0,"timestamp":1795262400.62,"type":"ExecutionStarted"},
			{"__type":"com.amazonaws.swf.base.model#HistoryEvent","id":2,"previousEventId":1,"timestamp":1795262400.62,"type":"LambdaFunctionStarted"}],"nextToken":"t"}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c.prepare(b.engine)
			status, body := b.call(t, c.operation, c.request)
			if status != http.StatusOK || !sameJSON(t, body, c.want) {
				t.Errorf("%d\n got %s\nwant %s", status, body, c.want)
			}
		})
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	return reflect.DeepEqual(decodeJSON(t, a), decodeJSON(t, b))
}

func decodeJSON(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

func TestOperations_HandEveryMemberOn(t *testing.T) {
	t.Parallel()
	ptr := func(s string) *string { return &s }
	for _, c := range []struct {
		name, operation, request string
		want                     any
	}{
		{
			"create", "CreateStateMachine",
			`{"name":"m","definition":"{ }","roleArn":"` + roleOfM + `","type":"EXPRESS","publish":false,"tags":[{"key":"k","value":""}],"tracingConfiguration":{"enabled":false},
			"encryptionConfiguration":{"type":"AWS_OWNED_KEY"},"loggingConfiguration":{"level":"ERROR","includeExecutionData":true,"destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:x:*"}}]}}`,
			engine.CreateInput{
				Name: "m", Type: engine.Express, Definition: "{ }", RoleARN: roleOfM,
				Logging: engine.Logging{Level: engine.LogError, IncludeExecutionData: true, Destinations: []string{"arn:x:*"}},
			},
		},
		{
			"create with a log group and no logs", "CreateStateMachine", `{"name":"m","definition":"{}","roleArn":"` + roleOfM + `","loggingConfiguration":{"destinations":[]}}`,
			engine.CreateInput{Name: "m", Type: engine.Standard, Definition: "{}", RoleARN: roleOfM, Logging: engine.Logging{Level: engine.LogOff, Destinations: []string{}}},
		},
		{
			"update", "UpdateStateMachine",
			`{"stateMachineArn":"` + machineARN + `","definition":"{ }","roleArn":"` + roleOfM + `","publish":false,"encryptionConfiguration":{"type":"AWS_OWNED_KEY"},
			"loggingConfiguration":{"level":"FATAL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:x:*"}}]}}`,
			engine.UpdateInput{
				StateMachineARN: machineARN, Definition: ptr("{ }"), RoleARN: ptr(roleOfM),
				Logging: &engine.Logging{Level: engine.LogFatal, Destinations: []string{"arn:x:*"}},
			},
		},
		{"update of nothing", "UpdateStateMachine", `{"stateMachineArn":"` + machineARN + `","definition":null}`, engine.UpdateInput{StateMachineARN: machineARN}},
		{
			"update of tracing", "UpdateStateMachine", `{"stateMachineArn":"` + machineARN + `","tracingConfiguration":{"enabled":false}}`,
			engine.UpdateInput{StateMachineARN: machineARN, Tracing: true},
		},
		// That there is nothing to update comes before what is wrong with the rest.
		{"description of nothing", "UpdateStateMachine", `{"stateMachineArn":"` + machineARN + `","versionDescription":"d"}`, engine.UpdateInput{StateMachineARN: machineARN}},
		{"delete", "DeleteStateMachine", `{"stateMachineArn":"` + machineARN + `"}`, engine.DeleteMachineInput{StateMachineARN: machineARN}},
		{"for execution", "DescribeStateMachineForExecution", `{"executionArn":"` + executionARN + `"}`, engine.DescribeInput{ExecutionARN: executionARN}},
		{"validate by default", "ValidateStateMachineDefinition", `{"definition":"{"}`, engine.ValidateInput{Definition: "{", Type: engine.Standard}},
		{
			"validate", "ValidateStateMachineDefinition", `{"definition":"{","type":"EXPRESS","maxResults":7,"severity":"WARNING"}`,
			engine.ValidateInput{Definition: "{", Type: engine.Express, MaxResults: 7},
		},
		{
			"create by default", "CreateStateMachine", `{"name":"m","definition":"{}","roleArn":"` + roleOfM + `","type":null}`,
			engine.CreateInput{Name: "m", Type: engine.Standard, Definition: "{}", RoleARN: roleOfM},
		},
		{"machines by default", "ListStateMachines", `{"maxResults":0}`, engine.ListMachinesInput{MaxResults: 100}},
		{"machines", "ListStateMachines", `{"maxResults":1000,"nextToken":"t"}`, engine.ListMachinesInput{MaxResults: 1000, NextToken: "t"}},
		{"start by default", "StartExecution", `{"stateMachineArn":"` + machineARN + `"}`, engine.StartInput{StateMachineARN: machineARN}},
		{
			"start", "StartExecution", `{"stateMachineArn":"` + machineARN + `","name":"n","input":" 7 ","traceHeader":"Root=1"}`,
			engine.StartInput{StateMachineARN: machineARN, Name: "n", Input: " 7 ", TraceHeader: ptr("Root=1")},
		},
		{"stop by default", "StopExecution", `{"executionArn":"` + executionARN + `"}`, engine.StopInput{ExecutionARN: executionARN}},
		{
			"stop", "StopExecution", `{"executionArn":"` + executionARN + `","error":"","cause":"c"}`,
			engine.StopInput{ExecutionARN: executionARN, Error: ptr(""), Cause: ptr("c")},
		},
		{"redrive", "RedriveExecution", `{"executionArn":"` + executionARN + `","clientToken":"!~"}`, engine.RedriveInput{ExecutionARN: executionARN, ClientToken: "!~"}},
		{
			"executions", "ListExecutions", `{"stateMachineArn":"` + machineARN + `","statusFilter":"FAILED","maxResults":7,"nextToken":"t"}`,
			engine.ListInput{StateMachineARN: machineARN, StatusFilter: engine.Failed, MaxResults: 7, NextToken: "t"},
		},
		{
			"history by default", "GetExecutionHistory", `{"executionArn":"` + executionARN + `"}`,
			engine.HistoryInput{ExecutionARN: executionARN, MaxResults: 100, IncludeExecutionData: true},
		},
		{
			"history", "GetExecutionHistory", `{"executionArn":"` + executionARN + `","maxResults":2,"nextToken":"t","reverseOrder":true,"includeExecutionData":false}`,
			engine.HistoryInput{ExecutionARN: executionARN, MaxResults: 2, NextToken: "t", ReverseOrder: true},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if status, body := b.call(t, c.operation, c.request); status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			if !reflect.DeepEqual(b.engine.asked, []any{c.want}) {
				t.Errorf("\n got %+v\nwant %+v", b.engine.asked, c.want)
			}
		})
	}
}

// The header is the service's preferred place of a trace.
func TestStartExecution_PrefersTheTraceHeaderOfTheRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	req := newRequest("StartExecution", `{"stateMachineArn":"`+machineARN+`","traceHeader":"Root=body"}`)
	req.Header.Set("X-Amzn-Trace-Id", "Root=header")
	b.send(t, req)
	if got := b.engine.asked[0].(engine.StartInput).TraceHeader; got == nil || *got != "Root=header" {
		t.Errorf("trace header %v", got)
	}
}

func TestBill_RoundsUpToTheServicesUnits(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]int64{
		0: 100, time.Nanosecond: 100, 100 * time.Millisecond: 100, 100*time.Millisecond + 1: 200, 25 * time.Second: 25_000,
	} {
		if got := bill(d).DurationMS; got != want {
			t.Errorf("%v: %d ms, want %d", d, got, want)
		}
	}
}
