package postgres_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/failures"
	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/postgres"
)

var _ failures.Store = (*postgres.Store)(nil)

// fail makes the delivery of a new lead fail n seconds after its start, with
// attempts of the given kind: what change makes of a 500 with an answer.
func (b bench) fail(t testing.TB, name string, n int, changes ...func(*lead.Attempt)) lead.Accepted {
	t.Helper()
	a := b.take(t, post(name), owner(name))
	closed := change(a, lead.ExecutionFailed, 0, n)
	for i, change := range changes {
		failed := attempt(a, "arn:"+name, 0, i)
		failed.Cause, failed.Fingerprint = lead.CauseHTTP, "00000000aaaa"
		change(&failed)
		b.record(t, failed, i+1)
		closed.Error = failed.Error
	}
	b.track(t, closed, true, lead.StatusFailed)
	return a
}

func unchanged(*lead.Attempt) {}

func rejected(a *lead.Attempt) {
	a.StatusCode, a.Error, a.Fingerprint, a.Answer, a.RetryAfter = 422, lead.ErrFibonacciRejected.Error(), "00000000bbbb", "no", 0
}

func silent(a *lead.Attempt) {
	a.StatusCode, a.Cause, a.Fingerprint, a.Answer = 0, lead.CauseTimeoutAnswer, "", ""
}

func (b bench) failures(t testing.TB, filter lead.FailureFilter) ([]lead.FailureGroup, int) {
	t.Helper()
	if filter.Limit == 0 {
		filter.Limit = 100
	}
	groups, total, err := b.Failures(t.Context(), filter)
	if err != nil {
		t.Fatal(err)
	}
	return groups, total
}

func TestRecordAttempt_KeepsCauseAndFingerprint(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	for i, cause := range append(lead.Causes(), "") {
		failed := attempt(a, "lead-1", i, 0)
		failed.Cause, failed.Fingerprint = cause, "0123456789ab"
		b.record(t, failed, i+1)
		d, err := b.Dispatch(t.Context(), a.Receipt.ID, a.EventID, failed.AttemptKey)
		if err != nil || d.Earlier == nil || d.Earlier.Cause != cause || d.Earlier.Fingerprint != "0123456789ab" {
			t.Errorf("%q: %+v, %v", cause, d.Earlier, err)
		}
	}
}

func TestRecordAttempt_RefusesCausesThatAreNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	unknown, odd, happy := attempt(a, "lead-1", 0, 0), attempt(a, "lead-1", 0, 1), success(a, "lead-1", 0, 2)
	unknown.Cause = "weather"
	odd.Fingerprint = "ana@example.com"
	happy.Cause = lead.CauseHTTP
	for _, attempt := range []lead.Attempt{unknown, odd, happy} {
		if _, err := b.RecordAttempt(t.Context(), attempt); err == nil {
			t.Errorf("cause %q, fingerprint %q, success %t: recorded", attempt.Cause, attempt.Fingerprint, attempt.Success)
		}
	}
}

func TestFailures_GroupsByTheNewestAttempt(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	slower := func(a *lead.Attempt) { a.RetryAfter, a.Answer = 5*time.Minute, "oops, the newest" }
	b.fail(t, "a", 10, silent, silent, unchanged) // how it began does not count
	b.fail(t, "b", 20, unchanged)
	newest := b.fail(t, "c", 30, rejected, slower)
	b.fail(t, "other fingerprint", 40, func(a *lead.Attempt) { a.Fingerprint = "00000000cccc" })
	b.fail(t, "rejected", 50, rejected)
	b.fail(t, "silent", 60, silent)

	groups, total := b.failures(t, lead.FailureFilter{})
	if len(groups) != 4 || total != 6 {
		t.Fatalf("%d groups of %d: %+v", len(groups), total, groups)
	}
	if want := (lead.FailureGroup{
		Error: "Fibonacci.Unavailable", StatusCode: 500, Cause: lead.CauseHTTP, Fingerprint: "00000000aaaa", Count: 3,
		FirstSeen: started.Add(10 * time.Second), LastSeen: started.Add(30 * time.Second), Sample: newest.Receipt.ID,
		Answer: "oops, the newest", RetryAfter: 5 * time.Minute,
	}); groups[0] != want {
		t.Errorf("most frequent: %+v\nwant %+v", groups[0], want)
	}
	// Of equal counts the latest comes first.
	if groups[1].Cause != lead.CauseTimeoutAnswer || groups[1].StatusCode != 0 || groups[1].Answer != "" || groups[1].Fingerprint != "" || groups[1].RetryAfter != 90*time.Second {
		t.Errorf("without an answer: %+v", groups[1])
	}
	if groups[2].Error != "Fibonacci.Rejected" || groups[2].StatusCode != 422 || groups[2].RetryAfter != 0 {
		t.Errorf("rejected: %+v", groups[2])
	}
}

func TestFailures_WithoutAnAttemptTheErrorDecides(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	for i, row := range []struct {
		status lead.ExecutionStatus
		name   string
		want   string
	}{
		{lead.ExecutionFailed, "Lambda.Unknown", "Lambda.Unknown"},
		{lead.ExecutionTimedOut, "", "States.Timeout"},
		{lead.ExecutionAborted, "", ""},
	} {
		a := b.take(t, post(fmt.Sprint(i)), owner(i))
		c := change(a, row.status, 0, i+1)
		c.Error = row.name
		b.track(t, c, true, lead.StatusFailed)
		groups, total := b.failures(t, lead.FailureFilter{From: started.Add(time.Duration(i+1) * time.Second)})
		if len(groups) != 1 || total != 1 || groups[0].Error != row.want || groups[0].Cause != "" || groups[0].Sample != a.Receipt.ID {
			t.Errorf("%s: %+v", row.status, groups)
		}
	}
}

func TestFailures_FiltersByTimeAndError(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.fail(t, "a", 10, unchanged)
	b.fail(t, "b", 20, rejected)
	b.fail(t, "c", 30, silent)
	at := func(n int) time.Time { return started.Add(time.Duration(n) * time.Second) }
	for name, row := range map[string]struct {
		filter lead.FailureFilter
		groups int
		total  int
	}{
		"everything":        {lead.FailureFilter{}, 3, 3},
		"from is inclusive": {lead.FailureFilter{From: at(20)}, 2, 2},
		"to is exclusive":   {lead.FailureFilter{To: at(20)}, 1, 1},
		"both":              {lead.FailureFilter{From: at(15), To: at(25)}, 1, 1},
		"error":             {lead.FailureFilter{Error: "Fibonacci.Unavailable"}, 2, 2},
		"part of a name":    {lead.FailureFilter{Error: "Fibonacci"}, 0, 0},
		"a limit":           {lead.FailureFilter{Limit: 2}, 2, 3},
	} {
		if groups, total := b.failures(t, row.filter); len(groups) != row.groups || total != row.total {
			t.Errorf("%s: %d groups of %d: %+v", name, len(groups), total, groups)
		}
	}
}

func TestFailures_CountsOnlyWhatWaits(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	redriven, delivered, late := b.fail(t, "redriven", 10, unchanged), b.fail(t, "delivered", 10, unchanged), b.take(t, post("late"), owner("late"))
	b.track(t, change(redriven, lead.ExecutionRunning, 1, 0), true, lead.StatusAccepted)
	b.track(t, change(delivered, lead.ExecutionRunning, 1, 0), true, lead.StatusAccepted)
	b.record(t, success(delivered, "arn:delivered", 1, 0), 2)
	b.track(t, change(delivered, lead.ExecutionSucceeded, 1, 20), true, lead.StatusDelivered)
	b.record(t, success(late, "arn:late", 0, 0), 1)
	b.track(t, change(late, lead.ExecutionTimedOut, 0, 20), true, lead.StatusDelivered)
	if groups, total := b.failures(t, lead.FailureFilter{}); len(groups) != 0 || total != 0 {
		t.Errorf("%d groups of %d: %+v", len(groups), total, groups)
	}
}

// An excerpt of before causes were recorded was not masked.
func TestFailures_ShowsNoExcerptThatIsNotMasked(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	b.fail(t, "old", 10, func(a *lead.Attempt) { a.Cause, a.Fingerprint, a.Answer = "", "", "Ana@Example.com is refused" })
	if groups, _ := b.failures(t, lead.FailureFilter{}); len(groups) != 1 || groups[0].Answer != "" || groups[0].StatusCode != 500 {
		t.Errorf("%+v", groups)
	}
}

func TestFailures_ReadsOnlyWhatFailed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, `INSERT INTO nigredo.leads (id, reference, status, name, email, email_norm, source, locale, verdict, created_at, status_changed_at)
		SELECT gen_random_uuid(), 'NG-' || translate(lpad(to_hex(n), 4, '0'), '01abcdef', 'XYABCDEF') || '-2222', 'delivered', 'n', 'a@b.c', 'a@b.c', 'direct', 'en', 'clean',
			clock_timestamp() - n * interval '1 second', clock_timestamp()
		FROM generate_series(1, 5000) AS n`)
	b.exec(t, `INSERT INTO nigredo.deliveries (event_id, lead_id, type, status, due_at, execution_arn, execution_status, execution_started_at, execution_stopped_at, created_at, updated_at)
		SELECT gen_random_uuid(), id, 'lead.created', CASE WHEN random() < 0.01 THEN 'failed' ELSE 'delivered' END, created_at, 'x', 'FAILED', created_at, created_at, created_at, created_at
		FROM nigredo.leads`)
	b.exec(t, `ANALYZE nigredo.deliveries`)
	rows, err := b.pool.Query(t.Context(), `EXPLAIN SELECT d.event_id FROM nigredo.deliveries AS d
		WHERE d.status = 'failed' AND coalesce(d.execution_stopped_at, d.updated_at) >= now() - interval '10 minutes'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	plan := ""
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan += line + "\n"
	}
	if !strings.Contains(plan, "deliveries_failed") {
		t.Errorf("failures are not found by their index:\n%s", plan)
	}
}
