package redrives

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// The defaults of a campaign, which openapi.yaml names as well.
const (
	defaultCanary = 5
	defaultRate   = 60
	defaultShare  = 0.2
)

// create plans a campaign and, unless it is a dry run, records and starts it.
func (r redrives) create(ctx context.Context, caller task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	wanted, dryRun, refused := readCampaign(request.Body, r.env.Now())
	if refused != nil {
		return refused.Answer(nil), nil
	}
	wanted.Actor = caller.Subject
	plan, err := r.store.PlanRedrive(ctx, wanted.Filter)
	switch {
	case err != nil:
		return task.Answer{}, err
	case dryRun:
		return task.JSON(http.StatusOK, planOf(plan, wanted.Filter), nil), nil
	case plan.Total == 0:
		return task.NewProblem(http.StatusConflict, nothing(plan)).Answer(nil), nil
	}
	return r.launch(ctx, wanted)
}

// clocks is more than the clocks of Step Functions and of this function differ.
const clocks = time.Hour

// one makes a campaign of one lead.
func (r redrives) one(ctx context.Context, caller task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	id, ok := idOf(request)
	if !ok {
		return task.NewProblem(http.StatusNotFound, "There is no such lead.").Answer(nil), nil
	}
	reason, refused := task.ReadReason(request.Body)
	if refused != nil {
		return refused.Answer(nil), nil
	}
	// It failed at any time, of any cause; a failure again stops nothing else.
	wanted := lead.NewCampaign{
		Filter: lead.RedriveFilter{To: r.env.Now().Add(clocks), LeadID: id},
		Reason: reason, Actor: caller.Subject, Canary: 1, RatePerMinute: defaultRate, StopShare: 1,
	}
	plan, err := r.store.PlanRedrive(ctx, wanted.Filter)
	switch {
	case err != nil:
		return task.Answer{}, err
	case plan.Total == 0:
		return task.NewProblem(http.StatusConflict, notThisOne(plan)).Answer(nil), nil
	}
	return r.launch(ctx, wanted)
}

// launch records a campaign, then starts it.
func (r redrives) launch(ctx context.Context, wanted lead.NewCampaign) (task.Answer, error) {
	c, err := r.store.CreateCampaign(ctx, wanted)
	if err != nil {
		return task.Answer{}, err
	}
	if answer, ok := r.start(ctx, c); !ok {
		return answer, nil
	}
	return task.JSON(http.StatusAccepted, campaignOf(c), map[string]string{"Location": location(c.ID)}), nil
}

// nothing says why a plan sends nothing.
func nothing(plan lead.RedrivePlan) string {
	var left []string
	if plan.Withheld > 0 {
		left = append(left, fmt.Sprintf("%d erased or quarantined meanwhile", plan.Withheld))
	}
	if plan.Busy > 0 {
		left = append(left, fmt.Sprintf("%d in an unfinished campaign already", plan.Busy))
	}
	if len(left) == 0 {
		return "Nothing would be sent: no delivery that failed fits the filter."
	}
	return "Nothing would be sent. Left out: " + strings.Join(left, ", ") + "."
}

func notThisOne(plan lead.RedrivePlan) string {
	switch {
	case plan.Withheld > 0:
		return "The lead was erased or quarantined: it is not sent."
	case plan.Busy > 0:
		return "The lead is in an unfinished campaign already."
	}
	return "There is no failed delivery of this lead: it was delivered, is still on its way, or does not exist."
}

// spanOf fills the range in: up to now, from a redrive window before its end.
func spanOf(from, to, now time.Time) (time.Time, time.Time) {
	if to.IsZero() {
		to = now
	}
	if from.IsZero() {
		from = to.Add(-lead.RedriveWindow)
	}
	return from, to
}
