package engine

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

func startArguments() *arguments {
	return &arguments{
		{name: "StateMachineArn", kind: textArgument, required: true, least: 1, most: 256},
		{name: "Name", kind: textArgument, least: 1, most: maxNameLength},
		{name: "Input"},
	}
}

// startExecution is arn:aws:states:::states:startExecution: it starts another
// execution and does not wait for it.
type startExecution struct {
	*arguments
	nestedStart
}

// Run implements Integration.
func (s startExecution) Run(ctx context.Context, task TaskCall) (any, error) {
	return s.submit(ctx, task, s.arguments)
}

// nestedStart starts executions for tasks.
type nestedStart struct {
	engine *Engine
}

// submit starts the execution and answers the call's result, its members in AWS's
// order (recording).
func (s nestedStart) submit(ctx context.Context, task TaskCall, takes *arguments) (any, error) {
	call := members(task.Arguments)
	id := s.engine.config.NewID()
	in := StartInput{Input: string(jsonText(call, "Input"))}
	in.StateMachineARN, _ = stringMember(call, "StateMachineArn")
	in.Name, _ = stringMember(call, "Name")
	started, err := s.start(ctx, task, in, takes.validate(call))
	if err != nil {
		return nil, optimisedError(err, id)
	}
	metadata := startHeaders.metadata(200.0, id, "keep-alive",
		strconv.Itoa(startAnswerLength(started.ExecutionARN, started.StartDate)), httpDate(s.engine.now()), "application/x-amz-json-1.0")
	return startResult.Object(started.ExecutionARN, metadata, responseMetadata.Object(id), epochMillis(started.StartDate)), nil
}

var (
	startHeaders = newHeaders("x-amzn-RequestId", "connection", "Content-Length", "Date", "Content-Type")
	startResult  = asl.NewShape("ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate")
)

// start starts an execution, once: a repeated attempt finds what the first one
// started. Without a name of its own the execution gets one that belongs to the
// attempt.
func (s nestedStart) start(ctx context.Context, task TaskCall, in StartInput, invalid *APIError) (StartOutput, error) {
	if invalid != nil {
		return StartOutput{}, invalid
	}
	own := in.Name == ""
	if own {
		in.Name = s.engine.attemptID(task, "name")
	}
	out, err := s.engine.StartExecution(ctx, in)
	var refused *APIError
	if err == nil || !errors.As(err, &refused) || refused.Type != "ExecutionAlreadyExists" || (!own && !task.Repeated) {
		return out, err
	}
	record, failed := s.engine.lookup(ctx, s.engine.executionARN(lastPart(in.StateMachineARN), in.Name))
	if failed != nil {
		return StartOutput{}, failed
	}
	if record.Input != in.Input || record.StartDate.Before(task.Started) {
		return out, err // somebody else's
	}
	return StartOutput{ExecutionARN: record.ARN, StartDate: record.StartDate}, nil
}

func lastPart(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

// optimisedError is a refused call as an optimised integration shows it (recording).
func optimisedError(err error, requestID string) error {
	var refused *APIError
	if !errors.As(err, &refused) {
		return &TaskError{Name: "StepFunctions.SdkClientException", Cause: err.Error()}
	}
	return &TaskError{
		Name: "StepFunctions." + exceptionName(refused.Type),
		Cause: refused.Message + " (Service: AWSStepFunctions; Status Code: 400; Error Code: " +
			refused.Type + "; Request ID: " + requestID + "; Proxy: null)",
	}
}

// exceptionName is the name of the class that AWS's SDK for Java has for an error.
func exceptionName(kind string) string {
	if strings.HasSuffix(kind, "Exception") {
		return kind
	}
	return kind + "Exception"
}
