package task

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Failed is the name of every error that no machine is meant to match: a defect
// of ours.
const Failed = "Task.Failed"

const (
	textFailed   = "the activity failed for a reason that is not of its contract"
	textPanicked = "the activity panicked"
)

// text is what an error of lead.Errors may say: constants, so that no history,
// trace or log can hold what somebody typed.
func text(name string) string {
	switch name {
	case lead.ErrInvalid.Error():
		return "the input is not of the contract of this activity"
	case lead.ErrRunning.Error():
		return "another execution is taking in the same post"
	case lead.ErrRateLimited.Error():
		return "the address has used its slots of the last 60 minutes"
	case lead.ErrConflict.Error():
		return "the idempotency key was used for other content"
	case lead.ErrWithheld.Error():
		return "the lead was erased or quarantined"
	case lead.ErrDatabaseUnavailable.Error():
		return "the database did not answer"
	case lead.ErrFibonacciUnavailable.Error():
		return "Fibonacci could not be reached or could not answer"
	case lead.ErrFibonacciThrottled.Error():
		return "Fibonacci asked for fewer calls"
	case lead.ErrFibonacciRejected.Error():
		return "Fibonacci refused the event"
	}
	return textFailed
}

// Errors that know a code or the step they failed in may implement these; the
// adapter and the log show what they give, and nothing else of the error.
// *pgconn.PgError has the first as it is.
type (
	sqlStater interface{ SQLState() string }
	// HTTPStatus is the status of the answer that the error stands for.
	httpStatuser interface{ HTTPStatus() int }
	// Operation names the step in words of ours ("persist lead"), without input.
	operationer interface{ Operation() string }
)

var sqlState = regexp.MustCompile(`^[0-9A-Z]{5}$`)

// adapt turns any error, however wrapped, into what Lambda reports by its exact
// name. It is a value, not a pointer: aws-lambda-go recognises only that, and
// would report the Go type ("wrapError") otherwise. The name is that of the error
// of lead.Errors that err is, or Task.Failed; the text is a constant with the
// SQLSTATE or HTTP status when the error carries one. err must not be nil.
func adapt(err error) messages.InvokeResponse_Error {
	out := messages.InvokeResponse_Error{Type: Failed}
	for _, known := range lead.Errors() {
		if errors.Is(err, known) {
			out.Type = known.Error()
			break
		}
	}
	out.Message = text(out.Type)
	if state, ok := SQLState(err); ok {
		out.Message += " (SQLSTATE " + state + ")"
	}
	var status httpStatuser
	if errors.As(err, &status) && status.HTTPStatus() > 0 {
		out.Message += fmt.Sprintf(" (HTTP %d)", status.HTTPStatus())
	}
	return out
}

// SQLState gives the five characters of the SQLSTATE an error carries, if any.
func SQLState(err error) (string, bool) {
	var state sqlStater
	if errors.As(err, &state) && sqlState.MatchString(state.SQLState()) {
		return state.SQLState(), true
	}
	return "", false
}

// fault is an error with the step it happened in.
type fault struct {
	operation string
	err       error
}

func (f *fault) Error() string     { return f.operation + ": " + f.err.Error() }
func (f *fault) Unwrap() error     { return f.err }
func (f *fault) Operation() string { return f.operation }

// In names the step in which err happened, in constant words of ours: unlike
// the text of err itself they are logged. A nil err stays nil.
func In(operation string, err error) error {
	if err == nil {
		return nil
	}
	return &fault{operation: operation, err: err}
}
