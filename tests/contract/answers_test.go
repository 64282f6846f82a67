package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/balance"
	"github.com/alquimista-ai/nigredo/activities/failures"
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/redrives"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/task/tasktest"
	"github.com/alquimista-ai/nigredo/infra/api"
)

// books is a store that has everything, or nothing, or is away. A campaign that
// there is not has the id nowhere.
type books struct {
	none, done, away, notStarted bool
}

var (
	answered  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	somewhere = uuid.MustParse("01930000-0000-7000-8000-00000000000a")
	nowhere   = uuid.MustParse("01930000-0000-7000-8000-00000000000f")
)

func (b books) fault() error {
	if b.away {
		return lead.ErrDatabaseUnavailable
	}
	return nil
}

func (b books) campaign(id lead.CampaignID) lead.Campaign {
	if id == nowhere {
		return lead.Campaign{}
	}
	return lead.Campaign{
		NewCampaign: lead.NewCampaign{
			Filter: lead.RedriveFilter{From: answered, To: answered, Error: "E", StatusClass: "5xx", LeadID: somewhere}, Reason: "r", Actor: "a", Canary: 1, RatePerMinute: 1, StopShare: 0.5,
		},
		ID: somewhere, Status: lead.CampaignRunning, Part: 1, Batch: 1, StopReason: "s", CreatedAt: answered, PlannedAt: answered, FinishedAt: answered,
		Actions: []lead.CampaignAction{{At: answered, Actor: "a", Action: "created"}},
	}
}

func (b books) PlanRedrive(context.Context, lead.RedriveFilter) (lead.RedrivePlan, error) {
	if b.none {
		return lead.RedrivePlan{}, b.fault()
	}
	return lead.RedrivePlan{
		Total: 1, Oldest: answered, Newest: answered, SoonestExpiry: answered, Causes: []lead.RedriveCause{{Error: "E", StatusCode: 503, Count: 1}},
		Sample: []lead.RedriveSample{{LeadID: somewhere, Execution: "e", Error: "E", StatusCode: 503, FailedAt: answered}},
	}, b.fault()
}

func (b books) CreateCampaign(context.Context, lead.NewCampaign) (lead.Campaign, error) {
	return b.campaign(somewhere), b.fault()
}

func (b books) Campaign(_ context.Context, id lead.CampaignID) (lead.Campaign, bool, error) {
	return b.campaign(id), id != nowhere, b.fault()
}

func (b books) Campaigns(_ context.Context, _ lead.Position, limit int) ([]lead.Campaign, error) {
	return slices.Repeat([]lead.Campaign{b.campaign(somewhere)}, limit), b.fault()
}

func (b books) CampaignItems(_ context.Context, _ lead.CampaignID, _, limit int) ([]lead.CampaignItem, error) {
	return slices.Repeat([]lead.CampaignItem{{
		Position: 1, LeadID: somewhere, EventID: somewhere, State: "failed", Batch: 1, Mode: "fresh", Execution: "e", RedriveCount: 1, Error: "E", Note: "n", SentAt: answered, ClosedAt: answered,
	}}, limit), b.fault()
}

func (b books) PauseCampaign(_ context.Context, id lead.CampaignID, _ string) (lead.Campaign, bool, error) {
	return b.campaign(id), !b.done && id != nowhere, b.fault()
}

func (b books) ResumeCampaign(ctx context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error) {
	return b.PauseCampaign(ctx, id, actor)
}

func (b books) CancelCampaign(ctx context.Context, id lead.CampaignID, actor string) (lead.Campaign, bool, error) {
	return b.PauseCampaign(ctx, id, actor)
}

func (b books) StartCampaign(context.Context, lead.CampaignID, int) error {
	if b.notStarted {
		return errors.New("throttled")
	}
	return nil
}

func (b books) Failures(context.Context, lead.FailureFilter) ([]lead.FailureGroup, int, error) {
	return []lead.FailureGroup{{
		Error: "E", StatusCode: 503, Cause: lead.CauseHTTP, Fingerprint: "f", Count: 1, FirstSeen: answered, LastSeen: answered, Sample: somewhere, Answer: "a", RetryAfter: time.Minute,
	}}, 1, b.fault()
}

func (b books) Balance(context.Context) (lead.Balance, error) {
	return lead.Balance{Accepted: 1, Unaccounted: 1}, b.fault()
}

func (b books) Unaccounted(context.Context, int) ([]lead.Unaccounted, error) {
	return []lead.Unaccounted{{LeadID: somewhere, Problem: lead.ProblemNoLead, AcceptedAt: answered}}, b.fault()
}

// served are the calls that are held against the document, each with its activity
// and a body that it takes.
func served() map[string]struct {
	activity func(books) lambda.Handler
	body     string
} {
	env := task.NewEnv(&bytes.Buffer{}, func() time.Time { return answered })
	campaigns := func(b books) lambda.Handler { return redrives.New(env, b, b) }
	type call = struct {
		activity func(books) lambda.Handler
		body     string
	}
	return map[string]call{
		"GET /api/balance":               {func(b books) lambda.Handler { return balance.New(env, b) }, ""},
		"GET /api/failures":              {func(b books) lambda.Handler { return failures.New(env, b) }, ""},
		"GET /api/redrives":              {campaigns, ""},
		"GET /api/redrives/{id}":         {campaigns, ""},
		"POST /api/redrives":             {campaigns, `{"reason":"x"}`},
		"POST /api/redrives/{id}/pause":  {campaigns, ""},
		"POST /api/redrives/{id}/resume": {campaigns, ""},
		"POST /api/redrives/{id}/cancel": {campaigns, ""},
		"POST /api/leads/{id}/redrive":   {campaigns, `{"reason":"x"}`},
	}
}

func ask(t *testing.T, activity lambda.Handler, call, id, body, role string, query map[string][]string) events.APIGatewayProxyResponse {
	t.Helper()
	method, resource, _ := strings.Cut(call, " ")
	request := events.APIGatewayProxyRequest{
		HTTPMethod: method, Resource: resource, PathParameters: map[string]string{"id": id}, Body: body,
		QueryStringParameters: map[string]string{}, MultiValueQueryStringParameters: query, RequestContext: tasktest.SignedIn(role),
	}
	for name, values := range query {
		request.QueryStringParameters[name] = values[len(values)-1]
	}
	return tasktest.Call(t, activity, request)
}

func operation(t *testing.T, doc *openapi3.T, call string) *openapi3.Operation {
	t.Helper()
	method, path, _ := strings.Cut(call, " ")
	item := doc.Paths.Value(path)
	if item == nil || item.GetOperation(method) == nil {
		t.Fatalf("%s is not in the document", call)
	}
	return item.GetOperation(method)
}

// seen are the members that answers had, by the schema that describes them.
type seen map[*openapi3.Schema]map[string]bool

// hold holds a value against its schema: no member that is not in it, every
// required one, types, and values of a closed list.
func (s seen) hold(t *testing.T, at string, schema *openapi3.Schema, value any) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		if s[schema] == nil {
			s[schema] = map[string]bool{}
		}
		for name, member := range v {
			s[schema][name] = true
			if described := schema.Properties[name]; described == nil {
				t.Errorf("%s.%s is not in the document", at, name)
			} else {
				s.hold(t, at+"."+name, described.Value, member)
			}
		}
		for _, name := range schema.Required {
			if _, ok := v[name]; !ok {
				t.Errorf("%s has no %s, which the document requires", at, name)
			}
		}
	case []any:
		if !schema.Type.Is("array") {
			t.Errorf("%s is a list", at)
			return
		}
		for _, element := range v {
			s.hold(t, at+"[]", schema.Items.Value, element)
		}
	default:
		if err := schema.VisitJSON(value); err != nil {
			t.Errorf("%s: %v", at, err)
		}
	}
}

// complete tells which members no answer had.
func (s seen) complete(t *testing.T, at string, schema *openapi3.Schema) {
	t.Helper()
	if schema.Items != nil {
		s.complete(t, at+"[]", schema.Items.Value)
	}
	for name, member := range schema.Properties {
		if !s[schema][name] {
			t.Errorf("%s.%s is in the document, and no answer has it", at, name)
		}
		s.complete(t, at+"."+name, member.Value)
	}
}

// What the calls answer is what the document says, both ways: statuses, headers
// and members. 413 is the gateway's.
func TestAnswers_AreTheOnesOfTheDocument(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		t.Fatal(err)
	}
	const engineer = "engineer"
	members := seen{}
	for call, c := range served() {
		op := operation(t, doc, call)
		statuses := map[string]bool{"413": true}
		for _, row := range []struct {
			state          books
			id, body, role string
			query          map[string][]string
		}{
			{books{}, somewhere.String(), c.body, engineer, nil},
			{books{}, somewhere.String(), `{"dryRun":true,"filter":{"error":"E","statusClass":"5xx"}}`, engineer, nil},
			{books{}, somewhere.String(), c.body, "", nil},
			{books{}, somewhere.String(), c.body, "privacy", nil},
			{books{}, somewhere.String(), c.body, engineer, map[string][]string{"x": {"1"}}},
			{books{}, "1", c.body, engineer, nil},
			{books{}, nowhere.String(), c.body, engineer, nil},
			{books{}, somewhere.String(), "x", engineer, nil},
			{books{}, somewhere.String(), `{}`, engineer, nil},
			{books{none: true}, somewhere.String(), c.body, engineer, nil},
			{books{done: true}, somewhere.String(), c.body, engineer, nil},
			{books{away: true}, somewhere.String(), c.body, engineer, nil},
			{books{notStarted: true}, somewhere.String(), c.body, engineer, nil},
		} {
			response := ask(t, c.activity(row.state), call, row.id, row.body, row.role, row.query)
			status := strconv.Itoa(response.StatusCode)
			statuses[status] = true
			described := op.Responses.Value(status)
			if described == nil {
				t.Errorf("%s answers %s, which is not in the document: %s", call, status, response.Body)
				continue
			}
			for name := range response.Headers {
				if name != "Content-Type" && name != "Cache-Control" && described.Value.Headers[name] == nil {
					t.Errorf("%s, %s: the header %s is not in the document", call, status, name)
				}
			}
			content := described.Value.Content[response.Headers["Content-Type"]]
			if content == nil {
				t.Errorf("%s, %s: %s is not in the document", call, status, response.Headers["Content-Type"])
				continue
			}
			var value any
			if err := json.Unmarshal([]byte(response.Body), &value); err != nil {
				t.Fatal(err)
			}
			members.hold(t, call+" "+status, content.Schema.Value, value)
		}
		for status := range op.Responses.Map() {
			if !statuses[status] {
				t.Errorf("%s: %s is in the document, and nothing answers it", call, status)
			}
		}
	}
	for call := range served() {
		for status, described := range operation(t, doc, call).Responses.Map() {
			if content := described.Value.Content["application/json"]; content != nil {
				members.complete(t, call+" "+status, content.Schema.Value)
			}
		}
	}
}

// A call knows the parameters and the members of a body that the document names.
func TestRequests_AreTheOnesOfTheDocument(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		t.Fatal(err)
	}
	for call, c := range served() {
		op := operation(t, doc, call)
		var named []string
		for _, p := range op.Parameters {
			if p.Value.In == "query" {
				named = append(named, p.Value.Name)
			}
		}
		slices.Sort(named)
		response := ask(t, c.activity(books{}), call, somewhere.String(), c.body, "engineer", map[string][]string{"?": {"1"}})
		known := "This call takes none."
		if len(named) > 0 {
			last := len(named) - 1
			known = "Known are " + strings.Join(named[:last], ", ") + " and " + named[last] + "."
		}
		if !strings.Contains(response.Body, known) {
			t.Errorf("%s: no %q in %s", call, known, response.Body)
		}
		if op.RequestBody == nil {
			continue
		}
		body := op.RequestBody.Value.Content["application/json"].Schema.Value
		names := map[string]string{}
		for name, member := range body.Properties {
			names["/"+name] = fmt.Sprintf(`{%q:null}`, name)
			for inner := range member.Value.Properties {
				names["/"+name+"/"+inner] = fmt.Sprintf(`{%q:{%q:null}}`, name, inner)
			}
		}
		for _, pointer := range slices.Sorted(maps.Keys(names)) {
			response := ask(t, c.activity(books{}), call, somewhere.String(), names[pointer], "engineer", nil)
			if want := fmt.Sprintf(`"pointer":%q,"code":"wrong_type"`, pointer); !strings.Contains(response.Body, want) {
				t.Errorf("%s does not know %s: %s", call, pointer, response.Body)
			}
		}
	}
}
