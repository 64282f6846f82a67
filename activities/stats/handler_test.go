package stats_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/stats"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

// late is on the 21st in Brazil and on the 22nd in UTC.
var late = time.Date(2026, 11, 21, 23, 0, 0, 0, time.FixedZone("BRT", -3*3600))

type store struct {
	stats lead.Stats
	err   error
	asked []lead.StatsRange
}

func (s *store) Stats(_ context.Context, r lead.StatsRange, _ int) (lead.Stats, error) {
	s.asked = append(s.asked, r)
	return s.stats, s.err
}

func call(t *testing.T, s *store, role string, query map[string]string) events.APIGatewayProxyResponse {
	t.Helper()
	h := stats.New(task.NewEnv(&bytes.Buffer{}, func() time.Time { return late }), s)
	return tasktest.Call(t, h, events.APIGatewayProxyRequest{QueryStringParameters: query, RequestContext: tasktest.SignedIn(role)})
}

func TestStats_CountsDaysStatusesAndOrigins(t *testing.T) {
	t.Parallel()
	s := &store{stats: lead.Stats{
		Days: []lead.DayCount{
			{Day: "2026-11-20", Status: lead.StatusDelivered, Leads: 4},
			{Day: "2026-11-20", Status: lead.StatusQuarantined, Leads: 1},
			{Day: "2026-11-22", Status: lead.StatusAccepted, Leads: 2},
		},
		Origins: []lead.OriginCount{
			{Source: "mail", Variant: "b", Accepted: 6, Quarantined: 1, Views: 300}, {Source: "direct", Variant: "none", Accepted: 1}, {Source: "ads", Variant: "a", Views: 9},
		},
		Total: 5,
	}}
	response := call(t, s, "operator", map[string]string{"from": "2026-11-20", "to": "2026-11-22"})
	const want = `{"from":"2026-11-20","to":"2026-11-22","accepted":7,"statuses":{"accepted":2,"delivered":4,"failed":0,"quarantined":1,"withheld":0},` +
		`"days":[{"day":"2026-11-20","accepted":5},{"day":"2026-11-21","accepted":0},{"day":"2026-11-22","accepted":2}],` +
		`"origins":[{"source":"mail","variant":"b","views":300,"accepted":6,"quarantined":1,"conversion":0.0167},` +
		`{"source":"direct","variant":"none","views":0,"accepted":1,"quarantined":0},` +
		`{"source":"ads","variant":"a","views":9,"accepted":0,"quarantined":0,"conversion":0}],"originsTotal":5}`
	if response.StatusCode != 200 || response.Body != want {
		t.Errorf("%d\n%s\nwant\n%s", response.StatusCode, response.Body, want)
	}
}

func TestStats_RangeIsOfWholeDaysInUTC(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		query       map[string]string
		first, last string
	}{
		"none":           {nil, "2026-10-24", "2026-11-22"},
		"empty":          {map[string]string{"from": "", "to": ""}, "2026-10-24", "2026-11-22"},
		"from":           {map[string]string{"from": "2026-11-22"}, "2026-11-22", "2026-11-22"},
		"to":             {map[string]string{"to": "2026-03-01"}, "2026-01-31", "2026-03-01"},
		"both":           {map[string]string{"from": "2026-01-01", "to": "2026-12-31"}, "2026-01-01", "2026-12-31"},
		"a leap year":    {map[string]string{"from": "2028-01-01", "to": "2028-12-31"}, "2028-01-01", "2028-12-31"},
		"of days to be":  {map[string]string{"from": "2030-01-01", "to": "2030-01-02"}, "2030-01-01", "2030-01-02"},
		"one day of old": {map[string]string{"from": "2026-02-28", "to": "2026-02-28"}, "2026-02-28", "2026-02-28"},
	} {
		s := &store{}
		response := call(t, s, "engineer", row.query)
		if response.StatusCode != 200 || s.asked[0].First.Format(time.DateOnly) != row.first || s.asked[0].Last.Format(time.DateOnly) != row.last {
			t.Errorf("%s: %d, asked %v, want %s to %s", name, response.StatusCode, s.asked, row.first, row.last)
		}
		if !strings.Contains(response.Body, `"origins":[]`) || !strings.Contains(response.Body, `"days":[{"day":"`+row.first) {
			t.Errorf("%s: %s", name, response.Body)
		}
	}
}

func TestStats_RefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		query   map[string]string
		pointer string
	}{
		"unknown parameter": {map[string]string{"source": "mail"}, "/source"},
		"a time":            {map[string]string{"from": "2026-11-01T00:00:00Z"}, "/from"},
		"a span":            {map[string]string{"to": "30d"}, "/to"},
		"no such day":       {map[string]string{"to": "2026-02-30"}, "/to"},
		"year 0":            {map[string]string{"from": "0000-01-01"}, "/from"},
		"backwards":         {map[string]string{"from": "2026-11-02", "to": "2026-11-01"}, "/from"},
		"from tomorrow":     {map[string]string{"from": "2026-11-23"}, "/from"},
		"367 days":          {map[string]string{"from": "2026-01-01", "to": "2027-01-02"}, "/from"},
		"centuries":         {map[string]string{"from": "2000-01-01", "to": "9999-01-02"}, "/from"},
	} {
		s := &store{}
		response := call(t, s, "operator", row.query)
		got := tasktest.Read[struct{ Errors []task.FieldError }](t, response).Errors
		if response.StatusCode != 400 || len(s.asked) != 0 || len(got) != 1 || got[0].Pointer != row.pointer {
			t.Errorf("%s: %d %+v", name, response.StatusCode, got)
		}
	}
}

func TestStats_IsForOperatorsAndEngineers(t *testing.T) {
	t.Parallel()
	for role, status := range map[string]int{"operator": 200, "engineer": 200, "": 401, "auditor": 403, "privacy": 403} {
		s := &store{}
		if response := call(t, s, role, nil); response.StatusCode != status || (len(s.asked) > 0) != (status == 200) {
			t.Errorf("role %q: %d", role, response.StatusCode)
		}
	}
}

func TestStats_DatabaseAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	if response := call(t, &store{err: fmt.Errorf("count: %w", lead.ErrDatabaseUnavailable)}, "operator", nil); response.StatusCode != 503 {
		t.Errorf("%d", response.StatusCode)
	}
}
