package failures

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// endpoint is the call that this activity serves.
const endpoint = "GET /api/failures"

// Store counts failures.
type Store interface {
	// Failures gives at most filter.Limit groups, the most frequent first, and the
	// number of deliveries in all groups. Its error is lead.ErrDatabaseUnavailable or
	// a defect.
	Failures(ctx context.Context, filter lead.FailureFilter) (groups []lead.FailureGroup, total int, err error)
}

// list is the answer.
type list struct {
	Failures []group `json:"failures"`
	Total    int     `json:"total"` // deliveries, those of groups beyond the limit too
}

// group is deliveries that failed alike.
type group struct {
	Error             string     `json:"error,omitempty"`
	StatusCode        int        `json:"statusCode,omitempty"`
	Cause             lead.Cause `json:"cause,omitempty"`
	Fingerprint       string     `json:"fingerprint,omitempty"`
	Count             int        `json:"count"`
	FirstSeen         string     `json:"firstSeen"`
	LastSeen          string     `json:"lastSeen"`
	SampleLeadID      lead.ID    `json:"sampleLeadId"`
	Answer            string     `json:"answer,omitempty"` // masked
	RetryAfterSeconds int        `json:"retryAfterSeconds,omitempty"`
	RepairFirst       bool       `json:"repairFirst"` // the same event would fail again
	NextStep          string     `json:"nextStep"`
}

// New makes the activity.
func New(env task.Env, store Store) *task.Handler {
	env = env.For("failures", endpoint)
	return task.Proxy(env, task.ListFailures, func(ctx context.Context, _ task.Caller, request events.APIGatewayProxyRequest) (task.Answer, error) {
		filter, faults := parse(request)
		if len(faults) > 0 {
			return task.BadQuery(faults), nil
		}
		groups, total, err := store.Failures(ctx, filter)
		if err != nil {
			return task.Answer{}, err
		}
		answer := list{Failures: []group{}, Total: total}
		for _, g := range groups {
			answer.Failures = append(answer.Failures, describe(g))
		}
		return task.JSON(http.StatusOK, answer, nil), nil
	})
}

// maxName is the most bytes that an error's name may have.
const maxName = 256

// parse reads the query string.
func parse(request events.APIGatewayProxyRequest) (lead.FailureFilter, []task.FieldError) {
	f := lead.FailureFilter{Limit: task.PageSize}
	faults := task.Query(request, task.Parameters{
		"limit": task.Limit(&f.Limit),
		"error": func(value string) string {
			if len(value) > maxName || !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl) {
				return "error is the name of an error, as in Fibonacci.Unavailable."
			}
			f.Error = value
			return ""
		},
		"from": task.Moment(&f.From, "from"),
		"to":   task.Moment(&f.To, "to"),
	})
	return f, append(faults, task.Span(f.From, f.To)...)
}

func describe(g lead.FailureGroup) group {
	return group{
		Error: g.Error, StatusCode: g.StatusCode, Cause: g.Cause, Fingerprint: g.Fingerprint, Count: g.Count,
		FirstSeen: task.Time(g.FirstSeen), LastSeen: task.Time(g.LastSeen), SampleLeadID: g.Sample, Answer: g.Answer,
		RetryAfterSeconds: int(g.RetryAfter / time.Second), RepairFirst: repairFirst(g), NextStep: nextStep(g),
	}
}
