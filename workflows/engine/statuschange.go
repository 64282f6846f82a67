package engine

import (
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// eventDataLimit is how much input and output an event carries; beyond it both
// are left out (Developer Guide, "Automating Step Functions event delivery").
const eventDataLimit = 248 * 1024

// statusChange is the EventBridge event of an execution's new status: every field
// present, null when empty, dates in milliseconds (recording).
func (e *Engine) statusChange(record Record) StatusChange {
	now := e.now()
	if record.StopDate != nil {
		now = *record.StopDate
	}
	described := e.describe(record)
	id := e.config.NewID()
	out := asl.NewObject(9)
	out.Set("version", "0")
	out.Set("id", id)
	out.Set("detail-type", "Step Functions Execution Status Change")
	out.Set("source", "aws.states")
	out.Set("account", e.config.Account)
	out.Set("time", now.UTC().Format(time.RFC3339))
	out.Set("region", e.config.Region)
	out.Set("resources", []any{record.ARN})
	out.Set("detail", statusDetail(described))
	return StatusChange{ID: id, Time: now, ARN: record.ARN, Body: asl.AppendJSON(nil, out)}
}

func statusDetail(x Execution) *asl.Object {
	size := len(x.Input)
	if x.Output != nil {
		size += len(*x.Output)
	}
	data := size <= eventDataLimit
	detail := asl.NewObject(18)
	detail.Set("executionArn", x.ARN)
	detail.Set("stateMachineArn", x.StateMachineARN)
	detail.Set("name", x.Name)
	detail.Set("status", string(x.Status))
	detail.Set("startDate", float64(x.StartDate.UnixMilli()))
	detail.Set("stopDate", milliseconds(x.StopDate))
	detail.Set("input", nil)
	detail.Set("output", nil)
	if data {
		detail.Set("input", x.Input)
		detail.Set("output", nullable(x.Output))
	}
	detail.Set("stateMachineVersionArn", nil)
	detail.Set("stateMachineAliasArn", nil)
	detail.Set("redriveCount", float64(x.RedriveCount))
	detail.Set("redriveDate", milliseconds(x.RedriveDate))
	detail.Set("redriveStatus", x.RedriveStatus)
	detail.Set("redriveStatusReason", nullable(x.RedriveStatusReason))
	detail.Set("inputDetails", dataIncluded(data))
	detail.Set("outputDetails", nil)
	if x.Output != nil {
		detail.Set("outputDetails", dataIncluded(data))
	}
	detail.Set("error", nullable(x.Error))
	detail.Set("cause", nullable(x.Cause))
	return detail
}

func dataIncluded(data bool) *asl.Object {
	object := asl.NewObject(1)
	object.Set("included", data)
	return object
}

func milliseconds(t *time.Time) any {
	if t == nil {
		return nil
	}
	return float64(t.UnixMilli())
}

func nullable(text *string) any {
	if text == nil {
		return nil
	}
	return *text
}
