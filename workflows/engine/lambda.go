package engine

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// lambdaCall calls functions for tasks.
type lambdaCall struct {
	engine *Engine
}

// invoke calls a function. A function error fails the task under its errorType,
// with the whole payload as cause (recording).
func (l lambdaCall) invoke(ctx context.Context, task TaskCall, function string, payload []byte) (answer Result, result any, err error) {
	answer, err = l.engine.config.Invoker.Invoke(context.WithValue(ctx, taskKey{}, task), function, payload)
	if err != nil {
		var failed *InvokeError
		if errors.As(err, &failed) {
			return answer, nil, &TaskError{Name: failed.Name, Cause: failed.Cause}
		}
		return answer, nil, &TaskError{Name: "Lambda.SdkClientException", Cause: err.Error()}
	}
	if answer.FunctionError != "" {
		return answer, nil, functionError(answer.Payload)
	}
	if len(answer.Payload) > 0 {
		if result, err = asl.ParseJSON(answer.Payload); err != nil {
			return answer, nil, &TaskError{Name: "Lambda.Unknown", Cause: "The function's answer is not JSON."}
		}
	}
	return answer, result, nil
}

// functionError reads the error document of a function.
func functionError(payload []byte) *TaskError {
	text := strings.ToValidUTF8(string(payload), "\uFFFD")
	if value, err := asl.ParseJSON(payload); err == nil {
		if document, ok := value.(*asl.Object); ok {
			if kind, ok := stringMember(document, "errorType"); ok && kind != "" {
				return &TaskError{Name: kind, Cause: text}
			}
		}
	}
	return &TaskError{
		Name:  "Lambda.Unknown",
		Cause: "The cause could not be determined because Lambda did not return an error type. Returned payload: " + text,
	}
}

// lambdaFunction is a function's own ARN as Resource: the arguments are the
// payload, the function's answer is the result.
type lambdaFunction struct {
	lambdaCall
	arn string
}

// Run implements Integration.
func (l lambdaFunction) Run(ctx context.Context, task TaskCall) (any, error) {
	_, result, err := l.invoke(ctx, task, l.arn, asl.AppendJSON(nil, task.Arguments))
	return result, err
}

// lambdaInvoke is arn:aws:states:::lambda:invoke. A Qualifier is put behind the
// name.
type lambdaInvoke struct {
	*arguments
	lambdaCall
}

func lambdaArguments() *arguments {
	return &arguments{
		{name: "FunctionName", kind: textArgument, required: true},
		{name: "Payload"},
		{name: "Qualifier", kind: textArgument},
		{name: "InvocationType", kind: textArgument, only: "RequestResponse"},
	}
}

// Run implements Integration.
func (l lambdaInvoke) Run(ctx context.Context, task TaskCall) (any, error) {
	call := members(task.Arguments)
	function, _ := stringMember(call, "FunctionName")
	if qualifier, ok := stringMember(call, "Qualifier"); ok {
		function += ":" + qualifier
	}
	answer, payload, err := l.invoke(ctx, task, function, jsonText(call, "Payload"))
	if err != nil {
		return nil, err
	}
	return l.result(answer, payload), nil
}

// result is the task's result.
func (l lambdaInvoke) result(answer Result, payload any) any {
	status := answer.StatusCode
	if status == 0 {
		status = 200
	}
	version := answer.ExecutedVersion
	if version == "" {
		version = "$LATEST"
	}
	id := answer.RequestID
	if id == "" {
		id = l.engine.config.NewID()
	}
	now := l.engine.now()
	var requestID any = id
	metadata := lambdaHeaders.metadata(float64(status), version, "0", "keep-alive", requestID,
		strconv.Itoa(len(answer.Payload)), httpDate(now), traceID(now, id), "application/json")
	return lambdaResult.Object(version, payload, metadata, responseMetadata.Object(requestID), float64(status))
}

// The members and headers of the result, in AWS's order (recording).
var (
	lambdaResult  = asl.NewShape("ExecutedVersion", "Payload", "SdkHttpMetadata", "SdkResponseMetadata", "StatusCode")
	lambdaHeaders = newHeaders("X-Amz-Executed-Version", "x-amzn-Remapped-Content-Length", "Connection", "x-amzn-RequestId",
		"Content-Length", "Date", "X-Amzn-Trace-Id", "Content-Type")
)

// traceID is the trace of a call that is not sampled, in X-Ray's form: the time and
// 96 bits, the parent's 64 bits. The bits are the digits of the request's id.
func traceID(now time.Time, requestID string) string {
	var digits [32]byte
	n := 0
	for i := 0; i < len(requestID) && n < len(digits); i++ {
		if c := lower(requestID[i]); '0' <= c && c <= '9' || 'a' <= c && c <= 'f' {
			digits[n] = c
			n++
		}
	}
	for ; n < len(digits); n++ {
		digits[n] = '0'
	}
	return "Root=1-" + strconv.FormatInt(now.Unix(), 16) + "-" + string(digits[:24]) + ";Parent=" + string(digits[16:]) + ";Sampled=0"
}
