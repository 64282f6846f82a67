package sfn_test

import (
	"errors"
	"net/http"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	client "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// nap waits a second and goes on.
const nap = `{"QueryLanguage":"JSONata","StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"Next":"Z"},"Z":{"Type":"Succeed"}}}`

// refusedBy fails the test unless a call was refused with HTTP 400, that name and
// that text; an empty text is any.
func refusedBy(t *testing.T, name string, err error, code, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Errorf("%s: %v, want %s", name, err, code)
		return
	}
	if api.ErrorCode() != code || (message != "" && api.ErrorMessage() != message) || api.ErrorMessage() == "" {
		t.Errorf("%s: %s %q, want %s %q", name, api.ErrorCode(), api.ErrorMessage(), code, message)
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.HTTPStatusCode() != http.StatusBadRequest {
		t.Errorf("%s: HTTP %d", name, response.HTTPStatusCode())
	}
}

func TestSDK_UpdatesAMachineWhileItRuns(t *testing.T) {
	t.Parallel()
	c := connect(serve(t))
	arn := create(t, c, "m", wait, "")
	old, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	other, group := role+"-other", "arn:aws:logs:us-east-1:000000000000:log-group:g:*"
	logging := &types.LoggingConfiguration{
		Level: types.LogLevelError, IncludeExecutionData: true,
		Destinations: []types.LogDestination{{CloudWatchLogsLogGroup: &types.CloudWatchLogsLogGroup{LogGroupArn: &group}}},
	}
	updated, err := c.UpdateStateMachine(t.Context(), &client.UpdateStateMachineInput{
		StateMachineArn: &arn, Definition: aws.String(pass), RoleArn: &other, LoggingConfiguration: logging,
	})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(updated.RevisionId) == "" || updated.StateMachineVersionArn != nil {
		t.Errorf("updated: %+v", updated)
	}
	now, err := c.DescribeStateMachine(t.Context(), &client.DescribeStateMachineInput{StateMachineArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	if *now.Definition != pass || *now.RoleArn != other || aws.ToString(now.RevisionId) != *updated.RevisionId || !reflect.DeepEqual(now.LoggingConfiguration, logging) ||
		now.TracingConfiguration.Enabled || now.EncryptionConfiguration.Type != types.EncryptionTypeAwsOwnedKey || now.Status != types.StateMachineStatusActive {
		t.Errorf("the machine: %+v", now)
	}
	next, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	for execution, want := range map[string]client.DescribeStateMachineForExecutionOutput{
		*old.ExecutionArn: {Definition: aws.String(wait), RoleArn: aws.String(role), LoggingConfiguration: &types.LoggingConfiguration{Level: types.LogLevelOff}, UpdateDate: now.CreationDate},
		*next.ExecutionArn: {
			Definition: aws.String(pass), RoleArn: &other, LoggingConfiguration: logging, RevisionId: updated.RevisionId, UpdateDate: updated.UpdateDate,
		},
	} {
		got, err := c.DescribeStateMachineForExecution(t.Context(), &client.DescribeStateMachineForExecutionInput{ExecutionArn: &execution})
		if err != nil {
			t.Fatal(err)
		}
		want.StateMachineArn, want.Name = &arn, aws.String("m")
		want.TracingConfiguration = &types.TracingConfiguration{}
		want.EncryptionConfiguration = &types.EncryptionConfiguration{Type: types.EncryptionTypeAwsOwnedKey}
		got.ResultMetadata = want.ResultMetadata
		if !reflect.DeepEqual(*got, want) {
			t.Errorf("%s:\n got %+v\nwant %+v", execution, *got, want)
		}
	}
	if x := settle(t, c, *next.ExecutionArn); x.Status != types.ExecutionStatusSucceeded {
		t.Errorf("the next: %s", x.Status)
	}
	metadata, err := c.DescribeStateMachineForExecution(t.Context(), &client.DescribeStateMachineForExecutionInput{ExecutionArn: old.ExecutionArn, IncludedData: types.IncludedDataMetadataOnly})
	if err != nil || *metadata.Definition != "{}" {
		t.Errorf("without data: %+v, %v", metadata, err)
	}
}

func TestSDK_DeletesAMachine(t *testing.T) {
	t.Parallel()
	c := connect(serve(t))
	arn := create(t, c, "m", nap, "")
	started, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &arn})
	if err != nil {
		t.Fatal(err)
	}
	for _, machine := range []string{arn, arn, arn + "-absent", arn + ":1", arn + ":live"} {
		if _, err := c.DeleteStateMachine(t.Context(), &client.DeleteStateMachineInput{StateMachineArn: &machine}); err != nil {
			t.Errorf("%s: %v", machine, err)
		}
	}
	now, err := c.DescribeStateMachine(t.Context(), &client.DescribeStateMachineInput{StateMachineArn: &arn})
	if err != nil || now.Status != types.StateMachineStatusDeleting {
		t.Errorf("the machine: %+v, %v", now, err)
	}
	text := "State Machine is being deleted: '" + arn + "'"
	_, err = c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &arn})
	refusedBy(t, "start", err, "StateMachineDeleting", text)
	_, err = c.UpdateStateMachine(t.Context(), &client.UpdateStateMachineInput{StateMachineArn: &arn, Definition: aws.String(pass)})
	refusedBy(t, "update", err, "StateMachineDeleting", text)
	_, err = c.CreateStateMachine(t.Context(), &client.CreateStateMachineInput{Name: aws.String("m"), Definition: aws.String(nap), RoleArn: aws.String(role)})
	refusedBy(t, "create", err, "StateMachineDeleting", text)

	x := settle(t, c, *started.ExecutionArn)
	if x.Status != types.ExecutionStatusFailed || *x.Error != "States.Runtime" || *x.Cause != "State machine m has been deleted" {
		t.Errorf("the execution: %s %s: %s", x.Status, aws.ToString(x.Error), aws.ToString(x.Cause))
	}
	_, err = c.RedriveExecution(t.Context(), &client.RedriveExecutionInput{ExecutionArn: started.ExecutionArn})
	refusedBy(t, "redrive", err, "ExecutionNotRedrivable", "Execution "+*started.ExecutionArn+" invalid for redrive as: State machine is in DELETING status")
}

func TestSDK_ValidatesDefinitions(t *testing.T) {
	t.Parallel()
	c := connect(serve(t))
	good, err := c.ValidateStateMachineDefinition(t.Context(), &client.ValidateStateMachineDefinitionInput{Definition: aws.String(pass), Type: types.StateMachineTypeExpress, Severity: types.ValidateStateMachineDefinitionSeverityWarning})
	if err != nil {
		t.Fatal(err)
	}
	if good.Result != types.ValidateStateMachineDefinitionResultCodeOk || len(good.Diagnostics) != 0 || *good.Truncated {
		t.Errorf("good: %+v", good)
	}
	const bad = `{"QueryLanguage":"JSONata","StartAt":"B","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::nothing:here","Next":"C"}}}`
	all, err := c.ValidateStateMachineDefinition(t.Context(), &client.ValidateStateMachineDefinitionInput{Definition: aws.String(bad)})
	if err != nil {
		t.Fatal(err)
	}
	if all.Result != types.ValidateStateMachineDefinitionResultCodeFail || len(all.Diagnostics) < 2 || *all.Truncated {
		t.Errorf("bad: %+v", all)
	}
	for _, d := range all.Diagnostics {
		if d.Severity != types.ValidateStateMachineDefinitionSeverityError || aws.ToString(d.Code) == "" || aws.ToString(d.Message) == "" {
			t.Errorf("diagnostic: %+v", d)
		}
	}
	first, err := c.ValidateStateMachineDefinition(t.Context(), &client.ValidateStateMachineDefinitionInput{Definition: aws.String(bad), MaxResults: 1})
	if err != nil || !*first.Truncated || len(first.Diagnostics) != 1 || !reflect.DeepEqual(first.Diagnostics, all.Diagnostics[:1]) {
		t.Errorf("one of them: %+v, %v", first, err)
	}
}

// What an operation says of an ARN depends on what kind of thing it names, and not
// on what is there.
func TestSDK_RefusesQualifiedARNs(t *testing.T) {
	t.Parallel()
	c := connect(serve(t), withoutHostPrefix)
	arn := create(t, c, "m", wait, "")
	machine := map[string]func(arn string) error{
		"describe": func(arn string) error {
			_, err := c.DescribeStateMachine(t.Context(), &client.DescribeStateMachineInput{StateMachineArn: &arn})
			return err
		},
		"update": func(arn string) error {
			_, err := c.UpdateStateMachine(t.Context(), &client.UpdateStateMachineInput{StateMachineArn: &arn, Definition: aws.String(pass)})
			return err
		},
		"start": func(arn string) error {
			_, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &arn})
			return err
		},
		"sync": func(arn string) error {
			_, err := c.StartSyncExecution(t.Context(), &client.StartSyncExecutionInput{StateMachineArn: &arn})
			return err
		},
		"list": func(arn string) error {
			_, err := c.ListExecutions(t.Context(), &client.ListExecutionsInput{StateMachineArn: &arn})
			return err
		},
		"delete": func(arn string) error {
			_, err := c.DeleteStateMachine(t.Context(), &client.DeleteStateMachineInput{StateMachineArn: &arn})
			return err
		},
	}
	execution := map[string]func(arn string) error{
		"describe": func(arn string) error {
			_, err := c.DescribeExecution(t.Context(), &client.DescribeExecutionInput{ExecutionArn: &arn})
			return err
		},
		"history": func(arn string) error {
			_, err := c.GetExecutionHistory(t.Context(), &client.GetExecutionHistoryInput{ExecutionArn: &arn})
			return err
		},
		"machine": func(arn string) error {
			_, err := c.DescribeStateMachineForExecution(t.Context(), &client.DescribeStateMachineForExecutionInput{ExecutionArn: &arn})
			return err
		},
		"stop": func(arn string) error {
			_, err := c.StopExecution(t.Context(), &client.StopExecutionInput{ExecutionArn: &arn})
			return err
		},
		"redrive": func(arn string) error {
			_, err := c.RedriveExecution(t.Context(), &client.RedriveExecutionInput{ExecutionArn: &arn})
			return err
		},
	}
	const prefix = "arn:aws:states:us-east-1:000000000000:"
	for name, call := range machine {
		refusedBy(t, name+" nonsense", call("nonsense"), "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: nonsense'")
		refusedBy(t, name+" an execution", call(prefix+"execution:m:x"), "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: execution'")
		refusedBy(t, name+" an activity", call(prefix+"activity:a"), "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: activity'")
		refusedBy(t, name+" a NUL", call(arn+"\x00"), "InvalidArn", "")
		if name == "delete" {
			continue // what is not there is deleted
		}
		unknown := "StateMachineDoesNotExist"
		refusedBy(t, name+" unknown", call(arn+"x"), unknown, "State Machine Does Not Exist: '"+arn+"x'")
		refusedBy(t, name+" of another account", call("arn:aws:states:us-east-1:111111111111:stateMachine:m"), unknown, "")
		refusedBy(t, name+" of another region", call("arn:aws:states:eu-west-1:000000000000:stateMachine:m"), unknown, "")
		refusedBy(t, name+" an alias", call(arn+":live"), unknown, "State Machine Does Not Exist: '"+arn+":live'")
		refusedBy(t, name+" a version", call(arn+":1"), unknown, map[bool]string{
			true: "State Machine Does Not Exist: '" + arn + ":1'", false: "State Machine Version Does Not Exist: '" + arn + ":1'",
		}[name == "update"])
	}
	for name, call := range execution {
		refusedBy(t, name+" nonsense", call("nonsense"), "InvalidArn", "Invalid Arn: 'Invalid ARN prefix: nonsense'")
		refusedBy(t, name+" a machine", call(arn), "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: stateMachine'")
		refusedBy(t, name+" an Express execution", call(prefix+"express:m:x:y"), "InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
		refusedBy(t, name+" a NUL", call(prefix+"execution:m:\x00"), "InvalidArn", "")
		refusedBy(t, name+" unknown", call(prefix+"execution:m:x"), "ExecutionDoesNotExist", "Execution Does Not Exist: '"+prefix+"execution:m:x'")
	}
}

// A token belongs to one question of one operation; another size of the page is the
// same question.
func TestSDK_RefusesTokensOfOtherQuestions(t *testing.T) {
	t.Parallel()
	c := connect(serve(t))
	a, b := create(t, c, "a", wait, ""), create(t, c, "b", wait, "")
	var x, y string
	for _, name := range []string{"x", "y", "z"} {
		for arn, last := range map[string]*string{a: &x, b: &y} {
			out, err := c.StartExecution(t.Context(), &client.StartExecutionInput{StateMachineArn: &arn, Name: &name})
			if err != nil {
				t.Fatal(err)
			}
			*last = *out.ExecutionArn
		}
	}
	machines := func(token *string, size int32) (*string, error) {
		out, err := c.ListStateMachines(t.Context(), &client.ListStateMachinesInput{NextToken: token, MaxResults: size})
		if err != nil {
			return nil, err
		}
		return out.NextToken, nil
	}
	executions := func(arn string, status types.ExecutionStatus) func(*string, int32) (*string, error) {
		return func(token *string, size int32) (*string, error) {
			out, err := c.ListExecutions(t.Context(), &client.ListExecutionsInput{StateMachineArn: &arn, StatusFilter: status, NextToken: token, MaxResults: size})
			if err != nil {
				return nil, err
			}
			return out.NextToken, nil
		}
	}
	history := func(arn string, reverse bool) func(*string, int32) (*string, error) {
		return func(token *string, size int32) (*string, error) {
			out, err := c.GetExecutionHistory(t.Context(), &client.GetExecutionHistoryInput{ExecutionArn: &arn, ReverseOrder: reverse, NextToken: token, MaxResults: size})
			if err != nil {
				return nil, err
			}
			return out.NextToken, nil
		}
	}
	questions := map[string]func(*string, int32) (*string, error){
		"machines":        machines,
		"executions of a": executions(a, ""), "running of a": executions(a, types.ExecutionStatusRunning), "executions of b": executions(b, ""),
		"history of a": history(x, false), "history of a backwards": history(x, true), "history of b": history(y, false),
	}
	for from, question := range questions {
		token, err := question(nil, 1)
		if err != nil || token == nil {
			t.Fatalf("%s: no second page: %v", from, err)
		}
		if next, err := question(token, 1000); err != nil || next != nil {
			t.Errorf("%s, the rest: %v, %v", from, aws.ToString(next), err)
		}
		for to, other := range questions {
			if to != from {
				_, err := other(token, 1)
				refusedBy(t, from+" to "+to, err, "InvalidToken", "Invalid Token: 'Invalid token'")
			}
		}
		for _, garbage := range []string{"x", "%", *token + "x", "AAAA", "bWFjaGluZXMK_w", "bWFjaGluZXMKAA"} {
			_, err := question(&garbage, 1)
			refusedBy(t, from+" with "+garbage, err, "InvalidToken", "Invalid Token: 'Invalid token'")
		}
	}
}
