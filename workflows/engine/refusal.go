package engine

import (
	"errors"
	"fmt"
)

// ErrFenced says that another engine took the store's lease: a write of this one
// was refused and it must stop. Returned by the Store; the engine ends on it.
var ErrFenced = errors.New("another engine holds this store")

// ErrLeaseHeld says that a running engine holds the store's lease. Returned by
// Start: two engines on one database are a mistake of the operator.
var ErrLeaseHeld = errors.New("an engine is already running on this store")

// ErrRejected says that the store can never take a write, so that trying again is
// useless. Returned by the Store.
var ErrRejected = errors.New("the store does not take this write")

// ErrClosed says that the engine is closing and takes nothing new.
var ErrClosed = errors.New("engine is closed")

// within says what an error happened in; a refusal is for the caller as it is.
func within(operation string, err error) error {
	var refused *APIError
	if errors.As(err, &refused) {
		return refused
	}
	return fmt.Errorf("%s: %w", operation, err)
}

func refuse(kind, format string, args ...any) *APIError {
	return &APIError{Type: kind, Message: fmt.Sprintf(format, args...)}
}

// The refusals below have AWS's texts (recordings).

func executionAlreadyExists(arn string) *APIError {
	return refuse("ExecutionAlreadyExists", "Execution Already Exists: '%s'", arn)
}

func executionDoesNotExist(arn string) *APIError {
	return refuse("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
}

func machineDoesNotExist(arn string) *APIError {
	return refuse("StateMachineDoesNotExist", "State Machine Does Not Exist: '%s'", arn)
}

// unknownMachine is machineDoesNotExist for the operations that take the ARN of a
// version too: AWS says then that there is no such version (recording).
func unknownMachine(arn string) *APIError {
	if isVersion(arn) {
		return refuse("StateMachineDoesNotExist", "State Machine Version Does Not Exist: '%s'", arn)
	}
	return machineDoesNotExist(arn)
}

func machineDeleting(arn string) *APIError {
	return refuse("StateMachineDeleting", "State Machine is being deleted: '%s'", arn)
}

func nothingToUpdate() *APIError {
	return refuse("MissingRequiredParameter",
		"Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified")
}

func machineAlreadyExists(arn string) *APIError {
	return refuse("StateMachineAlreadyExists", "State Machine Already Exists: '%s'", arn)
}

func typeNotSupported() *APIError {
	return refuse("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
}

func wrongResource(kind string) *APIError {
	return refuse("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: %s'", kind)
}

func invalidARN(arn string) *APIError {
	return refuse("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: %s'", arn)
}

func invalidName(name string) *APIError {
	return refuse("InvalidName", "Invalid Name: '%s'", name)
}

func invalidToken() *APIError {
	return refuse("InvalidToken", "Invalid Token: 'Invalid token'")
}

func invalidDefinition(format string, args ...any) *APIError {
	return refuse("InvalidDefinition", "Invalid State Machine Definition: '"+format+"'", args...)
}

func invalidInput(detail string) *APIError {
	return refuse("InvalidExecutionInput", "Invalid State Machine Execution Input: '%s'", detail)
}

func invalidValue(format string, args ...any) *APIError {
	return refuse("ValidationException", "1 validation error detected: "+format, args...)
}

func notRedrivable(arn, reason string) *APIError {
	return refuse("ExecutionNotRedrivable", "Execution %s invalid for redrive as: %s", arn, reason)
}
