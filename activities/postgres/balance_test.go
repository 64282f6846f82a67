package postgres_test

import (
	"testing"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// books requires a balance.
func (b bench) books(t testing.TB, want lead.Balance) {
	t.Helper()
	got, err := b.Balance(t.Context())
	if err != nil || got != want {
		t.Errorf("books\n got %+v, %v\nwant %+v", got, err, want)
	}
	if sum := got.Delivered + got.Failed + got.Withheld + got.Quarantined + got.InFlight + got.Unaccounted; sum != got.Accepted {
		t.Errorf("%d accepted, %d in the other columns", got.Accepted, sum)
	}
}

// Each row makes one lead of one kind, out of the rows of tables alone.
func TestBalance_PutsALeadInOneColumn(t *testing.T) {
	t.Parallel()
	running := func(b bench, t *testing.T, a lead.Accepted) {
		b.track(t, change(a, lead.ExecutionRunning, 0, 0), true, lead.StatusAccepted)
	}
	ended := func(status lead.ExecutionStatus, want lead.Status) func(b bench, t *testing.T, a lead.Accepted) {
		return func(b bench, t *testing.T, a lead.Accepted) { b.track(t, change(a, status, 0, 30), true, want) }
	}
	nothing := func(bench, *testing.T, lead.Accepted) {}
	for name, row := range map[string]struct {
		tell    func(b bench, t *testing.T, a lead.Accepted)
		then    string
		want    lead.Balance
		problem lead.Problem
	}{
		"just accepted":                          {nothing, ``, lead.Balance{InFlight: 1}, ""},
		"due in the future":                      {nothing, `UPDATE nigredo.deliveries SET due_at = due_at + interval '1 day'`, lead.Balance{InFlight: 1}, ""},
		"due for 6 minutes":                      {nothing, `UPDATE nigredo.deliveries SET due_at = due_at - interval '6 minutes'`, lead.Balance{}, lead.ProblemNotStarted},
		"running":                                {running, ``, lead.Balance{InFlight: 1}, ""},
		"silent, but checked":                    {running, `UPDATE nigredo.deliveries SET updated_at = updated_at - interval '1 day', checked_at = updated_at - interval '9 minutes'`, lead.Balance{InFlight: 1}, ""},
		"silent":                                 {running, `UPDATE nigredo.deliveries SET updated_at = updated_at - interval '1 day', checked_at = updated_at - interval '11 minutes'`, lead.Balance{}, lead.ProblemNotHeardOf},
		"running, says the row, of no execution": {nothing, `UPDATE nigredo.deliveries SET status = 'running'`, lead.Balance{}, lead.ProblemNotStarted},
		"failed":                                 {ended(lead.ExecutionFailed, lead.StatusFailed), ``, lead.Balance{Failed: 1}, ""},
		"timed out":                              {ended(lead.ExecutionTimedOut, lead.StatusFailed), ``, lead.Balance{Failed: 1}, ""},
		"aborted":                                {ended(lead.ExecutionAborted, lead.StatusFailed), ``, lead.Balance{Failed: 1}, ""},
		"withheld":                               {ended(lead.ExecutionSucceeded, lead.StatusWithheld), `UPDATE nigredo.deliveries SET outcome = 'withheld'`, lead.Balance{Withheld: 1}, ""},
		"succeeded, and did not say how":         {ended(lead.ExecutionSucceeded, lead.StatusWithheld), ``, lead.Balance{}, lead.ProblemNoProof},
		"delivered, by its output":               {ended(lead.ExecutionSucceeded, lead.StatusWithheld), `UPDATE nigredo.deliveries SET outcome = 'delivered'`, lead.Balance{Delivered: 1}, ""},
		"withheld before its start": {
			nothing, `UPDATE nigredo.leads SET status = 'withheld'; UPDATE nigredo.deliveries SET status = 'withheld'`, lead.Balance{Withheld: 1}, "",
		},
		"withheld, its delivery gone": {nothing, `UPDATE nigredo.leads SET status = 'withheld'; DELETE FROM nigredo.deliveries`, lead.Balance{Withheld: 1}, ""},
		"quarantined": {
			nothing, `UPDATE nigredo.leads SET status = 'quarantined'; UPDATE nigredo.deliveries SET status = 'held', due_at = NULL`, lead.Balance{Quarantined: 1}, "",
		},
		"held, but not quarantined": {nothing, `UPDATE nigredo.deliveries SET status = 'held', due_at = NULL`, lead.Balance{}, lead.ProblemContradiction},
		"withheld, says the delivery": {
			nothing, `UPDATE nigredo.deliveries SET status = 'withheld'`, lead.Balance{}, lead.ProblemContradiction,
		},
		"delivered": {
			func(b bench, t *testing.T, a lead.Accepted) { b.record(t, success(a, "lead-1", 0, 0), 1) }, ``, lead.Balance{Delivered: 1}, "",
		},
		"delivered, though its execution failed": {
			func(b bench, t *testing.T, a lead.Accepted) {
				b.record(t, success(a, "lead-1", 0, 0), 1)
				b.track(t, change(a, lead.ExecutionTimedOut, 0, 30), true, lead.StatusDelivered)
			}, `UPDATE nigredo.leads SET status = 'failed'; UPDATE nigredo.deliveries SET status = 'failed'`, lead.Balance{Delivered: 1}, "",
		},
		"delivered, say the statuses": {
			ended(lead.ExecutionFailed, lead.StatusFailed),
			`UPDATE nigredo.leads SET status = 'delivered'; UPDATE nigredo.deliveries SET status = 'delivered'`,
			lead.Balance{},
			lead.ProblemNoProof,
		},
		"delivered, says the lead": {running, `UPDATE nigredo.leads SET status = 'delivered'`, lead.Balance{}, lead.ProblemNoProof},
		"no delivery":              {nothing, `DELETE FROM nigredo.deliveries`, lead.Balance{}, lead.ProblemNoDelivery},
		"no delivery, and a claim": {nothing, `UPDATE nigredo.leads SET status = 'delivered'; DELETE FROM nigredo.deliveries`, lead.Balance{}, lead.ProblemNoDelivery},
		"an attempt that failed is no proof": {
			func(b bench, t *testing.T, a lead.Accepted) { b.record(t, attempt(a, "lead-1", 0, 0), 1) },
			`UPDATE nigredo.deliveries SET status = 'delivered'`,
			lead.Balance{},
			lead.ProblemNoProof,
		},
		"the lead is gone": {
			nothing, `DELETE FROM nigredo.deliveries; DELETE FROM nigredo.consents; DELETE FROM nigredo.form_submissions; DELETE FROM nigredo.leads`,
			lead.Balance{},
			lead.ProblemNoLead,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			a := b.take(t, post("a"), owner(1))
			row.tell(b, t, a)
			if row.then != "" {
				b.exec(t, row.then)
			}
			row.want.Accepted = 1
			if row.problem != "" {
				row.want.Unaccounted = 1
			}
			b.books(t, row.want)
			leads, err := b.Unaccounted(t.Context(), 10)
			if err != nil {
				t.Fatal(err)
			}
			if row.problem == "" && len(leads) != 0 || row.problem != "" && (len(leads) != 1 || leads[0].Problem != row.problem ||
				leads[0].LeadID != a.Receipt.ID || !leads[0].AcceptedAt.Equal(a.Receipt.CreatedAt)) {
				t.Errorf("unaccounted: %+v, want %q", leads, row.problem)
			}
		})
	}
}

// What is there twice must not make up for what is lost.
func TestBalance_TwiceDoesNotHideOneThatIsLost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	twice, lost := b.take(t, post("a"), owner(1)), b.take(t, post("b"), owner(2))
	b.record(t, success(twice, "lead-1", 0, 0), 1)
	b.record(t, success(twice, "lead-1", 1, 0), 2)
	b.exec(t, `INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
		SELECT gen_random_uuid(), lead_id, at, kind, actor, details FROM nigredo.ledger WHERE lead_id = $1`, twice.Receipt.ID)
	b.lose(t, lost)
	b.books(t, lead.Balance{Accepted: 2, Delivered: 1, Unaccounted: 1})
}

func TestBalance_NothingAccepted(t *testing.T) {
	t.Parallel()
	setup(t).books(t, lead.Balance{})
}

func TestUnaccounted_OldestFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.take(t, post("a"), owner(1)), b.take(t, post("b"), owner(2))
	b.lose(t, second)
	b.lose(t, first)
	leads, err := b.Unaccounted(t.Context(), 1)
	if err != nil || len(leads) != 1 || leads[0].LeadID != first.Receipt.ID {
		t.Errorf("got %+v, %v; want the first", leads, err)
	}
	ids, err := b.Undelivered(t.Context(), 500)
	if err != nil || len(ids) != 2 || ids[0] != first.Receipt.ID {
		t.Errorf("lost: %v, %v; want the first and the second", ids, err)
	}
}
