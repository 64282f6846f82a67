package sfn

import (
	"errors"
	"net/http"

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

func (e *wireError) body() any {
	return struct {
		Type    string `json:"__type"`
		Message string `json:"message,omitempty"`
	}{e.namespace + "#" + e.kind, e.message}
}

// refusal is an error of the Step Functions model.
func refusal(kind, message string) error {
	return &wireError{status: http.StatusBadRequest, namespace: stepFunctions, kind: kind, message: message}
}

// serialization refuses a body that is not of the protocol.
func serialization(message string) error {
	return &wireError{status: http.StatusBadRequest, namespace: coralService, kind: "SerializationException", message: message}
}

// validation refuses members that are readable but not allowed.
func validation(message string) error {
	return &wireError{status: http.StatusBadRequest, namespace: coralValidate, kind: "ValidationException", message: message}
}

// toWire maps an engine's refusal to the wire and everything else to a fault
// that tells the caller nothing.
func toWire(err error) *wireError {
	if wire := (*wireError)(nil); errors.As(err, &wire) {
		return wire
	}
	if api := (*engine.APIError)(nil); errors.As(err, &api) {
		wire := &wireError{status: http.StatusBadRequest, namespace: stepFunctions, kind: api.Type, message: api.Message}
		if api.Type == "ValidationException" {
			wire.namespace = coralValidate
		}
		return wire
	}
	return &wireError{status: http.StatusInternalServerError, namespace: coralService, kind: "InternalFailure"}
}
