package sfn

import (
	"context"
	"regexp"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// maxInput is the service's payload limit, in bytes of UTF-8.
const maxInput = 262_144

var ascii = regexp.MustCompile(`\A[\x00-\x7F]*\z`)

// readStart reads the members that both start operations share. The input is nil
// when absent: the service then runs with {}.
func readStart(r *request) (in engine.StartInput, input *string) {
	in.StateMachineARN = r.required("stateMachineArn", arnMember()...)
	if name := r.text("name", notEmpty, atMost(80)); name != nil {
		in.Name = *name
	}
	if input = r.secret("input", bytesAtMost(maxInput)); input != nil {
		in.Input = *input
	}
	if trace := r.text("traceHeader", atMost(256), matching(ascii, `\p{ASCII}*`)); trace != nil {
		in.TraceHeader = *trace
	}
	if r.traceID != "" {
		in.TraceHeader = r.traceID
	}
	return in, input
}

// admitStart checks name and input once the machine is known to exist: the service
// answers StateMachineDoesNotExist first.
func (h *Handler) admitStart(ctx context.Context, in engine.StartInput, input *string) (*engine.StateMachine, error) {
	if err := machineARN(in.StateMachineARN); err != nil {
		return nil, err
	}
	machine, err := h.engine.DescribeStateMachine(ctx, in.StateMachineARN)
	if err != nil {
		return nil, err
	}
	if err := checkName(in.Name); err != nil {
		return nil, err
	}
	if input != nil {
		if err := checkInput(*input); err != nil {
			return nil, err
		}
	}
	return machine, nil
}

// checkInput refuses an input that is not one JSON value. Bare numbers, strings
// and null are values.
func checkInput(input string) error {
	if input == "" {
		return refusal("InvalidExecutionInput", "Invalid State Machine Execution Input: 'Invalid execution input.'")
	}
	if !jsontext.Value(input).IsValid(jsontext.AllowDuplicateNames(true)) {
		return refusal("InvalidExecutionInput", "Invalid State Machine Execution Input: 'The input is not valid JSON'")
	}
	return nil
}

func (h *Handler) startExecution(ctx context.Context, r *request) (any, error) {
	in, input := readStart(r)
	if err := r.err(); err != nil {
		return nil, err
	}
	if _, err := h.admitStart(ctx, in, input); err != nil {
		return nil, err
	}
	started, err := h.engine.StartExecution(ctx, in)
	if err != nil {
		return nil, err
	}
	return struct {
		ExecutionARN string    `json:"executionArn"`
		StartDate    timestamp `json:"startDate"`
	}{started.ExecutionARN, timestamp(started.StartDate)}, nil
}

type billing struct {
	DurationMS int64 `json:"billedDurationInMilliseconds"`
	MemoryMB   int64 `json:"billedMemoryUsedInMB"`
}

// bill rounds up to the service's units of 100 ms; memory is its smallest unit of
// 64 MB, since nothing is measured per execution here.
func bill(d time.Duration) billing {
	const unit = 100 * time.Millisecond
	units := max(1, (d+unit-1)/unit)
	return billing{DurationMS: int64(units) * unit.Milliseconds(), MemoryMB: 64}
}

type included struct {
	Included bool `json:"included"`
}

type syncExecution struct {
	Billing         billing       `json:"billingDetails"`
	Cause           *string       `json:"cause,omitempty"`
	Error           *string       `json:"error,omitempty"`
	ExecutionARN    string        `json:"executionArn"`
	Input           *string       `json:"input,omitempty"`
	InputDetails    *included     `json:"inputDetails,omitempty"`
	Name            string        `json:"name"`
	Output          *string       `json:"output,omitempty"`
	OutputDetails   *included     `json:"outputDetails,omitempty"`
	StartDate       timestamp     `json:"startDate"`
	StateMachineARN string        `json:"stateMachineArn"`
	Status          engine.Status `json:"status"`
	StopDate        timestamp     `json:"stopDate"`
	TraceHeader     string        `json:"traceHeader,omitempty"`
}

func (h *Handler) startSyncExecution(ctx context.Context, r *request) (any, error) {
	in, input := readStart(r)
	metadataOnly := includedData(r)
	if err := r.err(); err != nil {
		return nil, err
	}
	machine, err := h.admitStart(ctx, in, input)
	if err != nil {
		return nil, err
	}
	if machine.Type != engine.Express {
		return nil, refusal("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
	}
	// An execution that has begun goes on to its end when its caller goes away.
	run, err := h.engine.StartSyncExecution(context.WithoutCancel(ctx), in)
	if err != nil {
		return nil, err
	}
	out := syncExecution{
		Billing: bill(run.StopDate.Sub(run.StartDate)), ExecutionARN: run.ExecutionARN, Name: run.Name,
		StartDate: timestamp(run.StartDate), StateMachineARN: run.StateMachineARN, Status: run.Status,
		StopDate: timestamp(run.StopDate), TraceHeader: in.TraceHeader,
	}
	if metadataOnly {
		return out, nil
	}
	out.Input, out.InputDetails, out.OutputDetails = &run.Input, &included{true}, &included{true}
	out.Error, out.Cause = run.Error, run.Cause
	if run.Status == engine.Succeeded {
		out.Output = &run.Output
	}
	return out, nil
}
