package list

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// endpoint is the call that this activity serves.
const endpoint = "GET /api/leads"

// Store finds leads.
type Store interface {
	// List gives at most filter.Limit leads, newest first, e-mails masked. Its
	// error is lead.ErrDatabaseUnavailable or a defect.
	List(ctx context.Context, filter lead.Filter) ([]lead.Summary, error)
}

// page is the answer.
type page struct {
	Leads  []item `json:"leads"`
	Cursor string `json:"cursor,omitempty"` // absent on the last page
}

// item is a lead in a page, its time in the API's format.
type item struct {
	lead.Summary
	CreatedAt string `json:"createdAt"`
}

// New makes the activity.
func New(env task.Env, store Store) *task.Handler {
	env = env.For("list", endpoint)
	return task.Proxy(env, task.ListLeads, func(ctx context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
		filter, faults := parse(request)
		if len(faults) > 0 {
			return task.BadQuery(faults), nil
		}
		limit := filter.Limit
		filter.Limit++ // one more than shown tells whether there is a next page
		leads, err := store.List(ctx, filter)
		if err != nil {
			return task.Answer{}, err
		}
		return task.JSON(http.StatusOK, paginate(leads, limit), nil), nil
	})
}

func paginate(leads []lead.Summary, limit int) page {
	p := page{Leads: []item{}}
	if len(leads) > limit {
		leads = leads[:limit]
		last := leads[limit-1]
		p.Cursor = task.Cursor(lead.Position{CreatedAt: last.CreatedAt, ID: last.ID})
	}
	for _, l := range leads {
		p.Leads = append(p.Leads, item{Summary: l, CreatedAt: task.Time(l.CreatedAt)})
	}
	return p
}
