package history

import (
	"encoding/json"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// columns turns writes into the arrays that the commit statement takes, one per
// column, in the order of its parameters.
func columns(epoch int64, writes []engine.Write) ([]any, error) {
	steps := newSteps(len(writes))
	var events eventColumns
	var changes changeColumns
	for i := range writes {
		write := &writes[i]
		if err := steps.add(write); err != nil {
			return nil, err
		}
		events.add(write)
		changes.add(write)
	}
	arguments := append([]any{epoch}, steps.arrays()...)
	arguments = append(arguments, events.arns, events.ids, events.previous, events.at, events.types, events.details, events.private)
	return append(arguments, changes.arns, changes.ids, changes.at, changes.bodies), nil
}

type stepColumns struct {
	arn, machine, revision, name, status, input []string
	output, err, cause                          []*string
	role, trace                                 []string
	expect, last                                []int64
	started                                     []time.Time
	stopped, redriven, wake                     []*time.Time
	redriveCount                                []int32
	timers, redrives                            []*string
}

func newSteps(n int) *stepColumns {
	return &stepColumns{arn: make([]string, 0, n)}
}

func (c *stepColumns) add(write *engine.Write) error {
	r := &write.Record
	timers, err := document(len(r.Timers) > 0, r.Timers)
	if err != nil {
		return err
	}
	redrives, err := document(len(r.Redrives) > 0, r.Redrives)
	if err != nil {
		return err
	}
	c.arn = append(c.arn, r.ARN)
	c.expect = append(c.expect, write.Expect)
	c.machine = append(c.machine, r.StateMachineARN)
	c.revision = append(c.revision, r.Revision)
	c.name = append(c.name, r.Name)
	c.status = append(c.status, string(r.Status))
	c.input = append(c.input, r.Input)
	c.output = append(c.output, r.Output)
	c.err = append(c.err, storable(r.Error))
	c.cause = append(c.cause, storable(r.Cause))
	c.role = append(c.role, r.RoleARN)
	c.started = append(c.started, r.StartDate)
	c.stopped = append(c.stopped, r.StopDate)
	c.redriveCount = append(c.redriveCount, int32(r.RedriveCount))
	c.redriven = append(c.redriven, r.RedriveDate)
	c.last = append(c.last, r.LastEventID)
	c.wake = append(c.wake, r.WakeAt)
	c.timers = append(c.timers, timers)
	c.redrives = append(c.redrives, redrives)
	c.trace = append(c.trace, r.TraceHeader)
	return nil
}

func (c *stepColumns) arrays() []any {
	return []any{
		c.arn, c.expect, c.machine, c.revision, c.name, c.status, c.input, c.output, c.err, c.cause, c.role,
		c.started, c.stopped, c.redriveCount, c.redriven, c.last, c.wake, c.timers, c.redrives, c.trace,
	}
}

// document writes what has no column of its own; nil when there is nothing.
func document(present bool, value any) (*string, error) {
	if !present {
		return nil, nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	out := string(text)
	return &out, nil
}

type eventColumns struct {
	arns, types      []string
	details, private []*string // nil: it has none
	ids, previous    []int64
	at               []time.Time
}

func (c *eventColumns) add(write *engine.Write) {
	for i := range write.Events {
		event := &write.Events[i]
		c.arns = append(c.arns, write.Record.ARN)
		c.ids = append(c.ids, event.ID)
		c.previous = append(c.previous, event.PreviousID)
		c.at = append(c.at, event.Timestamp)
		c.types = append(c.types, event.Type)
		c.details = append(c.details, optional(event.Details))
		c.private = append(c.private, optional(event.Private))
	}
}

func optional(text json.RawMessage) *string {
	if len(text) == 0 {
		return nil
	}
	out := string(text)
	return &out
}

type changeColumns struct {
	arns, ids, bodies []string
	at                []time.Time
}

func (c *changeColumns) add(write *engine.Write) {
	for i := range write.Changes {
		change := &write.Changes[i]
		c.arns = append(c.arns, change.ARN)
		c.ids = append(c.ids, change.ID)
		c.at = append(c.at, change.Time)
		c.bodies = append(c.bodies, string(change.Body))
	}
}
