package stats

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

const (
	endpoint    = "GET /api/stats" // the call that this activity serves
	defaultDays = 30
	maxDays     = 366
	maxOrigins  = 100
)

// Store counts.
type Store interface {
	// Stats gives the counts of a range, with at most limit origins, the most accepted
	// first. Its error is lead.ErrDatabaseUnavailable or a defect.
	Stats(ctx context.Context, r lead.StatsRange, limit int) (lead.Stats, error)
}

// report is the answer.
type report struct {
	From         string         `json:"from"`
	To           string         `json:"to"`
	Accepted     int            `json:"accepted"`
	Statuses     map[string]int `json:"statuses"`
	Days         []day          `json:"days"`
	Origins      []origin       `json:"origins"`
	OriginsTotal int            `json:"originsTotal"` // those that are not shown too
}

type day struct {
	Day      string `json:"day"`
	Accepted int    `json:"accepted"`
}

type origin struct {
	Source      string   `json:"source"`
	Variant     string   `json:"variant"`
	Views       int      `json:"views"`
	Accepted    int      `json:"accepted"`
	Quarantined int      `json:"quarantined"`
	Conversion  *float64 `json:"conversion,omitempty"` // to four places
}

// New makes the activity. The range ends today, by the clock of env, unless it is given.
func New(env task.Env, store Store) *task.Handler {
	env = env.For("stats", endpoint)
	return task.Proxy(env, task.GetStats, func(ctx context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
		r, faults := rangeOf(request, env.Now())
		if len(faults) > 0 {
			return task.BadQuery(faults), nil
		}
		counted, err := store.Stats(ctx, r, maxOrigins)
		if err != nil {
			return task.Answer{}, err
		}
		return task.JSON(http.StatusOK, reportOf(r, counted), nil), nil
	})
}

// rangeOf reads from and to, both days included.
func rangeOf(request events.APIGatewayProxyRequest, now time.Time) (lead.StatsRange, []task.FieldError) {
	var r lead.StatsRange
	read := func(into *time.Time, name string) func(string) string {
		return func(value string) string {
			t, err := time.Parse(time.DateOnly, value)
			if err != nil || t.Year() < 2000 {
				return name + " is a day in UTC as in 2026-11-21."
			}
			*into = t
			return ""
		}
	}
	faults := task.Query(request, task.Parameters{"from": read(&r.First, "from"), "to": read(&r.Last, "to")})
	if len(faults) > 0 {
		return r, faults
	}
	if r.Last.IsZero() {
		r.Last = now.UTC().Truncate(24 * time.Hour)
	}
	if r.First.IsZero() {
		r.First = r.Last.AddDate(0, 0, 1-defaultDays)
	}
	switch days := r.Last.Sub(r.First)/(24*time.Hour) + 1; {
	case days < 1:
		return r, []task.FieldError{{Pointer: "/from", Code: "value", Message: "from must not be later than to, which is today unless it is given."}}
	case days > maxDays:
		return r, []task.FieldError{{Pointer: "/from", Code: "value", Message: "The range has more than 366 days: ask for less."}}
	}
	return r, nil
}

// reportOf fills in the days and the statuses without a lead.
func reportOf(r lead.StatsRange, s lead.Stats) report {
	out := report{
		From: r.First.Format(time.DateOnly), To: r.Last.Format(time.DateOnly),
		Statuses: map[string]int{}, Origins: []origin{}, OriginsTotal: s.Total,
	}
	for _, status := range []lead.Status{lead.StatusAccepted, lead.StatusDelivered, lead.StatusFailed, lead.StatusWithheld, lead.StatusQuarantined} {
		out.Statuses[string(status)] = 0
	}
	byDay := map[string]int{}
	for _, d := range s.Days {
		out.Accepted += d.Leads
		out.Statuses[string(d.Status)] += d.Leads
		byDay[d.Day] += d.Leads
	}
	for at := r.First; !at.After(r.Last); at = at.AddDate(0, 0, 1) {
		name := at.Format(time.DateOnly)
		out.Days = append(out.Days, day{Day: name, Accepted: byDay[name]})
	}
	for _, o := range s.Origins {
		row := origin{Source: o.Source, Variant: o.Variant, Views: o.Views, Accepted: o.Accepted, Quarantined: o.Quarantined}
		if o.Views > 0 {
			share := math.Round(1e4*float64(o.Accepted-o.Quarantined)/float64(o.Views)) / 1e4
			row.Conversion = &share
		}
		out.Origins = append(out.Origins, row)
	}
	return out
}
