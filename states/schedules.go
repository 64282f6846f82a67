package states

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// ScheduledTime stands in the input of a schedule for the time at which a run is
// due, in UTC, RFC 3339 (EventBridge Scheduler's context attribute).
const ScheduledTime = "<aws.scheduler.scheduled-time>"

// Schedule starts a machine by the clock. Expression and Input are in the words of
// EventBridge Scheduler.
type Schedule struct {
	Name       string   `json:"name"`
	Machine    string   `json:"machine"`
	Expression string   `json:"expression"`
	Input      Template `json:"input"`
	// AtStart is the input of one run more at the start of the local program, which
	// ran nothing while it was down; nil: there is none. AWS is never down.
	AtStart Template `json:"atStart"`
	Comment string   `json:"comment"`
}

// Template is the input of a schedule, a JSON value with ScheduledTime in it.
type Template []byte

// UnmarshalJSON keeps the value as it stands, but for blanks.
func (t *Template) UnmarshalJSON(raw []byte) error {
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		return err
	}
	*t = out.Bytes()
	return nil
}

// At gives the input of the run that is due at a time, written in RFC 3339.
func (t Template) At(scheduled string) string {
	return strings.ReplaceAll(string(t), ScheduledTime, scheduled)
}

// Schedules lists them.
func Schedules() ([]Schedule, error) {
	raw, err := files.ReadFile("schedules.json")
	if err != nil {
		return nil, fmt.Errorf("read schedules: %w", err)
	}
	var schedules []Schedule
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&schedules); err != nil {
		return nil, fmt.Errorf("read schedules.json: %w", err)
	}
	return schedules, nil
}
