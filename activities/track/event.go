package track

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// Event is EventBridge's "Step Functions Execution Status Change". Times are in
// milliseconds since 1970. Input and output are null when they were too large or are encrypted by
// a key of the customer.
type Event struct {
	Detail struct {
		ExecutionARN string  `json:"executionArn"`
		Name         string  `json:"name"`
		Status       string  `json:"status"`
		StartDate    int64   `json:"startDate"`
		StopDate     *int64  `json:"stopDate"`
		Input        *string `json:"input"`
		Output       *string `json:"output"`
		Error        *string `json:"error"`
		RedriveCount *int    `json:"redriveCount"`
	} `json:"detail"`
}

// change reads the event; not ok when it is of no delivery.
func (e Event) change() (lead.StatusChange, bool) {
	d := e.Detail
	if strings.HasPrefix(d.Name, "held-") { // Start Nothing of lead_intake
		return lead.StatusChange{}, false
	}
	change := lead.StatusChange{
		Execution: d.ExecutionARN,
		Status:    lead.ExecutionStatus(d.Status),
		StartedAt: time.UnixMilli(d.StartDate).UTC(),
	}
	if d.RedriveCount != nil {
		change.RedriveCount = *d.RedriveCount
	}
	if d.Error != nil {
		change.Error = *d.Error
	}
	switch {
	case change.Status == lead.ExecutionRunning:
	case change.Status.Closed():
		if d.StopDate == nil {
			return lead.StatusChange{}, false
		}
		change.StoppedAt = time.UnixMilli(*d.StopDate).UTC()
	default:
		return lead.StatusChange{}, false
	}
	if d.Output != nil && change.Status == lead.ExecutionSucceeded {
		change.Outcome = lead.OutcomeOf(*d.Output)
	}
	var ok bool
	change.LeadID, change.EventID, ok = subject(d.Input, d.Name)
	return change, ok && d.ExecutionARN != "" && d.StartDate > 0 && change.RedriveCount >= 0
}

// idLength is that of an id as text.
const idLength = len("01930000-0000-7000-8000-000000000001")

// subject finds the lead and the event in the input, or else the lead in the
// name, "lead-<id>" or "lead-<id>-<n>".
func subject(input *string, name string) (id lead.ID, event uuid.UUID, ok bool) {
	if input != nil {
		var ids struct {
			LeadID  uuid.UUID `json:"leadId"`
			EventID uuid.UUID `json:"eventId"`
		}
		if json.Unmarshal([]byte(*input), &ids) == nil && ids.LeadID != uuid.Nil && ids.EventID != uuid.Nil {
			return ids.LeadID, ids.EventID, true
		}
	}
	rest, found := strings.CutPrefix(name, "lead-")
	if !found || len(rest) < idLength || len(rest) > idLength && rest[idLength] != '-' {
		return uuid.Nil, uuid.Nil, false
	}
	id, err := uuid.Parse(rest[:idLength])
	return id, uuid.Nil, err == nil
}

// campaign reads the name of a part of a redrive campaign, "redrive-<id>-<part>".
func (e Event) campaign() (id lead.CampaignID, part int, ok bool) {
	rest, found := strings.CutPrefix(e.Detail.Name, "redrive-")
	if !found || len(rest) < idLength+2 || rest[idLength] != '-' {
		return uuid.Nil, 0, false
	}
	id, err := uuid.Parse(rest[:idLength])
	if err != nil {
		return uuid.Nil, 0, false
	}
	part, err = strconv.Atoi(rest[idLength+1:])
	return id, part, err == nil && part > 0
}
