package engine

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// lambdaInvoke is arn:aws:states:::lambda:invoke. Its Arguments are FunctionName
// and Payload; a Qualifier is put behind the name.
type lambdaInvoke struct {
	invoker Invoker
	newID   func() string
}

// Run calls the function. A function error fails the task under its errorType,
// with the whole payload as cause (recording).
func (l lambdaInvoke) Run(ctx context.Context, task TaskCall) (any, error) {
	arguments, _ := task.Arguments.(*asl.Object)
	if arguments == nil {
		arguments = asl.NewObject(0)
	}
	function, ok := stringMember(arguments, "FunctionName")
	if !ok {
		return nil, &TaskError{Name: errorRuntime, Cause: "The value for the field 'FunctionName' must be a STRING."}
	}
	if qualifier, ok := stringMember(arguments, "Qualifier"); ok {
		function += ":" + qualifier
	}
	payload := []byte("{}")
	if value, ok := arguments.Get("Payload"); ok {
		payload = asl.AppendJSON(nil, value)
	}
	answer, err := l.invoker.Invoke(context.WithValue(ctx, taskKey{}, task), function, payload)
	if err != nil {
		var failed *InvokeError
		if errors.As(err, &failed) {
			return nil, &TaskError{Name: failed.Name, Cause: failed.Cause}
		}
		return nil, &TaskError{Name: "Lambda.SdkClientException", Cause: err.Error()}
	}
	if answer.FunctionError != "" {
		return nil, functionError(answer.Payload)
	}
	return l.result(answer)
}

// result is the task's result, its members in AWS's order.
func (l lambdaInvoke) result(answer Result) (any, error) {
	var payload any
	if len(answer.Payload) > 0 {
		var err error
		if payload, err = asl.ParseJSON(answer.Payload); err != nil {
			return nil, &TaskError{Name: "Lambda.Unknown", Cause: "The function's answer is not JSON."}
		}
	}
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
		id = l.newID()
	}
	length := strconv.Itoa(len(answer.Payload))
	out := asl.NewObject(5)
	out.Set("ExecutedVersion", version)
	out.Set("Payload", payload)
	out.Set("SdkHttpMetadata", httpMetadata(status, [][2]string{
		{"X-Amz-Executed-Version", version},
		{"x-amzn-Remapped-Content-Length", "0"},
		{"Connection", "keep-alive"},
		{"x-amzn-RequestId", id},
		{"Content-Length", length},
		{"Content-Type", "application/json"},
	}))
	out.Set("SdkResponseMetadata", responseMetadata(id))
	out.Set("StatusCode", float64(status))
	return out, nil
}

// functionError reads the error document of a function.
func functionError(payload []byte) *TaskError {
	name := "Lambda.Unknown"
	if value, err := asl.ParseJSON(payload); err == nil {
		if document, ok := value.(*asl.Object); ok {
			if kind, ok := stringMember(document, "errorType"); ok && kind != "" {
				name = kind
			}
		}
	}
	return &TaskError{Name: name, Cause: strings.ToValidUTF8(string(payload), "\uFFFD")}
}

func stringMember(object *asl.Object, key string) (string, bool) {
	value, _ := object.Get(key)
	text, ok := value.(string)
	return text, ok
}

// httpMetadata is SdkHttpMetadata: every header once as a list and once as text.
func httpMetadata(status int, headers [][2]string) *asl.Object {
	all, single := asl.NewObject(len(headers)), asl.NewObject(len(headers))
	for _, header := range headers {
		all.Set(header[0], []any{header[1]})
		single.Set(header[0], header[1])
	}
	out := asl.NewObject(3)
	out.Set("AllHttpHeaders", all)
	out.Set("HttpHeaders", single)
	out.Set("HttpStatusCode", float64(status))
	return out
}

func responseMetadata(requestID string) *asl.Object {
	out := asl.NewObject(1)
	out.Set("RequestId", requestID)
	return out
}
