package rights

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// Store keeps requests. Its errors are lead.ErrDatabaseUnavailable or defects.
type Store interface {
	// ReceiveRightsRequest takes a request in. No protocol: the address has no slot.
	ReceiveRightsRequest(ctx context.Context, r lead.NewRightsRequest) (lead.RightsReceipt, error)
	// RightsRequests gives at most filter.Limit requests, what is due first first.
	RightsRequests(ctx context.Context, filter lead.RightsFilter) ([]lead.RightsRequest, error)
	// ViewRightsRequest gives one and records the look; false: there is none.
	ViewRightsRequest(ctx context.Context, id uuid.UUID, actor string) (lead.RightsRequest, bool, error)
	// CloseRightsRequest gives the request and whether this call closed it. One that was
	// closed before is as it was; one without an id is none.
	CloseRightsRequest(ctx context.Context, c lead.RightsClosing) (lead.RightsRequest, bool, error)
}

// New makes the activity.
func New(env task.Env, store Store) lambda.Handler {
	r := rights{store: store}
	return task.Routes(env, "rights", map[string]task.Route{
		"POST /api/rights-requests":            {Operation: task.Public, Serve: task.NoQuery(r.receive)},
		"GET /api/rights-requests":             {Operation: task.ListRightsRequests, Serve: r.list},
		"GET /api/rights-requests/{id}":        {Operation: task.GetRightsRequest, Serve: task.NoQuery(r.get)},
		"POST /api/rights-requests/{id}/close": {Operation: task.CloseRightsRequest, Serve: task.NoQuery(r.close)},
	})
}

type rights struct{ store Store }

// received is the answer to whoever asks. It is made of the protocol alone.
type received struct {
	Protocol  string `json:"protocol"`
	Status    string `json:"status"`
	DueInDays int    `json:"dueInDays"`
}

func (r rights) receive(ctx context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	p, refused := readPost(task.Header(request, "Content-Type"), request.Body)
	if refused != nil {
		return p.answer(*refused, nil, 0)
	}
	wanted, refused := p.judge()
	if refused != nil {
		return p.answer(*refused, nil, 0)
	}
	wanted.Address = task.Address(request)
	receipt, err := r.store.ReceiveRightsRequest(ctx, wanted)
	switch {
	case err != nil:
		return task.Answer{}, err
	case receipt.Protocol == "":
		return limited(p, receipt.RetryAfter)
	case p.form:
		return task.SeeOther(receiptPage(wanted.Locale)+"?protocol="+url.QueryEscape(receipt.Protocol), nil), nil
	}
	return task.JSON(http.StatusAccepted, received{Protocol: receipt.Protocol, Status: "received", DueInDays: lead.RightsDays}, nil), nil
}

// receiptPage is where a form post is sent on to.
func receiptPage(locale string) string {
	if locale == lead.English {
		return "/en/privacy/request/received/"
	}
	return "/privacidade/solicitacao/recebida/"
}

const (
	policy = "rights-ip"
	// quotaExceeded is the problem type of draft-ietf-httpapi-ratelimit-headers.
	quotaExceeded = "https://iana.org/assignments/http-problem-types#quota-exceeded"
)

// limited is the answer when the hour is full, in the fields that POST /api/leads has.
func limited(p *post, wait time.Duration) (task.Answer, error) {
	quota := lead.RightsQuota()
	seconds := max(int(math.Ceil(wait.Seconds())), 1)
	minutes := (seconds + 59) / 60
	detail := fmt.Sprintf("Muitos pedidos deste endereço. Tente de novo em %d min.", minutes)
	if p.locale == lead.English {
		detail = fmt.Sprintf("Too many requests from this address. Try again in %d min.", minutes)
	}
	problem := task.NewProblem(http.StatusTooManyRequests, detail)
	problem.Type = quotaExceeded
	problem.ViolatedPolicies = []string{policy}
	return p.answer(problem, map[string]string{
		"Retry-After":      strconv.Itoa(seconds),
		"RateLimit":        fmt.Sprintf(`"%s";r=0;t=%d`, policy, seconds),
		"RateLimit-Policy": fmt.Sprintf(`"%s";q=%d;w=%d`, policy, quota.Slots, int(quota.Window.Seconds())),
	}, wait)
}

func (r rights) list(ctx context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	filter := lead.RightsFilter{Limit: task.PageSize, Status: lead.RightsOpen}
	faults := task.Query(request, task.Parameters{
		"limit":  task.Limit(&filter.Limit),
		"cursor": task.After(&filter.After),
		"status": func(value string) string {
			switch value {
			case "open", "closed":
				filter.Status = lead.RightsStatus(value)
			case "all":
				filter.Status = ""
			default:
				return "status is open, closed or all."
			}
			return ""
		},
	})
	if len(faults) > 0 {
		return task.BadQuery(faults), nil
	}
	limit := filter.Limit
	filter.Limit++ // one more than shown tells whether there is a next page
	requests, err := r.store.RightsRequests(ctx, filter)
	if err != nil {
		return task.Answer{}, err
	}
	page := struct {
		Requests []summary `json:"requests"`
		Cursor   string    `json:"cursor,omitempty"`
	}{Requests: []summary{}}
	if len(requests) > limit {
		requests = requests[:limit]
		last := requests[limit-1]
		page.Cursor = task.Cursor(lead.Position{CreatedAt: last.DueAt, ID: last.ID})
	}
	for _, found := range requests {
		s := summaryOf(found)
		s.Email = lead.MaskEmail(s.Email)
		page.Requests = append(page.Requests, s)
	}
	return task.JSON(http.StatusOK, page, nil), nil
}

func (r rights) get(ctx context.Context, caller task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	id, ok := idOf(request)
	if !ok {
		return notFound(), nil
	}
	found, ok, err := r.store.ViewRightsRequest(ctx, id, caller.Subject)
	switch {
	case err != nil:
		return task.Answer{}, err
	case !ok:
		return notFound(), nil
	}
	return task.JSON(http.StatusOK, documentOf(found), nil), nil
}

// close ends a request. Its answer has no personal data: it is no look.
func (r rights) close(ctx context.Context, caller task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
	id, ok := idOf(request)
	if !ok {
		return notFound(), nil
	}
	closing, refused := readClosing(request.Body)
	if refused != nil {
		return refused.Answer(nil), nil
	}
	closing.ID, closing.Actor = id, caller.Subject
	found, closed, err := r.store.CloseRightsRequest(ctx, closing)
	switch {
	case err != nil:
		return task.Answer{}, err
	case found.ID == uuid.Nil:
		return notFound(), nil
	case !closed:
		return task.NewProblem(http.StatusConflict, "The request was closed before, as "+string(found.Outcome)+". It stays as it is.").Answer(nil), nil
	}
	s := summaryOf(found)
	s.Email = lead.MaskEmail(s.Email)
	return task.JSON(http.StatusOK, s, nil), nil
}

// idOf gives the id in the path, in the one spelling that ids have.
func idOf(request events.APIGatewayProxyRequest) (uuid.UUID, bool) {
	typed := request.PathParameters["id"]
	id, err := uuid.Parse(typed)
	return id, err == nil && id != uuid.Nil && id.String() == typed
}

func notFound() task.Answer {
	return task.NewProblem(http.StatusNotFound, "There is no such request.").Answer(nil)
}

// summary is a request in a list.
type summary struct {
	ID         string `json:"id"`
	Protocol   string `json:"protocol"`
	Kind       string `json:"kind"`
	Email      string `json:"email"`
	Status     string `json:"status"`
	ReceivedAt string `json:"receivedAt"`
	DueAt      string `json:"dueAt"`
	DaysLeft   *int   `json:"daysLeft,omitempty"` // of an open one; below 0: overdue
	Leads      int    `json:"leads"`
	Outcome    string `json:"outcome,omitempty"`
	AnsweredAt string `json:"answeredAt,omitempty"`
}

func summaryOf(r lead.RightsRequest) summary {
	s := summary{
		ID: r.ID.String(), Protocol: r.Protocol, Kind: string(r.Kind), Email: r.Email, Status: string(r.Status),
		ReceivedAt: task.Time(r.ReceivedAt), DueAt: task.Time(r.DueAt), Leads: len(r.Leads), Outcome: string(r.Outcome),
	}
	if r.Status == lead.RightsOpen {
		s.DaysLeft = &r.DaysLeft
	}
	if !r.AnsweredAt.IsZero() {
		s.AnsweredAt = task.Time(r.AnsweredAt)
	}
	return s
}

// document is a whole request.
type document struct {
	summary
	Reference string    `json:"reference,omitempty"`
	Message   string    `json:"message,omitempty"`
	Locale    string    `json:"locale"`
	LeadIDs   []lead.ID `json:"leadIds"`
	Reason    string    `json:"reason,omitempty"`
	ClosedBy  string    `json:"closedBy,omitempty"`
}

func documentOf(r lead.RightsRequest) document {
	d := document{
		summary: summaryOf(r), Reference: r.Reference, Message: r.Message, Locale: r.Locale,
		LeadIDs: r.Leads, Reason: r.Reason, ClosedBy: r.ClosedBy,
	}
	if d.LeadIDs == nil {
		d.LeadIDs = []lead.ID{}
	}
	return d
}
