package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// StartExecution starts an execution. Of a Standard machine it answers once the
// start is on disk: the same name with the same input, while the first still
// runs, answers the first; otherwise a taken name is ExecutionAlreadyExists. It
// refuses with InvalidArn, InvalidName, InvalidExecutionInput,
// StateMachineDoesNotExist, StateMachineDeleting and ValidationException.
func (e *Engine) StartExecution(ctx context.Context, in StartInput) (StartOutput, error) {
	program, input, err := e.prepare(ctx, &in)
	if err != nil {
		return StartOutput{}, err
	}
	if program.machine.Type == Express {
		return e.startExpress(program, in.Name, input)
	}
	return e.startStandard(ctx, program, in, input)
}

// prepare checks a start and fills in its name and input. What is wrong with the
// machine is told before what is wrong with the name (recording).
func (e *Engine) prepare(ctx context.Context, in *StartInput) (*program, *document, error) {
	if refused := wantMachine(in.StateMachineARN); refused != nil {
		return nil, nil, refused
	}
	if in.Input == "" {
		in.Input = "{}"
	}
	if len(in.Input) > payloadLimit {
		return nil, nil, invalidValue("Value at 'input' failed to satisfy constraint: Member must have length less than or equal to %d", payloadLimit)
	}
	program, err := e.programs.latest(ctx, in.StateMachineARN)
	if err != nil {
		return nil, nil, within("start execution", err)
	}
	if program.machine.Status == MachineDeleting {
		return nil, nil, machineDeleting(in.StateMachineARN)
	}
	if in.Name == "" {
		in.Name = e.config.NewID()
	} else if refused := checkName(in.Name); refused != nil {
		return nil, nil, refused
	}
	input, err := parseDocument(in.Input)
	if err != nil {
		return nil, nil, invalidInput(inputProblem(in.Input, err))
	}
	return program, input, nil
}

// inputProblem words what is wrong with an input. AWS quotes its own parser,
// which ours cannot be made to repeat for every text.
func inputProblem(input string, err error) string {
	var syntax *json.SyntaxError
	if bad := json.Unmarshal([]byte(input), new(any)); errors.As(bad, &syntax) {
		return syntax.Error() + " at byte " + strconv.FormatInt(syntax.Offset, 10)
	}
	return err.Error()
}

// maxError and maxCause bound every error and cause, in characters (API Reference):
// StopExecution takes no longer ones, of others the rest is cut off.
const (
	maxError = 256
	maxCause = 32_768
)

// StopExecution ends a running Standard execution as Aborted; of one already
// closed it answers the stop date. It refuses with InvalidArn,
// ExecutionDoesNotExist and ValidationException.
func (e *Engine) StopExecution(ctx context.Context, in StopInput) (StopOutput, error) {
	for _, field := range []struct {
		name  string
		value *string
		most  int
	}{{"error", in.Error, maxError}, {"cause", in.Cause, maxCause}} {
		if field.value != nil && utf8.RuneCountInString(*field.value) > field.most {
			return StopOutput{}, invalidValue("Value at '%s' failed to satisfy constraint: Member must have length less than or equal to %d", field.name, field.most)
		}
	}
	record, err := e.lookup(ctx, in.ExecutionARN)
	if err != nil {
		return StopOutput{}, err
	}
	if record.Status != Running {
		return StopOutput{StopDate: *record.StopDate}, nil
	}
	var out StopOutput
	err = e.with(ctx, in.ExecutionARN, func(d *driver) error {
		if d.run.status == Running {
			d.run.stop(e.now(), failure{err: in.Error, cause: in.Cause})
			if err := d.settle(); err != nil {
				return err
			}
		}
		out.StopDate = d.run.closed
		return nil
	})
	if err != nil {
		return StopOutput{}, within("stop execution "+in.ExecutionARN, err)
	}
	return out, nil
}

// DescribeExecution answers a Standard execution with its redrive status. It
// refuses with InvalidArn and ExecutionDoesNotExist.
func (e *Engine) DescribeExecution(ctx context.Context, in DescribeInput) (Execution, error) {
	record, err := e.lookup(ctx, in.ExecutionARN)
	if err != nil {
		return Execution{}, err
	}
	return e.describe(record), nil
}

func (e *Engine) describe(record Record) Execution {
	out := record.Execution
	if reason := e.redriveRefusal(record); reason != "" {
		out.RedriveStatus, out.RedriveStatusReason = "NOT_REDRIVABLE", &reason
	} else {
		out.RedriveStatus = "REDRIVABLE"
	}
	return out
}

// lookup reads the record of a Standard execution.
func (e *Engine) lookup(ctx context.Context, arn string) (Record, error) {
	if refused := wantResource(arn, "execution"); refused != nil {
		return Record{}, refused
	}
	records, err := e.config.Store.Records(ctx, []string{arn})
	if err != nil {
		return Record{}, fmt.Errorf("read execution %s: %w", arn, err)
	}
	if len(records) == 0 {
		return Record{}, executionDoesNotExist(arn)
	}
	return records[0], nil
}

// pendingRedrive is a status of the children of a Map Run, which there are none of.
const pendingRedrive Status = "PENDING_REDRIVE"

// ListExecutions pages through the executions of a Standard machine, newest
// first. It refuses with InvalidArn, InvalidToken, StateMachineDoesNotExist,
// StateMachineTypeNotSupported and ValidationException.
func (e *Engine) ListExecutions(ctx context.Context, in ListInput) (ListOutput, error) {
	if refused := wantResource(in.StateMachineARN, "stateMachine"); refused != nil {
		return ListOutput{}, refused
	}
	if in.StatusFilter == pendingRedrive {
		return ListOutput{}, refuse("ValidationException", "The status filter PENDING_REDRIVE is allowed with mapRunArn only")
	}
	limit, refused := pageSize(in.MaxResults)
	if refused != nil {
		return ListOutput{}, refused
	}
	machine, err := e.DescribeStateMachine(ctx, DescribeMachineInput{StateMachineARN: in.StateMachineARN})
	if err != nil {
		return ListOutput{}, err
	}
	if machine.Type != Standard {
		return ListOutput{}, typeNotSupported()
	}
	question := in.StateMachineARN + " " + string(in.StatusFilter)
	place, refused := openToken(in.NextToken, question)
	if refused != nil {
		return ListOutput{}, refused
	}
	query := ExecutionQuery{StateMachineARN: in.StateMachineARN, Status: in.StatusFilter, Limit: limit + 1}
	if place != "" {
		if query.Before, err = strconv.ParseInt(place, 10, 64); err != nil {
			return ListOutput{}, invalidToken()
		}
	}
	records, err := e.config.Store.Executions(ctx, query)
	if err != nil {
		return ListOutput{}, fmt.Errorf("list executions of %s: %w", in.StateMachineARN, err)
	}
	var out ListOutput
	if len(records) > limit {
		records = records[:limit]
		out.NextToken = sealToken(question, strconv.FormatInt(records[limit-1].Seq, 10))
	}
	out.Executions = make([]Execution, len(records))
	for i, record := range records {
		out.Executions[i] = e.describe(record)
		out.Executions[i].Input = ""
		out.Executions[i].Output, out.Executions[i].Error, out.Executions[i].Cause = nil, nil, nil
	}
	return out, nil
}

// GetExecutionHistory pages through the events of a Standard execution. It
// refuses with InvalidArn, InvalidToken, ExecutionDoesNotExist and
// ValidationException.
func (e *Engine) GetExecutionHistory(ctx context.Context, in HistoryInput) (HistoryOutput, error) {
	limit, refused := pageSize(in.MaxResults)
	if refused != nil {
		return HistoryOutput{}, refused
	}
	if _, err := e.lookup(ctx, in.ExecutionARN); err != nil {
		return HistoryOutput{}, err
	}
	question := in.ExecutionARN + " " + strconv.FormatBool(in.ReverseOrder)
	place, refused := openToken(in.NextToken, question)
	if refused != nil {
		return HistoryOutput{}, refused
	}
	query := EventQuery{ExecutionARN: in.ExecutionARN, Reverse: in.ReverseOrder, Limit: limit + 1}
	if place != "" {
		var err error
		if query.From, err = strconv.ParseInt(place, 10, 64); err != nil {
			return HistoryOutput{}, invalidToken()
		}
	}
	events, err := e.config.Store.Events(ctx, query)
	if err != nil {
		return HistoryOutput{}, fmt.Errorf("read history of %s: %w", in.ExecutionARN, err)
	}
	var out HistoryOutput
	if len(events) > limit {
		events = events[:limit]
		out.NextToken = sealToken(question, strconv.FormatInt(events[limit-1].ID, 10))
	}
	for i := range events {
		events[i].DetailsKey = detailsKey(events[i].Type)
		if !in.IncludeExecutionData {
			if events[i].Details, err = withoutData(events[i].Details); err != nil {
				return HistoryOutput{}, fmt.Errorf("read history of %s: %w", in.ExecutionARN, err)
			}
		}
	}
	out.Events = events
	return out, nil
}
