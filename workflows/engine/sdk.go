package engine

import (
	"context"
	"errors"
	"regexp"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// sdkAction is one of arn:aws:states:::aws-sdk:sfn:*: a call of the Step Functions
// API itself. What it takes and answers has the names of AWS's SDK for Java.
type sdkAction struct {
	*arguments
	engine *Engine
	call   func(ctx context.Context, task TaskCall, arguments *asl.Object) (any, error)
}

// Run implements Integration. A refusal fails the task under Sfn.<Type>Exception.
func (s sdkAction) Run(ctx context.Context, task TaskCall) (any, error) {
	call := members(task.Arguments)
	if invalid := s.validate(call); invalid != nil {
		return nil, s.fail(invalid)
	}
	result, err := s.call(ctx, task, call)
	if err != nil {
		return nil, s.fail(err)
	}
	return result, nil
}

func (s sdkAction) fail(err error) error {
	var refused *APIError
	if !errors.As(err, &refused) {
		return &TaskError{Name: "Sfn.SdkClientException", Cause: err.Error()}
	}
	return &TaskError{
		Name: "Sfn." + exceptionName(refused.Type),
		Cause: refused.Message + " (Service: Sfn, Status Code: 400, Request ID: " + s.engine.config.NewID() +
			") (SDK Attempt Count: 1)",
	}
}

// sdkActions are the actions by name.
func sdkActions(e *Engine) map[string]sdkAction {
	arn := func(name string) argument {
		return argument{name: name, kind: textArgument, required: true, least: 1, most: 256}
	}
	return map[string]sdkAction{
		"startExecution": {engine: e, call: e.sdkStart, arguments: &arguments{
			arn("StateMachineArn"),
			{name: "Name", kind: textArgument, least: 1, most: maxNameLength},
			{name: "Input", kind: textArgument},
			{name: "TraceHeader", kind: textArgument, most: 256},
		}},
		"describeExecution": {engine: e, call: e.sdkDescribe, arguments: &arguments{
			arn("ExecutionArn"),
			{name: "IncludedData", kind: textArgument, enum: []string{"ALL_DATA", metadataOnly}},
		}},
		"listExecutions": {engine: e, call: e.sdkList, arguments: &arguments{
			{name: "StateMachineArn", kind: textArgument, least: 1, most: 256},
			{name: "StatusFilter", kind: textArgument, enum: []string{
				string(Running), string(Succeeded), string(Failed), string(TimedOut), string(Aborted), string(pendingRedrive),
			}},
			{name: "MaxResults", kind: integerArgument, most: 1000},
			{name: "NextToken", kind: textArgument, least: 1, most: 3096},
		}},
		"redriveExecution": {engine: e, call: e.sdkRedrive, arguments: &arguments{
			arn("ExecutionArn"),
			{name: "ClientToken", kind: textArgument, least: 1, most: 64, pattern: regexp.MustCompile(`[!-~]+`)},
		}},
		"stopExecution": {engine: e, call: e.sdkStop, arguments: &arguments{
			arn("ExecutionArn"),
			{name: "Error", kind: textArgument},
			{name: "Cause", kind: textArgument},
		}},
	}
}

const metadataOnly = "METADATA_ONLY"

func (e *Engine) sdkStart(ctx context.Context, task TaskCall, call *asl.Object) (any, error) {
	var in StartInput
	in.StateMachineARN, _ = stringMember(call, "StateMachineArn")
	in.Name, _ = stringMember(call, "Name")
	if header, ok := stringMember(call, "TraceHeader"); ok {
		in.TraceHeader = &header
	}
	var invalid *APIError
	if input := optionalMember(call, "Input"); input == nil {
		in.Input = "{}"
	} else if in.Input = *input; *input == "" {
		invalid = invalidInput("Invalid execution input.")
	}
	started, err := nestedStart{e}.start(ctx, task, in, invalid)
	if err != nil {
		return nil, err
	}
	out := asl.NewObject(2)
	out.Set("ExecutionArn", started.ExecutionARN)
	out.Set("StartDate", isoInstant(started.StartDate))
	return out, nil
}

func (e *Engine) sdkDescribe(ctx context.Context, _ TaskCall, call *asl.Object) (any, error) {
	arn, _ := stringMember(call, "ExecutionArn")
	record, err := e.lookup(ctx, arn)
	if err != nil {
		return nil, err
	}
	whole := e.sdkExecution(record, isoInstant, textOf)
	if included, _ := stringMember(call, "IncludedData"); included != metadataOnly {
		return whole, nil
	}
	out := asl.NewObject(whole.Len())
	for key, value := range whole.All() {
		switch key {
		case "Cause", "Error", "Input", "InputDetails", "Output", "OutputDetails":
		default:
			out.Set(key, value)
		}
	}
	return out, nil
}

func (e *Engine) sdkList(ctx context.Context, _ TaskCall, call *asl.Object) (any, error) {
	arn, given := stringMember(call, "StateMachineArn")
	if !given {
		return nil, invalidValue("Exactly one of stateMachineArn and mapRunArn must be given")
	}
	in := ListInput{StateMachineARN: arn}
	status, _ := stringMember(call, "StatusFilter")
	in.StatusFilter = Status(status)
	in.NextToken, _ = stringMember(call, "NextToken")
	if most, ok := call.Get("MaxResults"); ok && most != nil {
		in.MaxResults = int(most.(float64)) //nolint:forcetypeassert // an integer argument
	}
	page, err := e.ListExecutions(ctx, in)
	if err != nil {
		return nil, err
	}
	items := make([]any, len(page.Executions))
	for i, x := range page.Executions {
		item := asl.NewObject(8)
		item.Set("ExecutionArn", x.ARN)
		item.Set("Name", x.Name)
		item.Set("RedriveCount", float64(x.RedriveCount))
		setDate(item, "RedriveDate", x.RedriveDate, isoInstant)
		item.Set("StartDate", isoInstant(x.StartDate))
		item.Set("StateMachineArn", x.StateMachineARN)
		item.Set("Status", string(x.Status))
		setDate(item, "StopDate", x.StopDate, isoInstant)
		items[i] = item
	}
	out := asl.NewObject(2)
	out.Set("Executions", items)
	if page.NextToken != "" {
		out.Set("NextToken", page.NextToken)
	}
	return out, nil
}

// sdkRedrive gives the call a token of the attempt when it has none, as AWS's SDK
// gives it one: a repeated attempt redrives once.
func (e *Engine) sdkRedrive(ctx context.Context, task TaskCall, call *asl.Object) (any, error) {
	var in RedriveInput
	in.ExecutionARN, _ = stringMember(call, "ExecutionArn")
	if in.ClientToken, _ = stringMember(call, "ClientToken"); in.ClientToken == "" {
		in.ClientToken = e.attemptID(task, "token")
	}
	redriven, err := e.RedriveExecution(ctx, in)
	if err != nil {
		return nil, err
	}
	out := asl.NewObject(1)
	out.Set("RedriveDate", isoInstant(redriven.RedriveDate))
	return out, nil
}

func (e *Engine) sdkStop(ctx context.Context, _ TaskCall, call *asl.Object) (any, error) {
	in := StopInput{Error: optionalMember(call, "Error"), Cause: optionalMember(call, "Cause")}
	in.ExecutionARN, _ = stringMember(call, "ExecutionArn")
	stopped, err := e.StopExecution(ctx, in)
	if err != nil {
		return nil, err
	}
	out := asl.NewObject(1)
	out.Set("StopDate", isoInstant(stopped.StopDate))
	return out, nil
}
