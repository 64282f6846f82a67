package sfn_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	client "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

func TestSDK_RunsAnExecutionFromStartToHistory(t *testing.T) {
	t.Parallel()
	c := connect(serve(t))
	arn := create(t, c, "m", pass, "")
	before := time.Now().Add(-time.Second)
	started, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &arn, Name: aws.String("x"), Input: aws.String(`{"a":"O'Brien <&>"}`)})
	if err != nil {
		t.Fatal(err)
	}
	if started.StartDate.Before(before) || started.StartDate.After(time.Now().Add(time.Second)) {
		t.Errorf("start date %v", started.StartDate)
	}
	x := settle(t, c, *started.ExecutionArn)
	if x.Status != types.ExecutionStatusSucceeded || *x.Output != `{"got":{"a":"O'Brien <&>"}}` || !x.OutputDetails.Included {
		t.Errorf("%s %v", x.Status, aws.ToString(x.Output))
	}
	if x.RedriveStatus != types.ExecutionRedriveStatusNotRedrivable || *x.RedriveStatusReason != "Execution is SUCCEEDED and cannot be redriven" || *x.RedriveCount != 0 {
		t.Errorf("redrive: %s %v", x.RedriveStatus, aws.ToString(x.RedriveStatusReason))
	}

	whole, err := c.GetExecutionHistory(t.Context(), &client.GetExecutionHistoryInput{ExecutionArn: started.ExecutionArn})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, e := range whole.Events {
		kinds = append(kinds, string(e.Type))
	}
	if want := []string{"ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"}; !reflect.DeepEqual(kinds, want) {
		t.Errorf("history %v", kinds)
	}
	if d := whole.Events[0].ExecutionStartedEventDetails; d == nil || *d.Input != `{"a":"O'Brien <&>"}` || *d.RoleArn != role {
		t.Errorf("first event: %+v", d)
	}
	bare, err := c.GetExecutionHistory(t.Context(), &client.GetExecutionHistoryInput{ExecutionArn: started.ExecutionArn, IncludeExecutionData: aws.Bool(false)})
	if err != nil {
		t.Fatal(err)
	}
	if d := bare.Events[0].ExecutionStartedEventDetails; d == nil || d.Input != nil || *d.RoleArn != role {
		t.Errorf("first event without data: %+v", d)
	}
}

func TestSDK_PagesOfAHistoryAreTheHistory(t *testing.T) {
	t.Parallel()
	c := connect(serve(t))
	arn := create(t, c, "m", pass, "")
	started, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	settle(t, c, *started.ExecutionArn)
	for _, reverse := range []bool{false, true} {
		var ids []int64
		pages := client.NewGetExecutionHistoryPaginator(c, &client.GetExecutionHistoryInput{ExecutionArn: started.ExecutionArn, MaxResults: 3, ReverseOrder: reverse})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Events {
				ids = append(ids, e.Id)
			}
		}
		want := []int64{1, 2, 3, 4}
		if reverse {
			want = []int64{4, 3, 2, 1}
		}
		if !reflect.DeepEqual(ids, want) {
			t.Errorf("reverse %t: %v", reverse, ids)
		}
	}
}

func TestSDK_PagesOfListsAreTheLists(t *testing.T) {
	t.Parallel()
	c := connect(serve(t))
	var arn string
	for _, name := range []string{"c", "a", "b", "e", "d"} {
		arn = create(t, c, name, pass, types.StateMachineTypeStandard)
	}
	var names []string
	machines := client.NewListStateMachinesPaginator(c, &client.ListStateMachinesInput{MaxResults: 2})
	for machines.HasMorePages() {
		page, err := machines.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range page.StateMachines {
			names = append(names, *m.Name)
		}
	}
	if strings.Join(names, "") != "abcde" {
		t.Errorf("machines %v", names)
	}

	for _, name := range []string{"1", "2", "3"} {
		started, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &arn, Name: aws.String(name)})
		if err != nil {
			t.Fatal(err)
		}
		settle(t, c, *started.ExecutionArn)
	}
	for status, want := range map[types.ExecutionStatus]string{"": "321", types.ExecutionStatusSucceeded: "321", types.ExecutionStatusFailed: ""} {
		names = nil
		executions := client.NewListExecutionsPaginator(c, &client.ListExecutionsInput{StateMachineArn: &arn, StatusFilter: status, MaxResults: 2})
		for executions.HasMorePages() {
			page, err := executions.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range page.Executions {
				names = append(names, *x.Name)
			}
		}
		if strings.Join(names, "") != want {
			t.Errorf("executions %q: %v, want %q", status, names, want)
		}
	}
}

func TestSDK_StopsAndRedrives(t *testing.T) {
	t.Parallel()
	c := connect(serve(t))
	waits, failing := create(t, c, "waits", wait, ""), create(t, c, "fails", fails, "")

	started, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &waits})
	if err != nil {
		t.Fatal(err)
	}
	var refused *types.ExecutionNotRedrivable
	if _, err := c.RedriveExecution(t.Context(), &client.RedriveExecutionInput{ExecutionArn: started.ExecutionArn}); !errors.As(err, &refused) {
		t.Errorf("redrive of a running execution: %v", err)
	} else if want := "Execution " + *started.ExecutionArn + " invalid for redrive as: Execution is RUNNING and cannot be redriven"; refused.ErrorMessage() != want {
		t.Errorf("message %q, want %q", refused.ErrorMessage(), want)
	}
	stopped, err := c.StopExecution(t.Context(), &client.StopExecutionInput{ExecutionArn: started.ExecutionArn, Error: aws.String("Probe.Stop"), Cause: aws.String("enough")})
	if err != nil {
		t.Fatal(err)
	}
	x := settle(t, c, *started.ExecutionArn)
	if x.Status != types.ExecutionStatusAborted || *x.Error != "Probe.Stop" || *x.Cause != "enough" || !x.StopDate.Equal(*stopped.StopDate) {
		t.Errorf("stopped: %s %v %v %v, answered %v", x.Status, aws.ToString(x.Error), aws.ToString(x.Cause), x.StopDate, stopped.StopDate)
	}

	started, err = c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &failing})
	if err != nil {
		t.Fatal(err)
	}
	if x := settle(t, c, *started.ExecutionArn); x.RedriveStatus != types.ExecutionRedriveStatusRedrivable || x.RedriveStatusReason != nil || *x.Error != "Probe.Failed" {
		t.Errorf("failed: %s %v", x.RedriveStatus, aws.ToString(x.RedriveStatusReason))
	}
	token := aws.String("one-token")
	first, err := c.RedriveExecution(t.Context(), &client.RedriveExecutionInput{ExecutionArn: started.ExecutionArn, ClientToken: token})
	if err != nil {
		t.Fatal(err)
	}
	settle(t, c, *started.ExecutionArn)
	again, err := c.RedriveExecution(t.Context(), &client.RedriveExecutionInput{ExecutionArn: started.ExecutionArn, ClientToken: token})
	if err != nil {
		t.Fatal(err)
	}
	if x := settle(t, c, *started.ExecutionArn); *x.RedriveCount != 1 || !again.RedriveDate.Equal(*first.RedriveDate) || !x.RedriveDate.Equal(*first.RedriveDate) {
		t.Errorf("the same token: count %d, %v then %v", *x.RedriveCount, first.RedriveDate, again.RedriveDate)
	}
}

func TestSDK_RunsSyncInBothHostForms(t *testing.T) {
	t.Parallel()
	url := serve(t)
	arn := create(t, connect(url), "m", pass, types.StateMachineTypeExpress)
	const trace = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0"
	broken := create(t, connect(url), "broken", fails, types.StateMachineTypeExpress)
	for name, form := range map[string]func(*client.Options){"prefix switched off": withoutHostPrefix, "prefix resolved": resolvingSync} {
		c := connect(url, form)
		out, err := c.StartSyncExecution(t.Context(), &client.StartSyncExecutionInput{StateMachineArn: &arn, Input: aws.String("7"), TraceHeader: aws.String(trace)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if out.Status != types.SyncExecutionStatusSucceeded || *out.Output != `{"got":7}` || out.BillingDetails.BilledMemoryUsedInMB != 64 || *out.TraceHeader != trace {
			t.Errorf("%s: %s %v", name, out.Status, aws.ToString(out.Output))
		}
		if !strings.HasPrefix(*out.ExecutionArn, "arn:aws:states:us-east-1:000000000000:express:m:") {
			t.Errorf("%s: %s", name, *out.ExecutionArn)
		}
		out, err = c.StartSyncExecution(t.Context(), &client.StartSyncExecutionInput{StateMachineArn: &broken})
		if err != nil {
			t.Errorf("%s: a failed execution is an answer: %v", name, err)
			continue
		}
		if out.Status != types.SyncExecutionStatusFailed || *out.Error != "Probe.Failed" || *out.Cause != "on purpose" || out.Output != nil {
			t.Errorf("%s: %s %v %v", name, out.Status, aws.ToString(out.Error), aws.ToString(out.Cause))
		}
	}
}

// Code and text of each refusal as a caller of the SDK sees them.
func TestSDK_ReadsEveryRefusalByItsName(t *testing.T) {
	t.Parallel()
	c := connect(serve(t), withoutHostPrefix)
	standard := create(t, c, "standard", wait, "")
	express := create(t, c, "express", pass, types.StateMachineTypeExpress)
	const (
		nowhere = "arn:aws:states:us-east-1:000000000000:stateMachine:nowhere"
		never   = "arn:aws:states:us-east-1:000000000000:execution:standard:never"
		fleet   = "arn:aws:states:us-east-1:000000000000:express:express:x:y"
	)
	started, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &standard, Name: aws.String("taken"), Input: aws.String("{}")})
	if err != nil {
		t.Fatal(err)
	}
	start := func(arn, name, input string) error {
		_, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &arn, Name: &name, Input: &input})
		return err
	}
	describe := func(arn string) error {
		_, err := c.DescribeExecution(t.Context(), &client.DescribeExecutionInput{ExecutionArn: &arn})
		return err
	}
	sync := func(arn string) error {
		_, err := c.StartSyncExecution(t.Context(), &client.StartSyncExecutionInput{StateMachineArn: &arn})
		return err
	}
	list := func(arn, token string) error {
		in := &client.ListExecutionsInput{StateMachineArn: &arn}
		if token != "" {
			in.NextToken = &token
		}
		_, err := c.ListExecutions(t.Context(), in)
		return err
	}
	update := func(in *client.UpdateStateMachineInput) error {
		in.StateMachineArn = &standard
		_, err := c.UpdateStateMachine(t.Context(), in)
		return err
	}
	define := func(name, definition string) error {
		_, err := c.CreateStateMachine(t.Context(), &client.CreateStateMachineInput{Name: &name, Definition: &definition, RoleArn: aws.String(role)})
		return err
	}
	unsupported := "This operation is not supported by this type of state machine"
	for _, row := range []struct {
		name, code, message string // message empty: the parser's own words
		err                 error
	}{
		{"machine unknown", "StateMachineDoesNotExist", "State Machine Does Not Exist: '" + nowhere + "'", start(nowhere, "n", "{}")},
		{"no ARN", "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: nonsense'", start("nonsense", "n", "{}")},
		{"execution for machine", "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: execution'", start(never, "n", "{}")},
		{"name", "InvalidName", "Invalid Name: 'a b'", start(standard, "a b", "{}")},
		{"input", "InvalidExecutionInput", "", start(standard, "n", "{'a':1}")},
		{"name taken", "ExecutionAlreadyExists", "Execution Already Exists: '" + *started.ExecutionArn + "'", start(standard, "taken", `{"other":1}`)},
		{"execution unknown", "ExecutionDoesNotExist", "Execution Does Not Exist: '" + never + "'", describe(never)},
		{"express described", "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'", describe(fleet)},
		{"sync of standard", "StateMachineTypeNotSupported", unsupported, sync(standard)},
		{"list of express", "StateMachineTypeNotSupported", unsupported, list(express, "")},
		{"token", "InvalidToken", "", list(standard, "bm8")},
		{"definition", "InvalidDefinition", "", define("bad", `{"StartAt":"A"}`)},
		{"machine taken", "StateMachineAlreadyExists", "State Machine Already Exists: '" + standard + "'", define("standard", pass)},
		{"machine name", "InvalidName", "Invalid Name: 'a/b'", define("a/b", pass)},
		{"update of nothing", "MissingRequiredParameter", "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified", update(&client.UpdateStateMachineInput{})},
		{"update to a bad definition", "InvalidDefinition", "", update(&client.UpdateStateMachineInput{Definition: aws.String("{")})},
		{"update to a bad role", "InvalidArn", "Invalid Role Arn: 'r'", update(&client.UpdateStateMachineInput{RoleArn: aws.String("r")})},
		{"update to a version", "ValidationException", "publish is not supported: this endpoint keeps no versions", update(&client.UpdateStateMachineInput{Definition: aws.String(pass), Publish: true})},
	} {
		refusedBy(t, row.name, row.err, row.code, row.message)
	}
}

// The same name and input while the first runs is the first; creating an equal
// machine again is the first machine.
func TestSDK_RepeatsAreIdempotent(t *testing.T) {
	t.Parallel()
	c := connect(serve(t))
	arn := create(t, c, "m", wait, "")
	if again := create(t, c, "m", wait, ""); again != arn {
		t.Errorf("created again: %s", again)
	}
	in := &client.StartExecutionInput{StateMachineArn: &arn, Name: aws.String("x"), Input: aws.String(`{"a":1}`)}
	first, err := c.StartExecution(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.StartExecution(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if *first.ExecutionArn != *again.ExecutionArn || !first.StartDate.Equal(*again.StartDate) {
		t.Errorf("%s %v, then %s %v", *first.ExecutionArn, first.StartDate, *again.ExecutionArn, again.StartDate)
	}
}
