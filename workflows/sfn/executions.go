package sfn

import (
	"context"
	"regexp"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

var printable = regexp.MustCompile(`\A[!-~]+\z`)

func (h *Handler) stopExecution(ctx context.Context, r *request) (any, error) {
	arn := r.required("executionArn", arnMember()...)
	name := r.secret("error", atMost(256))
	cause := r.secret("cause", atMost(32_768))
	if err := r.err(); err != nil {
		return nil, err
	}
	stopped, err := h.engine.StopExecution(ctx, engine.StopInput{ExecutionARN: arn, Error: name, Cause: cause})
	if err != nil {
		return nil, err
	}
	return struct {
		StopDate timestamp `json:"stopDate"`
	}{timestamp(stopped.StopDate)}, nil
}

func (h *Handler) redriveExecution(ctx context.Context, r *request) (any, error) {
	arn := r.required("executionArn", arnMember()...)
	token := r.text("clientToken", notEmpty, atMost(64), matching(printable, "[!-~]+"))
	if err := r.err(); err != nil {
		return nil, err
	}
	in := engine.RedriveInput{ExecutionARN: arn}
	if token != nil {
		in.ClientToken = *token
	}
	redriven, err := h.engine.RedriveExecution(ctx, in)
	if err != nil {
		return nil, err
	}
	return struct {
		RedriveDate timestamp `json:"redriveDate"`
	}{timestamp(redriven.RedriveDate)}, nil
}

type execution struct {
	Cause               *string       `json:"cause,omitempty"`
	Error               *string       `json:"error,omitempty"`
	ExecutionARN        string        `json:"executionArn"`
	Input               *string       `json:"input,omitempty"`
	InputDetails        *included     `json:"inputDetails,omitempty"`
	Name                string        `json:"name"`
	Output              *string       `json:"output,omitempty"`
	OutputDetails       *included     `json:"outputDetails,omitempty"`
	RedriveCount        int           `json:"redriveCount"`
	RedriveDate         *timestamp    `json:"redriveDate,omitempty"`
	RedriveStatus       string        `json:"redriveStatus"`
	RedriveStatusReason *string       `json:"redriveStatusReason,omitempty"`
	StartDate           timestamp     `json:"startDate"`
	StateMachineARN     string        `json:"stateMachineArn"`
	Status              engine.Status `json:"status"`
	StopDate            *timestamp    `json:"stopDate,omitempty"`
	TraceHeader         string        `json:"traceHeader,omitempty"`
}

func (h *Handler) describeExecution(ctx context.Context, r *request) (any, error) {
	arn := r.required("executionArn", arnMember()...)
	metadataOnly := includedData(r)
	if err := r.err(); err != nil {
		return nil, err
	}
	x, err := h.engine.DescribeExecution(ctx, engine.DescribeInput{ExecutionARN: arn})
	if err != nil {
		return nil, err
	}
	out := execution{
		ExecutionARN: x.ARN, Name: x.Name, RedriveCount: x.RedriveCount, RedriveDate: optional(x.RedriveDate),
		RedriveStatus: x.RedriveStatus, RedriveStatusReason: x.RedriveStatusReason, StartDate: timestamp(x.StartDate),
		StateMachineARN: x.StateMachineARN, Status: x.Status, StopDate: optional(x.StopDate), TraceHeader: x.TraceHeader,
	}
	if metadataOnly {
		return out, nil
	}
	out.Input, out.InputDetails = &x.Input, &givenData
	out.Error, out.Cause = x.Error, x.Cause
	if x.Output != nil {
		out.Output, out.OutputDetails = x.Output, &givenData
	}
	return out, nil
}

type executionItem struct {
	ExecutionARN    string        `json:"executionArn"`
	Name            string        `json:"name"`
	RedriveCount    int           `json:"redriveCount"`
	RedriveDate     *timestamp    `json:"redriveDate,omitempty"`
	StartDate       timestamp     `json:"startDate"`
	StateMachineARN string        `json:"stateMachineArn"`
	Status          engine.Status `json:"status"`
	StopDate        *timestamp    `json:"stopDate,omitempty"`
}

func (h *Handler) listExecutions(ctx context.Context, r *request) (any, error) {
	arn := r.text("stateMachineArn", arnMember()...)
	status := r.text("statusFilter", oneOf("SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"))
	in := engine.ListInput{MaxResults: pageSize(r), NextToken: pageToken(r, 3096)}
	mapRun := r.text("mapRunArn", notEmpty, atMost(2000))
	redrive := r.text("redriveFilter", oneOf("REDRIVEN", "NOT_REDRIVEN"))
	if err := r.err(); err != nil {
		return nil, err
	}
	switch {
	case (arn == nil) == (mapRun == nil):
		return nil, validation("Exactly one of stateMachineArn and mapRunArn must be given")
	case mapRun != nil:
		return nil, refusal("ResourceNotFound", "Resource not found: '"+*mapRun+"'")
	case redrive != nil:
		return nil, validation("RedriveFilter cannot be applied to ListExecutions call with StateMachine ARN")
	}
	in.StateMachineARN = *arn
	if status != nil {
		in.StatusFilter = engine.Status(*status)
	}
	page, err := h.engine.ListExecutions(ctx, in)
	if err != nil {
		return nil, err
	}
	out := struct {
		Executions []executionItem `json:"executions"`
		NextToken  string          `json:"nextToken,omitempty"`
	}{make([]executionItem, len(page.Executions)), page.NextToken}
	for i, x := range page.Executions {
		out.Executions[i] = executionItem{
			ExecutionARN: x.ARN, Name: x.Name, RedriveCount: x.RedriveCount, RedriveDate: optional(x.RedriveDate),
			StartDate: timestamp(x.StartDate), StateMachineARN: x.StateMachineARN, Status: x.Status, StopDate: optional(x.StopDate),
		}
	}
	return out, nil
}
