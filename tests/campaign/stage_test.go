package campaign

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/alquimista-ai/nigredo/activities/campaign"
	"github.com/alquimista-ai/nigredo/activities/deliver"
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/track"
	"github.com/alquimista-ai/nigredo/states"
	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// stage is an engine with the machines of a campaign and the books behind them.
type stage struct {
	*engine.Engine
	*postgres.Store
	pool   *pgxpool.Pool
	track  lambda.Handler
	steps  lambda.Handler
	faults faults

	mu sync.Mutex
	// ends says how an attempt ends: nil is delivered.
	ends func(lead.ID) error
	slow map[lead.ID]int // attempts that find no database before
	mute bool            // events get lost
	sent []delivered
}

// delivered is one attempt and when it was made, in fake time.
type delivered struct {
	lead.ID
	at time.Time
}

func machineARN(name string) string {
	return "arn:aws:states:" + enginetest.Region + ":" + enginetest.Account + ":stateMachine:" + name
}

func executionARN(machine, name string) string {
	return "arn:aws:states:" + enginetest.Region + ":" + enginetest.Account + ":execution:" + machine + ":" + name
}

// play is a test in the bubble, on the books of so many leads whose deliveries failed.
func play(t *testing.T, leads int, test func(t *testing.T, s *stage)) {
	t.Helper()
	url, now := testdb.URL(t), time.Now()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, url, now)
		s.books(t, leads)
		s.fail(t, 1)
		test(t, s)
	})
}

// newStage belongs inside the bubble; url is a migrated database made outside.
func newStage(t *testing.T, url string, now time.Time) *stage {
	t.Helper()
	return stageWith(t, url, now, func(*stage) map[string]engine.Integration { return nil }, partLength)
}

// newFaultyStage is one whose calls of Step Functions fail as ordered, and whose
// campaigns hand over after 20 batches.
func newFaultyStage(t *testing.T, url string, now time.Time) *stage {
	t.Helper()
	return stageWith(t, url, now, (*stage).faulty, "$batches >= 20 ")
}

// partLength is where the machine file says how many batches make a part.
const partLength = "$batches >= 200 "

func stageWith(t *testing.T, url string, now time.Time, integrations func(*stage) map[string]engine.Integration, length string) *stage {
	t.Helper()
	time.Sleep(time.Until(now)) // the database's clock is the real one
	pool, err := postgres.Open(t.Context(), url, postgres.Options{MaxConns: 8, Name: "campaign-test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	quota, err := lead.NewQuota(0)
	if err != nil {
		t.Fatal(err)
	}
	env := task.NewEnv(io.Discard, time.Now) // a line for each lead
	s := &stage{Store: postgres.New(pool, quota), pool: pool, slow: map[lead.ID]int{}}
	s.track, s.steps = track.New(env, s.Store), campaign.New(env, s.Store)
	s.Engine, err = engine.New(engine.Config{
		Region: enginetest.Region, Account: enginetest.Account, Store: enginetest.NewStore(), Invoker: s, Bus: s,
		Integrations: integrations(s),
		Jitter:       func() float64 { return 1 },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	values := map[string]string{
		"DeliverArn": "Deliver", "CampaignArn": "Campaign",
		"FibonacciDeliveryArn":        machineARN("fibonacci_delivery"),
		"FibonacciDeliveryMachineArn": machineARN("fibonacci_delivery"),
		"RedriveBatchArn":             machineARN("redrive_batch"),
		"RedriveCampaignArn":          machineARN("redrive_campaign"),
	}
	for _, name := range []string{"fibonacci_delivery", "redrive_batch", "redrive_campaign"} {
		definition, err := states.Substitute(name, values)
		if err != nil {
			t.Fatal(err)
		}
		if name == "redrive_campaign" && !strings.Contains(definition, partLength) {
			t.Fatalf("%s does not say %q", name, partLength)
		}
		definition = strings.ReplaceAll(definition, partLength, length)
		if _, err := s.CreateStateMachine(t.Context(), engine.CreateInput{
			Name: name, Type: engine.Standard, Definition: definition, RoleARN: "arn:aws:iam::" + enginetest.Account + ":role/x",
		}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// Invoke implements engine.Invoker: the steps of a campaign are the real ones, an
// attempt to deliver ends as told and is written as the real one is.
func (s *stage) Invoke(ctx context.Context, function string, payload []byte) (engine.Result, error) {
	if function == "Campaign" {
		call, _ := engine.TaskOf(ctx)
		if name := s.faults.next(call.State); name != "" {
			return engine.Result{}, &engine.InvokeError{Name: name, Cause: "ordered"}
		}
		out, err := s.steps.Invoke(ctx, payload)
		return result(out, err)
	}
	var in deliver.Input
	if err := json.Unmarshal(payload, &in); err != nil {
		return engine.Result{}, err
	}
	s.mu.Lock()
	if s.slow[in.LeadID] > 0 {
		s.slow[in.LeadID]--
		s.mu.Unlock()
		return result(nil, lead.ErrDatabaseUnavailable)
	}
	ends := s.ends(in.LeadID)
	s.sent = append(s.sent, delivered{in.LeadID, time.Now()})
	s.mu.Unlock()
	attempt := lead.Attempt{
		AttemptKey: lead.AttemptKey{Execution: in.Execution, RedriveCount: in.RedriveCount, RetryCount: in.RetryCount},
		LeadID:     in.LeadID, EventID: in.EventID, StartedAt: time.Now(),
		Success: ends == nil, StatusCode: 200,
	}
	if ends != nil {
		attempt.StatusCode, attempt.Error = 503, ends.Error()
	}
	if _, err := s.RecordAttempt(ctx, attempt); err != nil {
		return engine.Result{}, err
	}
	return result(fmt.Appendf(nil, `{"webhookId":"msg_%s","attempt":1,"statusCode":200}`, in.EventID), ends)
}

func result(out []byte, err error) (engine.Result, error) {
	r := engine.Result{StatusCode: 200, ExecutedVersion: "$LATEST", RequestID: uuid.NewString(), Payload: out}
	if err != nil {
		r.FunctionError = "Unhandled"
		r.Payload = fmt.Appendf(nil, `{"errorType":%q,"errorMessage":"x"}`, strings.SplitN(err.Error(), ":", 2)[0])
	}
	return r, nil
}

// Publish implements engine.Bus.
func (s *stage) Publish(ctx context.Context, change engine.StatusChange) error {
	s.mu.Lock()
	lost := s.mute
	s.mu.Unlock()
	if lost || !strings.Contains(change.ARN, ":fibonacci_delivery:") {
		return nil
	}
	_, err := s.track.Invoke(ctx, change.Body)
	return err
}

// books writes n leads whose delivery is due.
func (s *stage) books(t *testing.T, n int) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO nigredo.leads (id, reference, status, name, email, email_norm, source, locale, verdict, created_at, status_changed_at)
		 SELECT gen_random_uuid(), 'NG-' || upper(translate(lpad(to_hex(i / 65536), 4, '0') || '-' || lpad(to_hex(i % 65536), 4, '0'), '01', 'gh')),
			'accepted', 'n', 'a@b.example', 'a@b.example', 'direct', 'en', 'clean', clock_timestamp() + i * interval '1 microsecond', clock_timestamp()
		 FROM generate_series(1, $1::integer) AS i`,
		`INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details) SELECT gen_random_uuid(), id, created_at, 'lead.accepted', 'x', '{}' FROM nigredo.leads LIMIT $1`,
		`INSERT INTO nigredo.deliveries (event_id, lead_id, type, status, due_at, created_at, updated_at)
		 SELECT gen_random_uuid(), id, 'lead.created', 'due', created_at, created_at, created_at FROM nigredo.leads LIMIT $1`,
	} {
		if _, err := s.pool.Exec(t.Context(), sql, n); err != nil {
			t.Fatal(err)
		}
	}
}

// fail gives the deliveries a failed execution: a real one for those that every
// chooses, and for the others one of a fortnight ago that nobody remembers.
func (s *stage) fail(t *testing.T, every int) {
	t.Helper()
	s.setEnds(func(lead.ID) error { return lead.ErrFibonacciRejected })
	rows, err := s.pool.Query(t.Context(), `SELECT lead_id, event_id FROM nigredo.deliveries ORDER BY lead_id`)
	if err != nil {
		t.Fatal(err)
	}
	type owed struct{ lead, event uuid.UUID }
	var all []owed
	for rows.Next() {
		var o owed
		if err := rows.Scan(&o.lead, &o.event); err != nil {
			t.Fatal(err)
		}
		all = append(all, o)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	for i, o := range all {
		if i%every != 0 {
			continue
		}
		if _, err := s.StartExecution(t.Context(), engine.StartInput{
			StateMachineARN: machineARN("fibonacci_delivery"), Name: "lead-" + o.lead.String(),
			Input: fmt.Sprintf(`{"leadId":%q,"eventId":%q}`, o.lead, o.event),
		}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.pool.Exec(t.Context(), `
		UPDATE nigredo.deliveries SET status = 'failed', execution_arn = $1 || 'lead-' || lead_id, execution_status = 'FAILED', error_name = 'Fibonacci.Unavailable',
			execution_started_at = clock_timestamp() - interval '15 days', execution_stopped_at = clock_timestamp() - interval '15 days'
		WHERE status = 'due' AND lead_id <> ALL($2)`, executionARN("fibonacci_delivery", ""), started(all, every, func(o owed) uuid.UUID { return o.lead })); err != nil {
		t.Fatal(err)
	}
	for s.count(t, `SELECT count(*) FROM nigredo.deliveries WHERE status <> 'failed'`) > 0 {
		time.Sleep(time.Second) // of fake time
	}
	s.mu.Lock()
	s.sent = nil
	s.mu.Unlock()
}

func started[T any](all []T, every int, id func(T) uuid.UUID) []uuid.UUID {
	var ids []uuid.UUID
	for i := 0; i < len(all); i += every {
		ids = append(ids, id(all[i]))
	}
	return ids
}

func (s *stage) setEnds(ends func(lead.ID) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends = ends
}

func (s *stage) count(t *testing.T, sql string) int {
	t.Helper()
	var n int
	if err := s.pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// start creates a campaign over everything that failed and starts its first part.
func (s *stage) start(t *testing.T, c lead.NewCampaign) lead.Campaign {
	t.Helper()
	c.Filter = lead.RedriveFilter{From: time.Now().Add(-60 * 24 * time.Hour), To: time.Now().Add(24 * time.Hour)}
	c.Reason, c.Actor = "Fibonacci is back", "engineer"
	made, err := s.CreateCampaign(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	s.startPart(t, made)
	return made
}

func (s *stage) startPart(t *testing.T, c lead.Campaign) {
	t.Helper()
	if _, err := s.StartExecution(t.Context(), engine.StartInput{
		StateMachineARN: machineARN("redrive_campaign"), Name: fmt.Sprintf("redrive-%s-%d", c.ID, c.Part),
		Input: fmt.Sprintf(`{"campaignId":%q,"part":%d}`, c.ID, c.Part),
	}); err != nil {
		t.Fatal(err)
	}
}

// finished waits in fake time until the campaign has ended.
func (s *stage) finished(t *testing.T, id lead.CampaignID) lead.Campaign {
	t.Helper()
	for {
		c, ok, err := s.Campaign(t.Context(), id)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		if !c.FinishedAt.IsZero() {
			return c
		}
		time.Sleep(time.Minute)
		s.mustRun(t, c)
	}
}

// mustRun fails the test when the campaign has no execution that could end it.
func (s *stage) mustRun(t *testing.T, c lead.Campaign) {
	t.Helper()
	x, err := s.DescribeExecution(t.Context(), engine.DescribeInput{
		ExecutionARN: executionARN("redrive_campaign", fmt.Sprintf("redrive-%s-%d", c.ID, c.Part)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if x.Status == engine.Failed || x.Status == engine.TimedOut {
		t.Fatalf("part %d is %s: %v", c.Part, x.Status, x.Cause)
	}
}
