package engine

import (
	"context"
	"errors"
	"slices"
	"time"
)

// The bounds of a redrive (Developer Guide, "Restarting state machine executions
// with redrive"; API Reference, RedriveExecution).
const (
	redrivePeriod = 14 * 24 * time.Hour
	redriveLife   = 365 * 24 * time.Hour
	redriveMemory = 15 * time.Minute
	redriveTokens = 10
)

// redriveRefusal says in AWS's words why an execution cannot be redriven; empty:
// it can.
func (e *Engine) redriveRefusal(record Record) string {
	now := e.now()
	switch {
	case record.Status == Running:
		return "Execution is RUNNING and cannot be redriven"
	case record.Status == Succeeded:
		return "Execution is SUCCEEDED and cannot be redriven"
	case record.LastEventID >= historyLimit-1:
		// A recording; the API Reference says "Execution history event limit exceeded".
		return "Execution has exceeded the maximum history event limit"
	case now.Sub(record.StartDate) > redriveLife:
		return "Execution has exceeded the max execution time"
	case record.StopDate != nil && now.Sub(*record.StopDate) > redrivePeriod:
		return "Execution redrivable period exceeded"
	}
	return ""
}

// RedriveExecution resumes a closed execution in the state it stopped in, with
// its definition, input and variables, and with fresh retries and timeouts. It
// answers once the redrive is on disk. It refuses with InvalidArn,
// ExecutionDoesNotExist and ExecutionNotRedrivable. A state whose error was
// caught is not run again.
func (e *Engine) RedriveExecution(ctx context.Context, in RedriveInput) (RedriveOutput, error) {
	record, err := e.lookup(ctx, in.ExecutionARN)
	if err != nil {
		return RedriveOutput{}, err
	}
	if date, ok := e.redrivenBefore(record, in.ClientToken); ok {
		return RedriveOutput{RedriveDate: date}, nil
	}
	if reason := e.redriveRefusal(record); reason != "" {
		return RedriveOutput{}, notRedrivable(in.ExecutionARN, reason)
	}
	var out RedriveOutput
	err = e.with(ctx, in.ExecutionARN, func(d *driver) error {
		// Another redrive may have come first.
		if date, ok := e.redrivenBefore(d.record, in.ClientToken); ok {
			out.RedriveDate = date
			return nil
		}
		if reason := e.redriveRefusal(d.record); reason != "" {
			return notRedrivable(in.ExecutionARN, reason)
		}
		// DescribeExecution says REDRIVABLE all the same (recording).
		if e.programs.doomed(d.record.StateMachineARN) {
			return notRedrivable(in.ExecutionARN, "State machine is in DELETING status")
		}
		now := e.now()
		out.RedriveDate = now
		if in.ClientToken != "" {
			kept := d.record.Redrives[max(0, len(d.record.Redrives)+1-redriveTokens):]
			d.record.Redrives = append(slices.Clone(kept), RedriveToken{Token: in.ClientToken, Date: now})
		}
		d.run.redrive(now)
		return d.settle()
	})
	if errors.Is(err, errStale) { // it was past its time, and went this moment
		return RedriveOutput{}, executionDoesNotExist(in.ExecutionARN)
	}
	if err != nil {
		return RedriveOutput{}, within("redrive execution "+in.ExecutionARN, err)
	}
	return out, nil
}

// redrivenBefore finds the redrive of a client token.
func (e *Engine) redrivenBefore(record Record, token string) (time.Time, bool) {
	for _, redrive := range record.Redrives {
		if token != "" && redrive.Token == token && e.now().Sub(redrive.Date) <= redriveMemory {
			return redrive.Date, true
		}
	}
	return time.Time{}, false
}
