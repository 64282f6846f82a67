package engine

import (
	"context"
	"errors"
	"strconv"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// startExecution is arn:aws:states:::states:startExecution: it starts another
// execution and does not wait for it.
type startExecution struct {
	engine *Engine
}

// Run starts the execution. A refusal fails the task under
// StepFunctions.<Type>Exception with AWS's cause (recording).
func (s startExecution) Run(ctx context.Context, task TaskCall) (any, error) {
	arguments, _ := task.Arguments.(*asl.Object)
	if arguments == nil {
		arguments = asl.NewObject(0)
	}
	id := s.engine.config.NewID()
	in := StartInput{Input: "{}"}
	var ok bool
	if in.StateMachineARN, ok = stringMember(arguments, "StateMachineArn"); !ok {
		return nil, &TaskError{Name: errorRuntime, Cause: "The value for the field 'StateMachineArn' must be a STRING."}
	}
	in.Name, _ = stringMember(arguments, "Name")
	if input, ok := arguments.Get("Input"); ok {
		// A text is the input as it stands, anything else is written out.
		if in.Input, ok = input.(string); !ok {
			in.Input = string(asl.AppendJSON(nil, input))
		}
	}
	started, err := s.engine.StartExecution(ctx, in)
	if err != nil {
		var refused *APIError
		if errors.As(err, &refused) {
			return nil, &TaskError{
				Name: "StepFunctions." + refused.Type + "Exception",
				Cause: refused.Message + " (Service: AWSStepFunctions; Status Code: 400; Error Code: " +
					refused.Type + "; Request ID: " + id + "; Proxy: null)",
			}
		}
		return nil, &TaskError{Name: "StepFunctions.SdkClientException", Cause: err.Error()}
	}
	out := asl.NewObject(4)
	out.Set("ExecutionArn", started.ExecutionARN)
	out.Set("SdkHttpMetadata", httpMetadata(200, [][2]string{
		{"x-amzn-RequestId", id},
		{"connection", "keep-alive"},
		{"Content-Length", strconv.Itoa(len(started.ExecutionARN) + len(`{"executionArn":"","startDate":1.700000000123E9}`))},
		{"Date", started.StartDate.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")},
		{"Content-Type", "application/x-amz-json-1.0"},
	}))
	out.Set("SdkResponseMetadata", responseMetadata(id))
	out.Set("StartDate", timestamp(started.StartDate))
	return out, nil
}
