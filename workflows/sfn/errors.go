package sfn

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// Namespaces of __type. SDKs drop everything up to the '#'.
const (
	stepFunctions = "com.amazonaws.swf.service.v2.model"
	coralValidate = "com.amazon.coral.validate"
	coralService  = "com.amazon.coral.service"
)

// wireError is an error as it goes on the wire.
type wireError struct {
	status    int
	namespace string
	kind      string
	message   string
}

func (e *wireError) Error() string { return e.kind + ": " + e.message }

// body spells the message's member as the namespace does (recordings; those of
// DynamoDB, which has the same frontend, for what is no request at all).
func (e *wireError) body() any {
	body := struct {
		Type    string `json:"__type"`
		Message string `json:"message,omitempty"`
		Capital string `json:"Message,omitempty"`
	}{Type: e.namespace + "#" + e.kind}
	if e.namespace == coralService {
		body.Capital = e.message
	} else {
		body.Message = e.message
	}
	return body
}

// refusal is an error of the Step Functions model.
func refusal(kind, message string) error {
	return &wireError{status: http.StatusBadRequest, namespace: stepFunctions, kind: kind, message: message}
}

// serialization refuses a body that is not of the protocol. A body that is no JSON
// object gets no message.
func serialization(message string) error {
	return &wireError{status: http.StatusBadRequest, namespace: coralService, kind: "SerializationException", message: message}
}

// validation refuses members that are readable but break their constraints; what
// breaks a rule of the service is a refusal of that name.
func validation(message string) error {
	return &wireError{status: http.StatusBadRequest, namespace: coralValidate, kind: "ValidationException", message: message}
}

// elsewhere are the operations that the service has and this endpoint has not. Who
// calls one did nothing wrong, and is told more than the service tells of a name
// that nobody knows.
var elsewhere = []string{
	"CreateActivity", "CreateStateMachineAlias", "DeleteActivity", "DeleteStateMachineAlias", "DeleteStateMachineVersion",
	"DescribeActivity", "DescribeMapRun", "DescribeStateMachineAlias", "GetActivityTask", "ListActivities", "ListMapRuns",
	"ListStateMachineAliases", "ListStateMachineVersions", "ListTagsForResource", "PublishStateMachineVersion",
	"SendTaskFailure", "SendTaskHeartbeat", "SendTaskSuccess", "TagResource", "TestState", "UntagResource", "UpdateMapRun",
	"UpdateStateMachineAlias",
}

func unknownOperation(name string) error {
	refused := &wireError{status: http.StatusBadRequest, kind: "UnknownOperationException", namespace: coralService}
	if slices.Contains(elsewhere, name) {
		refused.message = name + " is not an operation of this endpoint"
	}
	return refused
}

// toWire maps an engine's refusal to the wire and everything else to a fault
// that tells the caller nothing.
func toWire(err error) *wireError {
	if wire := (*wireError)(nil); errors.As(err, &wire) {
		return wire
	}
	if api := (*engine.APIError)(nil); errors.As(err, &api) {
		wire := &wireError{status: http.StatusBadRequest, namespace: stepFunctions, kind: api.Type, message: api.Message}
		if api.Type == "ValidationException" && strings.Contains(api.Message, "validation error") {
			wire.namespace = coralValidate
		}
		return wire
	}
	return &wireError{status: http.StatusInternalServerError, namespace: coralService, kind: "InternalFailure"}
}
