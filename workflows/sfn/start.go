package sfn

import (
	"context"
	"regexp"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// maxInput is the service's payload limit, in bytes of UTF-8.
const maxInput = 262_144

var ascii = regexp.MustCompile(`\A[\x00-\x7F]*\z`)

// readStart reads the members that both start operations share. An absent input
// is left to the engine, which runs with {}; an empty one is refused here, because
// the engine does not tell the two apart.
func readStart(r *request) (engine.StartInput, error) {
	var in engine.StartInput
	in.StateMachineARN = r.required("stateMachineArn", arnMember()...)
	if name := r.text("name", notEmpty, atMost(80)); name != nil {
		in.Name = *name
	}
	input := r.secret("input", bytesAtMost(maxInput))
	in.TraceHeader = r.text("traceHeader", atMost(256), matching(ascii, `\p{ASCII}*`))
	if len(r.traceID) > 0 && len(r.traceID) <= 256 && ascii.MatchString(r.traceID) {
		in.TraceHeader = &r.traceID
	}
	if err := r.err(); err != nil {
		return in, err
	}
	if input != nil {
		if *input == "" {
			return in, refusal("InvalidExecutionInput", "Invalid State Machine Execution Input: 'Invalid execution input.'")
		}
		in.Input = *input
	}
	return in, nil
}

func (h *Handler) startExecution(ctx context.Context, r *request) (any, error) {
	in, err := readStart(r)
	if err != nil {
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

// included says that data is in the answer.
type included struct {
	Type     marker `json:"__type"`
	Included bool   `json:"included"`
}

// givenData is what every operation says of data that it gives.
var givenData = included{markerOf("CloudWatchEventsExecutionDataDetails"), true}

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
	metadataOnly := includedData(r)
	in, err := readStart(r)
	if err != nil {
		return nil, err
	}
	run, err := h.engine.StartSyncExecution(ctx, in)
	if err != nil {
		return nil, err
	}
	out := syncExecution{
		Billing: bill(run.StopDate.Sub(run.StartDate)), ExecutionARN: run.ExecutionARN, Name: run.Name,
		StartDate: timestamp(run.StartDate), StateMachineARN: run.StateMachineARN, Status: run.Status,
		StopDate: timestamp(run.StopDate), TraceHeader: run.TraceHeader,
	}
	if metadataOnly {
		return out, nil
	}
	out.Input, out.InputDetails, out.OutputDetails = &run.Input, &givenData, &givenData
	out.Error, out.Cause = run.Error, run.Cause
	if run.Status == engine.Succeeded {
		out.Output = &run.Output
	}
	return out, nil
}
