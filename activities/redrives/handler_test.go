package redrives_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/redrives"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
)

var (
	now        = time.Date(2026, 11, 21, 12, 0, 0, 123_456_000, time.UTC)
	campaignID = uuid.MustParse("01930000-0000-7000-8000-00000000000a")
	leadID     = uuid.MustParse("01930000-0000-7000-8000-00000000000b")
)

// store keeps campaigns in memory, newest first, and what was asked of it.
type store struct {
	plan      lead.RedrivePlan
	campaigns []lead.Campaign
	items     []lead.CampaignItem
	err       error

	planned []lead.RedriveFilter
	created []lead.NewCampaign
	steered []string
	reads   int
}

func (s *store) PlanRedrive(_ context.Context, filter lead.RedriveFilter) (lead.RedrivePlan, error) {
	s.planned = append(s.planned, filter)
	return s.plan, s.err
}

func (s *store) CreateCampaign(_ context.Context, c lead.NewCampaign) (lead.Campaign, error) {
	s.created = append(s.created, c)
	made := lead.Campaign{
		NewCampaign: c, ID: campaignID, Status: lead.CampaignPlanned, Part: 1, CreatedAt: now,
		Actions: []lead.CampaignAction{{At: now, Actor: c.Actor, Action: "created"}},
	}
	s.campaigns = slices.Insert(s.campaigns, 0, made)
	return made, s.err
}

func (s *store) find(id lead.CampaignID) int {
	return slices.IndexFunc(s.campaigns, func(c lead.Campaign) bool { return c.ID == id })
}

func (s *store) Campaign(_ context.Context, id lead.CampaignID) (lead.Campaign, bool, error) {
	s.reads++
	if i := s.find(id); i >= 0 && s.err == nil {
		return s.campaigns[i], true, nil
	}
	return lead.Campaign{}, false, s.err
}

func (s *store) Campaigns(_ context.Context, after lead.Position, limit int) ([]lead.Campaign, error) {
	s.reads++
	var page []lead.Campaign
	for _, c := range s.campaigns {
		later := cmp.Or(c.CreatedAt.Compare(after.CreatedAt), bytes.Compare(c.ID[:], after.ID[:])) >= 0
		if after != (lead.Position{}) && later || len(page) == limit {
			continue
		}
		c.Actions = nil
		page = append(page, c)
	}
	return page, s.err
}

func (s *store) CampaignItems(_ context.Context, _ lead.CampaignID, after, limit int) ([]lead.CampaignItem, error) {
	rest := s.items[min(after, len(s.items)):]
	return rest[:min(limit, len(rest))], s.err
}

func (s *store) steer(id lead.CampaignID, actor string, to lead.CampaignStatus, from ...lead.CampaignStatus) (lead.Campaign, bool, error) {
	s.steered = append(s.steered, actor+" "+string(to))
	i := s.find(id)
	if i < 0 || s.err != nil {
		return lead.Campaign{}, false, s.err
	}
	if !slices.Contains(from, s.campaigns[i].Status) {
		return s.campaigns[i], false, nil
	}
	s.campaigns[i].Status = to
	if to == lead.CampaignRunning {
		s.campaigns[i].Part++
	}
	return s.campaigns[i], true, nil
}

func (s *store) PauseCampaign(_ context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error) {
	return s.steer(id, actor, lead.CampaignPaused, lead.CampaignPlanned, lead.CampaignRunning)
}

func (s *store) ResumeCampaign(_ context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error) {
	return s.steer(id, actor, lead.CampaignRunning, lead.CampaignPlanned, lead.CampaignRunning, lead.CampaignPaused, lead.CampaignStopped)
}

func (s *store) CancelCampaign(_ context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error) {
	return s.steer(id, actor, lead.CampaignCancelled, lead.CampaignPlanned, lead.CampaignRunning, lead.CampaignPaused)
}

// starter keeps the names of what it starts.
type starter struct {
	err     error
	started []string
}

func (s *starter) StartCampaign(_ context.Context, id lead.CampaignID, part int) error {
	s.started = append(s.started, fmt.Sprintf("redrive-%s-%d", id, part))
	return s.err
}

// some is a plan that sends something.
var some = lead.RedrivePlan{Total: 3, Redrivable: 2, Fresh: 1}

// calls lists every call of the activity, each with a body that it takes.
func calls() map[string]string {
	return map[string]string{
		"POST /api/redrives":             `{"reason":"receiver is up again"}`,
		"GET /api/redrives":              "",
		"GET /api/redrives/{id}":         "",
		"POST /api/redrives/{id}/pause":  "",
		"POST /api/redrives/{id}/resume": "",
		"POST /api/redrives/{id}/cancel": "",
		"POST /api/leads/{id}/redrive":   `{"reason":"receiver is up again"}`,
	}
}

type bundle struct {
	store   *store
	starter *starter
	log     *bytes.Buffer
}

func setup() bundle {
	return bundle{
		store: &store{plan: some, campaigns: []lead.Campaign{{
			NewCampaign: lead.NewCampaign{Reason: "outage", Actor: "subject-2", Canary: 5, RatePerMinute: 60, StopShare: 0.2},
			ID:          campaignID, Status: lead.CampaignRunning, Part: 2, CreatedAt: now,
		}}},
		starter: &starter{}, log: &bytes.Buffer{},
	}
}

// call makes one call by a role, id standing for {id}, and gives the answer and
// its document.
func (b bundle) call(t *testing.T, role, call, id, body string, query ...string) (events.APIGatewayProxyResponse, map[string]any) {
	t.Helper()
	method, resource, _ := strings.Cut(call, " ")
	request := events.APIGatewayProxyRequest{
		HTTPMethod: method, Resource: resource, PathParameters: map[string]string{"id": id}, Body: body,
		QueryStringParameters: map[string]string{}, MultiValueQueryStringParameters: map[string][]string{},
		RequestContext: tasktest.SignedIn(role),
	}
	for _, parameter := range query {
		name, value, _ := strings.Cut(parameter, "=")
		request.QueryStringParameters[name] = value
		request.MultiValueQueryStringParameters[name] = append(request.MultiValueQueryStringParameters[name], value)
	}
	h := redrives.New(task.NewEnv(b.log, func() time.Time { return now }), b.store, b.starter)
	response := tasktest.Call(t, h, request)
	if response.Headers["Cache-Control"] != "no-store" {
		t.Errorf("%s: Cache-Control %q", call, response.Headers["Cache-Control"])
	}
	return response, tasktest.Read[map[string]any](t, response)
}

func (b bundle) untouched() bool {
	return len(b.store.planned)+len(b.store.created)+len(b.store.steered)+len(b.starter.started)+b.store.reads == 0
}

func TestRedrives_AreForEngineers(t *testing.T) {
	t.Parallel()
	for call, body := range calls() {
		id := campaignID.String()
		for role, allowed := range map[string]bool{
			"engineer": true, "[auditor engineer]": true,
			"operator": false, "auditor": false, "privacy": false, "Engineer": false, "engineers": false, "": false,
		} {
			b := setup()
			response, _ := b.call(t, role, call, id, body)
			want := response.StatusCode < 300
			if !allowed {
				want = response.StatusCode == 403 && role != "" || response.StatusCode == 401 && role == ""
				want = want && b.untouched()
			}
			if !want {
				t.Errorf("%s by %q: %d, touched %v", call, role, response.StatusCode, !b.untouched())
			}
		}
	}
}

func TestRedrives_DatabaseAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	for call, body := range calls() {
		b := setup()
		b.store.err = fmt.Errorf("relation of ana@example.com: %w", lead.ErrDatabaseUnavailable)
		response, _ := b.call(t, "engineer", call, campaignID.String(), body)
		if response.StatusCode != 503 || response.Headers["Retry-After"] == "" || strings.Contains(response.Body+b.log.String(), "ana@") || len(b.starter.started) > 0 {
			t.Errorf("%s: %+v, log %s", call, response, b.log)
		}
	}
}

func TestRedrives_WhatIsNoIDIsNotFound(t *testing.T) {
	t.Parallel()
	for call, body := range calls() {
		if !strings.Contains(call, "{id}") {
			continue
		}
		for _, id := range []string{"", "1", "' OR 1=1 --", strings.ToUpper(campaignID.String()), "{" + campaignID.String() + "}", uuid.Nil.String(), campaignID.String() + "\x00"} {
			b := setup()
			response, _ := b.call(t, "engineer", call, id, body)
			if response.StatusCode != 404 || !b.untouched() {
				t.Errorf("%s of %q: %d, touched %v", call, id, response.StatusCode, !b.untouched())
			}
		}
	}
	for _, call := range []string{"GET /api/redrives/{id}", "POST /api/redrives/{id}/pause", "POST /api/redrives/{id}/resume", "POST /api/redrives/{id}/cancel"} {
		b := setup()
		if response, _ := b.call(t, "engineer", call, leadID.String(), ""); response.StatusCode != 404 || len(b.starter.started) > 0 {
			t.Errorf("%s of a campaign that there is not: %d", call, response.StatusCode)
		}
	}
}

func TestSteer_ChangesAndStartsWhatGoesOn(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]struct {
		status  string
		started []string
	}{
		"pause":  {"paused", nil},
		"resume": {"running", []string{"redrive-" + campaignID.String() + "-3"}},
		"cancel": {"cancelled", []string{"redrive-" + campaignID.String() + "-2"}},
	} {
		b := setup()
		response, body := b.call(t, "engineer", "POST /api/redrives/{id}/"+action, campaignID.String(), "")
		if response.StatusCode != 200 || body["id"] != campaignID.String() || body["status"] != want.status || !slices.Equal(b.starter.started, want.started) {
			t.Errorf("%s: %d %v, started %v", action, response.StatusCode, body, b.starter.started)
		}
		if got := []string{"subject-1 " + want.status}; !slices.Equal(b.store.steered, got) {
			t.Errorf("%s: %v, want %v", action, b.store.steered, got)
		}
	}
}

func TestSteer_StatusThatForbidsIsAConflict(t *testing.T) {
	t.Parallel()
	for status, actions := range map[lead.CampaignStatus][]string{
		lead.CampaignPaused:    {"pause"},
		lead.CampaignStopped:   {"pause", "cancel"},
		lead.CampaignCancelled: {"pause", "resume", "cancel"},
		lead.CampaignCompleted: {"pause", "resume", "cancel"},
	} {
		for _, action := range actions {
			b := setup()
			b.store.campaigns[0].Status = status
			response, body := b.call(t, "engineer", "POST /api/redrives/{id}/"+action, campaignID.String(), "")
			detail, _ := body["detail"].(string)
			if response.StatusCode != 409 || !strings.HasPrefix(detail, "The campaign is "+string(status)+" and cannot be ") || len(b.starter.started) > 0 {
				t.Errorf("%s of a %s campaign: %d %v, started %v", action, status, response.StatusCode, body, b.starter.started)
			}
		}
	}
}

func TestStart_FailureSaysWhatIsRecordedAndWhatToDo(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"POST /api/redrives", "POST /api/leads/{id}/redrive", "POST /api/redrives/{id}/resume"} {
		b := setup()
		b.starter.err = errors.New("throttled")
		response, body := b.call(t, "engineer", call, campaignID.String(), `{"reason":"receiver is up again"}`)
		detail, _ := body["detail"].(string)
		if response.StatusCode != 503 || !strings.Contains(detail, "Campaign "+campaignID.String()+" is recorded") || !strings.Contains(detail, "/resume") {
			t.Errorf("%s: %d %q", call, response.StatusCode, detail)
		}
		if response.Headers["Location"] != "/api/redrives/"+campaignID.String() || response.Headers["Retry-After"] != "" {
			t.Errorf("%s: headers %v: a repeat would be another campaign", call, response.Headers)
		}
		if log := b.log.String(); !strings.Contains(log, `"campaign_id":"`+campaignID.String()) || !strings.Contains(log, `"ApiErrors":1`) || !strings.Contains(log, `"endpoint":"`+call) {
			t.Errorf("%s: log %s", call, log)
		}
	}
}

func TestGet_ShowsTheCampaignAndAPageOfItsLeads(t *testing.T) {
	t.Parallel()
	b := setup()
	c := &b.store.campaigns[0]
	c.Filter = lead.RedriveFilter{From: now.Add(-time.Hour), To: now, Error: "Fibonacci.Unavailable", StatusClass: "5xx", LeadID: leadID}
	c.PlannedAt, c.FinishedAt, c.Batch, c.StopReason = now.Add(time.Second), now.Add(time.Minute), 4, "3 of 5 failed"
	c.Counts = lead.CampaignCounts{Total: 28, Pending: 1, Sent: 2, Delivered: 3, Failed: 4, Withheld: 5, Skipped: 6, Unsent: 7}
	c.Actions = []lead.CampaignAction{{At: now, Actor: "subject-2", Action: "created"}}
	for i := range 3 {
		b.store.items = append(b.store.items, lead.CampaignItem{Position: i + 1, LeadID: leadID, EventID: campaignID, State: "pending"})
	}
	b.store.items[0] = lead.CampaignItem{
		Position: 1, LeadID: leadID, EventID: campaignID, State: "failed", Batch: 1, Mode: "redrive", Execution: "arn:e", RedriveCount: 2,
		Error: "Fibonacci.Unavailable", Note: "again", SentAt: now, ClosedAt: now.Add(time.Second),
	}
	response, body := b.call(t, "engineer", "GET /api/redrives/{id}", campaignID.String(), "", "limit=2")
	const want = `{"id":"01930000-0000-7000-8000-00000000000a","status":"running","reason":"outage","createdBy":"subject-2",` +
		`"createdAt":"2026-11-21T12:00:00.123Z","plannedAt":"2026-11-21T12:00:01.123Z","finishedAt":"2026-11-21T12:01:00.123Z",` +
		`"filter":{"from":"2026-11-21T11:00:00.123Z","to":"2026-11-21T12:00:00.123Z","error":"Fibonacci.Unavailable","statusClass":"5xx","leadId":"01930000-0000-7000-8000-00000000000b"},` +
		`"canary":5,"ratePerMinute":60,"stopShare":0.2,"part":2,"batch":4,"stopReason":"3 of 5 failed",` +
		`"counts":{"total":28,"pending":1,"sent":2,"delivered":3,"failed":4,"withheld":5,"skipped":6,"unsent":7},` +
		`"actions":[{"at":"2026-11-21T12:00:00.123Z","actor":"subject-2","action":"created"}],` +
		`"items":[{"position":1,"leadId":"01930000-0000-7000-8000-00000000000b","eventId":"01930000-0000-7000-8000-00000000000a","state":"failed","batch":1,"mode":"redrive",` +
		`"executionArn":"arn:e","redriveCount":2,"error":"Fibonacci.Unavailable","note":"again","sentAt":"2026-11-21T12:00:00.123Z","closedAt":"2026-11-21T12:00:01.123Z"},` +
		`{"position":2,"leadId":"01930000-0000-7000-8000-00000000000b","eventId":"01930000-0000-7000-8000-00000000000a","state":"pending","redriveCount":0}],"cursor":"2"}`
	if response.StatusCode != 200 || response.Body != want {
		t.Errorf("%d\n%s\nwant\n%s", response.StatusCode, response.Body, want)
	}
	cursor, _ := body["cursor"].(string)
	_, last := b.call(t, "engineer", "GET /api/redrives/{id}", campaignID.String(), "", "limit=2", "cursor="+cursor)
	items, _ := last["items"].([]any)
	if _, more := last["cursor"]; more || len(items) != 1 {
		t.Errorf("last page %v", last)
	}
}

func TestList_GoesOnWhereThePageEnded(t *testing.T) {
	t.Parallel()
	b := setup()
	b.store.campaigns = nil
	for i := range 3 {
		b.store.campaigns = append(b.store.campaigns, lead.Campaign{ID: uuid.UUID{15: byte(9 - i)}, Status: lead.CampaignCompleted, CreatedAt: now})
	}
	var seen []string
	query := []string{"limit=2"}
	for range 2 {
		response, body := b.call(t, "engineer", "GET /api/redrives", "", "", query...)
		page, ok := body["campaigns"].([]any)
		if response.StatusCode != 200 || !ok {
			t.Fatalf("%d %v", response.StatusCode, body)
		}
		for _, c := range page {
			seen = append(seen, c.(map[string]any)["id"].(string))
		}
		cursor, _ := body["cursor"].(string)
		if (cursor != "") != (len(seen) == 2) {
			t.Errorf("after %d campaigns: cursor %q", len(seen), cursor)
		}
		query = []string{"limit=2", "cursor=" + cursor}
	}
	if len(seen) != 3 || seen[0] != (uuid.UUID{15: 9}).String() || seen[2] != (uuid.UUID{15: 7}).String() {
		t.Errorf("seen %v", seen)
	}
}

func TestReads_RefuseWhatTheyDoNotKnow(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		call, query, pointer string
	}{
		"unknown filter":        {"GET /api/redrives", "status=running", "/status"},
		"limit 0":               {"GET /api/redrives", "limit=0", "/limit"},
		"limit 101":             {"GET /api/redrives", "limit=101", "/limit"},
		"cursor no base64":      {"GET /api/redrives", "cursor=7", "/cursor"},
		"items: unknown filter": {"GET /api/redrives/{id}", "state=failed", "/state"},
		"items: limit 101":      {"GET /api/redrives/{id}", "limit=101", "/limit"},
		"items: cursor 0":       {"GET /api/redrives/{id}", "cursor=0", "/cursor"},
		"items: cursor +1":      {"GET /api/redrives/{id}", "cursor=+1", "/cursor"},
		"items: cursor huge":    {"GET /api/redrives/{id}", "cursor=2147483648", "/cursor"},
		"items: cursor no word": {"GET /api/redrives/{id}", "cursor=x", "/cursor"},
	} {
		b := setup()
		response, body := b.call(t, "engineer", row.call, campaignID.String(), "", row.query)
		if got := pointers(body); response.StatusCode != 400 || !slices.Equal(got, []string{row.pointer + " " + got0(body)}) || !b.untouched() {
			t.Errorf("%s: %d %v, touched %v", name, response.StatusCode, got, !b.untouched())
		}
	}
	b := setup()
	if response, body := b.call(t, "engineer", "GET /api/redrives", "", "", "limit=1", "limit=2"); response.StatusCode != 400 || got0(body) != "repeated" {
		t.Errorf("limit twice: %d %v", response.StatusCode, body)
	}
}

func TestWrites_TakeNoParameters(t *testing.T) {
	t.Parallel()
	for call, body := range calls() {
		if !strings.HasPrefix(call, "POST ") {
			continue
		}
		b := setup()
		response, document := b.call(t, "engineer", call, campaignID.String(), body, "dryRun=true")
		if got := pointers(document); response.StatusCode != 400 || !slices.Equal(got, []string{"/dryRun unknown"}) || !b.untouched() {
			t.Errorf("%s: %d %v, touched %v", call, response.StatusCode, got, !b.untouched())
		}
	}
}

// pointers are the entries of errors, each "pointer code".
func pointers(body map[string]any) []string {
	var out []string
	entries, _ := body["errors"].([]any)
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		out = append(out, fmt.Sprint(entry["pointer"], " ", entry["code"]))
	}
	return out
}

// got0 is the code of the first entry.
func got0(body map[string]any) string {
	all := pointers(body)
	if len(all) == 0 {
		return ""
	}
	_, code, _ := strings.Cut(all[0], " ")
	return code
}
