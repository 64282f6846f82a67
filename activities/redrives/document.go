package redrives

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// The documents of the API. A time, an id and a name that there is none of are
// left out.
type (
	campaign struct {
		ID            string   `json:"id"`
		Status        string   `json:"status"`
		Reason        string   `json:"reason"`
		CreatedBy     string   `json:"createdBy"`
		CreatedAt     string   `json:"createdAt"`
		PlannedAt     string   `json:"plannedAt,omitempty"`
		FinishedAt    string   `json:"finishedAt,omitempty"`
		Filter        filter   `json:"filter"`
		Canary        int      `json:"canary"`
		RatePerMinute int      `json:"ratePerMinute"`
		StopShare     float64  `json:"stopShare"`
		Part          int      `json:"part"`
		Batch         int      `json:"batch"`
		StopReason    string   `json:"stopReason,omitempty"`
		Counts        counts   `json:"counts"`
		Actions       []action `json:"actions,omitempty"`
	}
	filter struct {
		From        string `json:"from,omitempty"`
		To          string `json:"to,omitempty"`
		Error       string `json:"error,omitempty"`
		StatusClass string `json:"statusClass,omitempty"`
		LeadID      string `json:"leadId,omitempty"`
	}
	counts struct {
		Total     int `json:"total"`
		Pending   int `json:"pending"`
		Sent      int `json:"sent"`
		Delivered int `json:"delivered"`
		Failed    int `json:"failed"`
		Withheld  int `json:"withheld"`
		Skipped   int `json:"skipped"`
		Unsent    int `json:"unsent"`
	}
	action struct {
		At     string `json:"at"`
		Actor  string `json:"actor"`
		Action string `json:"action"`
	}
	// report is a campaign with one page of its items.
	report struct {
		campaign
		Items  []item `json:"items"`
		Cursor string `json:"cursor,omitempty"` // absent on the last page
	}
	item struct {
		Position     int    `json:"position"`
		LeadID       string `json:"leadId"`
		EventID      string `json:"eventId"`
		State        string `json:"state"`
		Batch        int    `json:"batch,omitempty"`
		Mode         string `json:"mode,omitempty"`
		ExecutionARN string `json:"executionArn,omitempty"`
		RedriveCount int    `json:"redriveCount"`
		Error        string `json:"error,omitempty"`
		Note         string `json:"note,omitempty"`
		SentAt       string `json:"sentAt,omitempty"`
		ClosedAt     string `json:"closedAt,omitempty"`
	}
	plan struct {
		Filter         filter   `json:"filter"`
		Total          int      `json:"total"`
		Redrivable     int      `json:"redrivable"`
		Fresh          int      `json:"fresh"`
		WouldFailAgain int      `json:"wouldFailAgain"`
		Withheld       int      `json:"withheld"`
		Busy           int      `json:"busy"`
		Oldest         string   `json:"oldest,omitempty"`
		Newest         string   `json:"newest,omitempty"`
		SoonestExpiry  string   `json:"soonestExpiry,omitempty"`
		Causes         []cause  `json:"causes"`
		Sample         []sample `json:"sample"`
	}
	cause struct {
		Error      string `json:"error"`
		StatusCode int    `json:"statusCode,omitempty"` // absent: no answer
		Count      int    `json:"count"`
	}
	sample struct {
		LeadID       string `json:"leadId"`
		ExecutionARN string `json:"executionArn"`
		Error        string `json:"error"`
		StatusCode   int    `json:"statusCode,omitempty"`
		FailedAt     string `json:"failedAt"`
		Fresh        bool   `json:"fresh"`
	}
)

// optional is empty for the zero time.
func optional(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return task.Time(t)
}

func campaignOf(c lead.Campaign) campaign {
	out := campaign{
		ID: c.ID.String(), Status: string(c.Status), Reason: c.Reason, CreatedBy: c.Actor,
		CreatedAt: task.Time(c.CreatedAt), PlannedAt: optional(c.PlannedAt), FinishedAt: optional(c.FinishedAt),
		Filter: filterOf(c.Filter), Canary: c.Canary, RatePerMinute: c.RatePerMinute, StopShare: c.StopShare,
		Part: c.Part, Batch: c.Batch, StopReason: c.StopReason, Counts: counts(c.Counts),
	}
	for _, a := range c.Actions {
		out.Actions = append(out.Actions, action{At: task.Time(a.At), Actor: a.Actor, Action: a.Action})
	}
	return out
}

func filterOf(f lead.RedriveFilter) filter {
	out := filter{From: optional(f.From), To: optional(f.To), Error: f.Error, StatusClass: f.StatusClass}
	if f.LeadID != uuid.Nil {
		out.LeadID = f.LeadID.String()
	}
	return out
}

// reportOf shows limit items; one more says that there is a next page.
func reportOf(c lead.Campaign, items []lead.CampaignItem, limit int) report {
	out := report{campaign: campaignOf(c), Items: []item{}}
	if len(items) > limit {
		items = items[:limit]
		out.Cursor = strconv.Itoa(items[limit-1].Position)
	}
	for _, i := range items {
		out.Items = append(out.Items, item{
			Position: i.Position, LeadID: i.LeadID.String(), EventID: i.EventID.String(), State: i.State, Batch: i.Batch, Mode: i.Mode,
			ExecutionARN: i.Execution, RedriveCount: i.RedriveCount, Error: i.Error, Note: i.Note,
			SentAt: optional(i.SentAt), ClosedAt: optional(i.ClosedAt),
		})
	}
	return out
}

func planOf(p lead.RedrivePlan, f lead.RedriveFilter) plan {
	out := plan{
		Filter: filterOf(f), Total: p.Total, Redrivable: p.Redrivable, Fresh: p.Fresh, WouldFailAgain: p.WouldFailAgain, Withheld: p.Withheld, Busy: p.Busy,
		Oldest: optional(p.Oldest), Newest: optional(p.Newest), SoonestExpiry: optional(p.SoonestExpiry),
		Causes: []cause{}, Sample: []sample{},
	}
	for _, c := range p.Causes {
		out.Causes = append(out.Causes, cause(c))
	}
	for _, s := range p.Sample {
		out.Sample = append(out.Sample, sample{
			LeadID: s.LeadID.String(), ExecutionARN: s.Execution, Error: s.Error, StatusCode: s.StatusCode,
			FailedAt: task.Time(s.FailedAt), Fresh: s.Fresh,
		})
	}
	return out
}
