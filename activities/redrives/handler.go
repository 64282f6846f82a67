package redrives

import (
	"context"
	"net/http"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/uuid"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Store plans and keeps campaigns. Its errors are lead.ErrDatabaseUnavailable or
// defects.
type Store interface {
	// PlanRedrive tells what a campaign would do.
	PlanRedrive(ctx context.Context, filter lead.RedriveFilter) (lead.RedrivePlan, error)
	// CreateCampaign records a campaign. Its leads are listed by its machine.
	CreateCampaign(ctx context.Context, c lead.NewCampaign) (lead.Campaign, error)
	// Campaign gives one with its actions; false: there is none.
	Campaign(ctx context.Context, id lead.CampaignID) (lead.Campaign, bool, error)
	// Campaigns gives at most limit campaigns without their actions, newest first.
	Campaigns(ctx context.Context, after lead.Position, limit int) ([]lead.Campaign, error)
	// CampaignItems gives at most limit items behind the position after.
	CampaignItems(ctx context.Context, id lead.CampaignID, after, limit int) ([]lead.CampaignItem, error)
	// PauseCampaign, ResumeCampaign and CancelCampaign give the campaign and whether
	// they changed it. One that is not changed has the status that forbids it, or no
	// id: there is none. The Part of a resumed one is the one to start.
	PauseCampaign(ctx context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error)
	ResumeCampaign(ctx context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error)
	CancelCampaign(ctx context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error)
}

// Starter starts machines.
type Starter interface {
	// StartCampaign starts the machine redrive_campaign on one part of a campaign,
	// under the name redrive-<id>-<part>. A name that is taken is success.
	StartCampaign(ctx context.Context, id lead.CampaignID, part int) error
}

// New makes the activity.
func New(env task.Env, store Store, starter Starter) lambda.Handler {
	r := redrives{env: env.For("redrives", ""), store: store, starter: starter}
	return task.Routes(env, "redrives", map[string]task.Route{
		"POST /api/redrives":             {Operation: task.CreateRedrive, Serve: task.NoQuery(r.create)},
		"GET /api/redrives":              {Operation: task.ListRedrives, Serve: r.list},
		"GET /api/redrives/{id}":         {Operation: task.GetRedrive, Serve: r.get},
		"POST /api/redrives/{id}/pause":  {Operation: task.PauseRedrive, Serve: task.NoQuery(r.change("paused", store.PauseCampaign, false))},
		"POST /api/redrives/{id}/resume": {Operation: task.ResumeRedrive, Serve: task.NoQuery(r.change("resumed", store.ResumeCampaign, true))},
		"POST /api/redrives/{id}/cancel": {Operation: task.CancelRedrive, Serve: task.NoQuery(r.change("cancelled", store.CancelCampaign, true))},
		"POST /api/leads/{id}/redrive":   {Operation: task.RedriveLead, Serve: task.NoQuery(r.one)},
	})
}

type redrives struct {
	env     task.Env
	store   Store
	starter Starter
}

func (r redrives) list(ctx context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	limit, after := task.PageSize, lead.Position{}
	if faults := task.Query(request, task.Parameters{"limit": task.Limit(&limit), "cursor": task.After(&after)}); len(faults) > 0 {
		return task.BadQuery(faults), nil
	}
	campaigns, err := r.store.Campaigns(ctx, after, limit+1) // one more than shown tells whether there is a next page
	if err != nil {
		return task.Answer{}, err
	}
	page := struct {
		Campaigns []campaign `json:"campaigns"`
		Cursor    string     `json:"cursor,omitempty"`
	}{Campaigns: []campaign{}}
	if len(campaigns) > limit {
		campaigns = campaigns[:limit]
		last := campaigns[limit-1]
		page.Cursor = task.Cursor(lead.Position{CreatedAt: last.CreatedAt, ID: last.ID})
	}
	for _, c := range campaigns {
		page.Campaigns = append(page.Campaigns, campaignOf(c))
	}
	return task.JSON(http.StatusOK, page, nil), nil
}

// get shows a campaign and one page of its items.
func (r redrives) get(ctx context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	limit, after := task.PageSize, 0
	faults := task.Query(request, task.Parameters{"limit": task.Limit(&limit), "cursor": func(value string) string {
		n, err := strconv.ParseInt(value, 10, 32)
		if err != nil || n < 1 || strconv.FormatInt(n, 10) != value {
			return "cursor is not one that this call gave."
		}
		after = int(n)
		return ""
	}})
	if len(faults) > 0 {
		return task.BadQuery(faults), nil
	}
	id, ok := idOf(request)
	if !ok {
		return noCampaign(), nil
	}
	c, ok, err := r.store.Campaign(ctx, id)
	switch {
	case err != nil:
		return task.Answer{}, err
	case !ok:
		return noCampaign(), nil
	}
	items, err := r.store.CampaignItems(ctx, id, after, limit+1)
	if err != nil {
		return task.Answer{}, err
	}
	return task.JSON(http.StatusOK, reportOf(c, items, limit), nil), nil
}

// change serves pause, resume and cancel. done is the word for what was asked.
func (r redrives) change(done string, apply func(context.Context, lead.CampaignID, string) (lead.Campaign, bool, error), start bool) func(context.Context, task.Caller, events.APIGatewayProxyRequest) (task.Answer, error) {
	return func(ctx context.Context, caller task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
		id, ok := idOf(request)
		if !ok {
			return noCampaign(), nil
		}
		c, changed, err := apply(ctx, id, caller.Subject)
		switch {
		case err != nil:
			return task.Answer{}, err
		case !changed && c.ID == uuid.Nil:
			return noCampaign(), nil
		case !changed:
			return task.NewProblem(http.StatusConflict, "The campaign is "+string(c.Status)+" and cannot be "+done+".").Answer(nil), nil
		}
		if start {
			if answer, ok := r.start(ctx, c); !ok {
				return answer, nil
			}
		}
		return task.JSON(http.StatusOK, campaignOf(c), nil), nil
	}
}

// start starts the campaign's part, or gives the answer that says what to do.
func (r redrives) start(ctx context.Context, c lead.Campaign) (task.Answer, bool) {
	err := r.starter.StartCampaign(ctx, c.ID, c.Part)
	if err == nil {
		return task.Answer{}, true
	}
	r.env.Log.Error("Redrives: campaign not started",
		zap.Stringer("campaign_id", c.ID), zap.Int("part", c.Part), zap.NamedError("error_message", err))
	detail := "Campaign " + c.ID.String() + " is recorded, but its execution could not be started, so nothing is sent. " +
		"Do not post again: POST " + location(c.ID) + "/resume starts it."
	if c.Status == lead.CampaignCancelled {
		detail = "Campaign " + c.ID.String() + " is cancelled, and nothing more is sent, but the execution that reads the last outcomes could not be started. " +
			"Cancel it again to have them read."
	}
	return task.NewProblem(http.StatusServiceUnavailable, detail).Answer(map[string]string{"Location": location(c.ID)}), false
}

// idOf gives the id in the path, in the one spelling that ids have.
func idOf(request events.APIGatewayProxyRequest) (uuid.UUID, bool) {
	typed := request.PathParameters["id"]
	id, err := uuid.Parse(typed)
	return id, err == nil && id != uuid.Nil && id.String() == typed
}

func noCampaign() task.Answer {
	return task.NewProblem(http.StatusNotFound, "There is no such campaign.").Answer(nil)
}

func location(id lead.CampaignID) string { return "/api/redrives/" + id.String() }
