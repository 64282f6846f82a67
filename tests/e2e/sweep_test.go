package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const machines = "arn:aws:states:us-east-1:000000000000:stateMachine:"

// house is an installation of one test's own, whose books the test may break.
type house struct {
	*installation
	sfn *sfn.Client
	db  *pgxpool.Pool
}

func newHouse(t *testing.T) house {
	t.Helper()
	i, err := start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := i.Stop(); err != nil {
			t.Error(err)
		}
		i.receiver.close()
		if i.functions != nil {
			i.functions.close()
		}
		if t.Failed() {
			t.Logf("the end of what nigredo wrote:\n%s", i.Output.Tail())
		}
	})
	h := house{installation: i, sfn: sfn.New(sfn.Options{
		BaseEndpoint: aws.String(i.SFN), Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("none", "none", ""),
	})}
	if h.db, err = pgxpool.New(t.Context(), i.run(t, "db-url")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.db.Close)
	return h
}

// exec breaks or ages rows.
func (h house) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	if _, err := h.db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%.60s: %v", sql, err)
	}
}

func (h house) text(t *testing.T, sql string, args ...any) string {
	t.Helper()
	var text string
	if err := h.db.QueryRow(t.Context(), sql, args...).Scan(&text); err != nil {
		t.Fatalf("%.60s: %v", sql, err)
	}
	return text
}

// breakStart makes Start Delivery fail: it names a machine that nobody has. The
// returned function mends it.
func (h house) breakStart(t *testing.T) (mend func()) {
	t.Helper()
	intake := aws.String(machines + "lead_intake")
	whole, err := h.sfn.DescribeStateMachine(t.Context(), &sfn.DescribeStateMachineInput{StateMachineArn: intake})
	if err != nil {
		t.Fatal(err)
	}
	update := func(definition string) {
		if _, err := h.sfn.UpdateStateMachine(t.Context(), &sfn.UpdateStateMachineInput{StateMachineArn: intake, Definition: &definition}); err != nil {
			t.Fatal(err)
		}
	}
	broken := strings.ReplaceAll(*whole.Definition, machines+"fibonacci_delivery", machines+"nobody")
	if broken == *whole.Definition {
		t.Fatal("lead_intake names no machine to break")
	}
	update(broken)
	return func() { update(*whole.Definition) }
}

// swept is the line that a sweep ends with.
type swept struct {
	Message      string `json:"message"`
	ExecutionARN string `json:"execution_arn"`
	Restored     int    `json:"restored"`
	Started      int    `json:"started"`
	Recorded     int    `json:"recorded"`
	Unchanged    int    `json:"unchanged"`
	Unclear      int    `json:"unclear"`
	Unaccounted  int    `json:"unaccounted"`
}

// sweep starts so many sweeps at once, as anybody may, waits for their end and
// gives what they did together.
func (h house) sweep(t *testing.T, atOnce int, input string) swept {
	t.Helper()
	running := map[string]bool{}
	starting := make(chan string, atOnce)
	for range atOnce {
		go func() {
			out, err := h.sfn.StartExecution(t.Context(), &sfn.StartExecutionInput{StateMachineArn: aws.String(machines + "delivery_sweep"), Input: &input})
			if err != nil {
				t.Error(err)
				starting <- ""
				return
			}
			starting <- *out.ExecutionArn
		}()
	}
	for range atOnce {
		running[<-starting] = true
	}
	if running[""] {
		t.FailNow()
	}
	var all swept
	eventually(t, soon, func() error {
		for line := range strings.Lines(h.Output.String()) {
			var one swept
			if json.Unmarshal([]byte(line), &one) != nil || one.Message != "Sweep: books settled" || !running[one.ExecutionARN] {
				continue
			}
			delete(running, one.ExecutionARN)
			all.Restored += one.Restored
			all.Started += one.Started
			all.Recorded += one.Recorded
			all.Unchanged += one.Unchanged
			all.Unclear += one.Unclear
			all.Unaccounted = one.Unaccounted
		}
		if len(running) > 0 {
			return fmt.Errorf("%d sweeps have not ended", len(running))
		}
		return nil
	})
	return all
}

// sheet is the answer of GET /api/balance.
type sheet struct {
	Accepted    int `json:"accepted"`
	Delivered   int `json:"delivered"`
	Failed      int `json:"failed"`
	Withheld    int `json:"withheld"`
	Quarantined int `json:"quarantined"`
	InFlight    int `json:"inFlight"`
	Unaccounted int `json:"unaccounted"`
	Leads       []struct {
		ID      string `json:"id"`
		Problem string `json:"problem"`
	} `json:"leads"`
}

func (h house) books(t *testing.T) sheet {
	t.Helper()
	token := h.run(t, "token", "--role", "engineer")
	a := h.call(t, request{method: http.MethodGet, path: "/api/balance", header: map[string]string{"Authorization": "Bearer " + token}})
	var s sheet
	if err := json.Unmarshal(a.body, &s); err != nil || a.status != http.StatusOK {
		t.Fatalf("books: %d %s, %v", a.status, a.body, err)
	}
	if sum := s.Delivered + s.Failed + s.Withheld + s.Quarantined + s.InFlight + s.Unaccounted; sum != s.Accepted {
		t.Errorf("%d accepted, %d in the other columns", s.Accepted, sum)
	}
	return s
}

// requireLost fails unless the books see one lead as lost, and the command says so.
func (h house) requireLost(t *testing.T, lead, problem string) {
	t.Helper()
	s := h.books(t)
	if s.Unaccounted != 1 || len(s.Leads) != 1 || s.Leads[0].ID != lead || s.Leads[0].Problem != problem {
		t.Fatalf("books %+v, want lead %s unaccounted as %s", s, lead, problem)
	}
	if _, err := h.Run(t.Context(), "leads", "balance"); err == nil || !strings.Contains(err.Error(), "exit status 1") || !strings.Contains(err.Error(), "unaccounted for") {
		t.Errorf("nigredo leads balance: %v, want exit code 1", err)
	}
}

// requireBalanced sees the books in balance, so many of them delivered and failed.
func (h house) requireBalanced(t *testing.T, delivered, failed int) {
	t.Helper()
	eventually(t, soon, func() error {
		if s := h.books(t); s.Unaccounted != 0 || s.Delivered != delivered || s.Failed != failed {
			return fmt.Errorf("books %+v, want %d delivered, %d failed and none unaccounted", s, delivered, failed)
		}
		return nil
	})
	h.run(t, "leads", "balance")
}

func TestSweep_DeliversWhatStartDeliveryCouldNot(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mend := h.breakStart(t)
	email := person()
	late := h.accept(t, request{address: h.address(), body: lead(email)})
	event := h.text(t, `SELECT details ->> 'eventId' FROM nigredo.ledger WHERE lead_id = $1 AND kind = 'lead.accepted'`, late.ID)
	h.requireBalanced(t, 0, 0) // due, and not for long
	if did := h.sweep(t, 1, `{}`); did.Started != 0 {
		t.Errorf("a sweep took what lead_intake may still start: %+v", did)
	}

	h.exec(t, `UPDATE nigredo.deliveries SET due_at = due_at - interval '5 minutes'`)
	h.requireLost(t, late.ID, "not_started")
	if did := h.sweep(t, 1, `{}`); did.Started != 1 || did.Unclear != 0 || did.Unaccounted != 0 {
		t.Errorf("the sweep did %+v, want one started and none unaccounted", did)
	}
	h.receiver.wait(t, email, 1, soon)
	h.requireBalanced(t, 1, 0)
	if calls := h.receiver.got(email); len(calls) != 1 || calls[0].id != "msg_"+event {
		t.Errorf("the receiver got %d calls, first %s; want one, msg_%s", len(calls), calls[0].id, event)
	}
	mend()
	email = person()
	h.accept(t, request{address: h.address(), body: lead(email)})
	h.receiver.wait(t, email, 1, soon)
}

func TestSweep_FourAtOnceDeliverEachLeadOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.breakStart(t)
	const people = 24
	emails := make([]string, people)
	errs := make(chan error, people)
	for i := range emails { // at once: each waits for the second try of its start
		emails[i] = person()
		go func() {
			a, err := h.send(t.Context(), request{address: h.address(), body: lead(emails[i])})
			if err == nil && a.status != http.StatusCreated {
				err = fmt.Errorf("got %d: %s", a.status, a.body)
			}
			errs <- err
		}()
	}
	for range emails {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	events := h.text(t, `SELECT string_agg('msg_' || event_id, ' ' ORDER BY event_id) FROM nigredo.deliveries`)
	h.exec(t, `DELETE FROM nigredo.deliveries WHERE lead_id IN (SELECT lead_id FROM nigredo.deliveries ORDER BY lead_id LIMIT $1)`, people/2)
	h.exec(t, `UPDATE nigredo.deliveries SET due_at = due_at - interval '5 minutes'`)
	if s := h.books(t); s.Unaccounted != people {
		t.Errorf("books %+v, want all %d unaccounted", s, people)
	}
	did := h.sweep(t, 4, `{"minimumAgeSeconds":0}`)
	t.Logf("four sweeps: %+v", did)
	if did.Restored != people/2 || did.Unclear != 0 {
		t.Errorf("four sweeps did %+v, want %d restored once and none unclear", did, people/2)
	}
	for _, email := range emails {
		h.receiver.wait(t, email, 1, soon)
	}
	h.requireBalanced(t, people, 0)
	if did := h.sweep(t, 4, `{"minimumAgeSeconds":0}`); did.Restored+did.Started+did.Recorded+did.Unclear != 0 {
		t.Errorf("the next sweeps did %+v, want nothing", did)
	}
	var ids []string
	for _, email := range emails {
		calls := h.receiver.got(email)
		if len(calls) != 1 {
			t.Errorf("%s was delivered %d times", email, len(calls))
		}
		ids = append(ids, calls[0].id)
	}
	slices.Sort(ids)
	if got := strings.Join(ids, " "); got != events {
		t.Errorf("the receiver got\n%s, want the ids that were given when the leads were accepted:\n%s", got, events)
	}
	if n := h.text(t, `SELECT count(*)::text FROM nigredo.ledger WHERE kind = 'delivery.running'`); n != fmt.Sprint(people) {
		t.Errorf("%s starts in the ledger, want one for each of %d leads, whoever told first", n, people)
	}
	if n := h.text(t, `SELECT count(*)::text FROM nigredo.ledger WHERE kind = 'delivery.restored' AND details -> 'known' = 'true'`); n != fmt.Sprint(people/2) {
		t.Errorf("%s restored under the known id, want %d", n, people/2)
	}
}

func TestSweep_FindsOutWhatBecameOfADelivery(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	failed := 0
	for _, step := range []struct {
		name    string
		broken  string
		problem string
		error   string // in the row, after the sweep
	}{
		{
			"a FAILED event was dropped",
			`UPDATE nigredo.deliveries SET status = 'running', execution_status = 'RUNNING', execution_stopped_at = NULL, error_name = NULL,
				updated_at = updated_at - interval '11 minutes' WHERE lead_id = $1`, "not_heard_of", "Fibonacci.Rejected",
		},
		{
			"all of its events were dropped",
			`UPDATE nigredo.deliveries SET status = 'due', due_at = due_at - interval '6 minutes', execution_arn = NULL, execution_status = NULL,
				execution_started_at = NULL, execution_stopped_at = NULL, error_name = NULL WHERE lead_id = $1`, "not_started", "Fibonacci.Rejected",
		},
		{
			"its row is gone, with its attempts",
			`WITH attempts AS (DELETE FROM nigredo.webhook_logs WHERE lead_id = $1)
			DELETE FROM nigredo.deliveries WHERE lead_id = $1`, "no_delivery", "Fibonacci.Rejected",
		},
		{
			"its status claims delivery",
			`UPDATE nigredo.deliveries SET status = 'delivered' WHERE lead_id = $1`, "no_proof", "Fibonacci.Rejected",
		},
		{
			"its lead claims delivery",
			`UPDATE nigredo.leads SET status = 'delivered' WHERE id = $1`, "no_proof", "Fibonacci.Rejected",
		},
		{
			"its execution vanished",
			`UPDATE nigredo.deliveries SET status = 'running', execution_status = 'RUNNING', execution_stopped_at = NULL, error_name = NULL,
				execution_arn = execution_arn || '-2', updated_at = updated_at - interval '11 minutes' WHERE lead_id = $1`, "not_heard_of", "Delivery.Vanished",
		},
	} {
		email := person()
		h.receiver.failing(email, http.StatusUnprocessableEntity)
		lead := h.accept(t, request{address: h.address(), body: lead(email)}).ID
		failed++
		h.requireBalanced(t, 0, failed)
		h.exec(t, step.broken, lead)
		h.requireLost(t, lead, step.problem)
		for range 2 {
			if did := h.sweep(t, 1, `{"minimumAgeSeconds":0}`); did.Unaccounted != 0 {
				t.Errorf("%s: the sweep did %+v, want none unaccounted", step.name, did)
			}
		}
		h.requireBalanced(t, 0, failed)
		got := h.text(t, `SELECT concat_ws(' ', l.status, d.status, d.error_name) FROM nigredo.leads l JOIN nigredo.deliveries d ON d.lead_id = l.id WHERE l.id = $1`, lead)
		if want := "failed failed " + step.error; got != want {
			t.Errorf("%s: after two sweeps %s, want %s", step.name, got, want)
		}
		if n := len(h.receiver.got(email)); n != 1 {
			t.Errorf("%s: sent %d times, want once", step.name, n)
		}
	}
	list, err := h.sfn.ListExecutions(t.Context(), &sfn.ListExecutionsInput{StateMachineArn: aws.String(machines + "fibonacci_delivery")})
	if err != nil || len(list.Executions) != failed {
		t.Errorf("%d executions, %v; want one for each of %d leads", len(list.Executions), err, failed)
	}
}
