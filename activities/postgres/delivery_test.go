package postgres_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

var sent = time.Date(2026, 11, 21, 12, 0, 1, 0, time.UTC)

// attempt is a failed attempt to deliver a.
func attempt(a lead.Accepted, execution string, redrive, retry int) lead.Attempt {
	return lead.Attempt{
		AttemptKey: lead.AttemptKey{Execution: execution, RedriveCount: redrive, RetryCount: retry},
		LeadID:     a.Receipt.ID, EventID: a.EventID,
		StatusCode: 500, Error: lead.ErrFibonacciUnavailable.Error(), Message: "answered 500", Answer: "oops",
		RetryAfter: 90 * time.Second, StartedAt: sent, Duration: 1500 * time.Millisecond,
	}
}

func success(a lead.Accepted, execution string, redrive, retry int) lead.Attempt {
	done := attempt(a, execution, redrive, retry)
	done.Success, done.StatusCode, done.Error, done.Message, done.RetryAfter = true, 204, "", "", 0
	return done
}

func (b bench) record(t testing.TB, a lead.Attempt, want int) {
	t.Helper()
	n, err := b.RecordAttempt(t.Context(), a)
	if err != nil || n != want {
		t.Fatalf("attempt number = %d, %v, want %d", n, err, want)
	}
}

func TestRecordAttempt_NumbersCountOverRetriesRedrivesAndExecutions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.take(t, post("a"), owner(1)), b.take(t, post("b"), owner(2))
	b.record(t, attempt(first, "lead-1", 0, 0), 1)
	b.record(t, attempt(first, "lead-1", 0, 1), 2)
	b.record(t, attempt(second, "lead-2", 0, 0), 1)
	b.record(t, attempt(first, "lead-1", 0, 2), 3)
	b.record(t, attempt(first, "lead-1", 1, 0), 4)
	b.record(t, success(first, "lead-1-2", 0, 0), 5)
}

func TestRecordAttempt_RepeatOfTheSameAttemptIsOneRow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	b.record(t, attempt(a, "lead-1", 0, 0), 1)
	b.record(t, attempt(a, "lead-1", 0, 1), 2)
	b.record(t, success(a, "lead-1", 0, 0), 1)
	if n := b.count(t, `SELECT count(*) FROM nigredo.webhook_logs WHERE NOT success`); n != 2 {
		t.Errorf("failed rows = %d, want 2: the first row of an attempt stays", n)
	}
}

func TestRecordAttempt_ParallelAttemptsGetDifferentNumbers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	var mu sync.Mutex
	var numbers []int
	err := together(t.Context(), 20, func(ctx context.Context, i int) error {
		n, err := b.RecordAttempt(ctx, attempt(a, "lead-1", i/2, 0)) // each twice
		mu.Lock()
		defer mu.Unlock()
		numbers = append(numbers, n)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(numbers)
	if want := []int{1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10}; !slices.Equal(numbers, want) {
		t.Errorf("numbers = %v, want %v", numbers, want)
	}
}

func TestRecordAttempt_TakesWhateverTheReceiverAnswers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	hostile := attempt(a, "lead-1", 0, 0)
	hostile.Answer = "\x00\xff" + strings.Repeat("ã", 5000)
	hostile.Message = strings.Repeat("ã", 5000)
	hostile.RetryAfter = -time.Second
	hostile.StatusCode = 0
	b.record(t, hostile, 1)
	d, err := b.Dispatch(t.Context(), a.Receipt.ID, a.EventID, hostile.AttemptKey)
	if err != nil {
		t.Fatal(err)
	}
	got := d.Earlier
	if got == nil || len(got.Answer) > 4096 || len(got.Answer) < 4090 || !utf8.ValidString(got.Answer) || utf8.RuneCountInString(got.Message) != 1000 {
		t.Fatalf("recorded %+v", got)
	}
	if got.Number != 1 || got.Success || got.StatusCode != 0 || got.RetryAfter != 0 || got.Duration != hostile.Duration || !got.StartedAt.Equal(sent) {
		t.Errorf("recorded %+v", got)
	}
}

func TestRecordAttempt_OfALeadThatIsGoneIsWithheld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.RecordAttempt(t.Context(), attempt(accepted(post("a"), owner(1)), "lead-1", 0, 0)); !errors.Is(err, lead.ErrWithheld) {
		t.Errorf("error = %v, want Lead.Withheld", err)
	}
}

func TestDispatch_GivesTheLeadAndWhatWasRecorded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a := b.take(t, post("a"), owner(1))
	key := lead.AttemptKey{Execution: "lead-1", RedriveCount: 0, RetryCount: 1}
	b.record(t, attempt(a, "lead-1", 0, 0), 1)

	d, err := b.Dispatch(t.Context(), a.Receipt.ID, a.EventID, key)
	if err != nil {
		t.Fatal(err)
	}
	if d.Earlier != nil || d.EventID != a.EventID || d.Lead.ID != a.Receipt.ID || d.Lead.Email != "Ana@Example.com" || !d.Lead.Consent.Marketing {
		t.Errorf("dispatch = %+v", d)
	}
	b.record(t, success(a, "lead-1", 0, 1), 2)
	d, err = b.Dispatch(t.Context(), a.Receipt.ID, a.EventID, key)
	if err != nil {
		t.Fatal(err)
	}
	if d.Earlier == nil || !d.Earlier.Success || d.Earlier.Number != 2 || d.Earlier.StatusCode != 204 || d.Earlier.Error != "" {
		t.Errorf("earlier = %+v, want the recorded success", d.Earlier)
	}
}

func TestDispatch_OfNothingOwedIsWithheld(t *testing.T) {
	t.Parallel()
	b := setup(t)
	a, other := b.take(t, post("a"), owner(1)), b.take(t, post("b"), owner(2))
	for name, ids := range map[string][2]uuid.UUID{
		"unknown lead":           {uuid.Must(uuid.NewV7()), a.EventID},
		"unknown event":          {a.Receipt.ID, uuid.Must(uuid.NewV7())},
		"event of somebody else": {a.Receipt.ID, other.EventID},
	} {
		if _, err := b.Dispatch(t.Context(), ids[0], ids[1], lead.AttemptKey{}); !errors.Is(err, lead.ErrWithheld) {
			t.Errorf("%s: %v, want Lead.Withheld", name, err)
		}
	}
	b.exec(t, `UPDATE nigredo.leads SET status = 'quarantined' WHERE id = $1`, a.Receipt.ID)
	if _, err := b.Dispatch(t.Context(), a.Receipt.ID, a.EventID, lead.AttemptKey{}); !errors.Is(err, lead.ErrWithheld) {
		t.Errorf("quarantined meanwhile: %v, want Lead.Withheld", err)
	}
}
