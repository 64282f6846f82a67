package persist_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/activities/persist"
	"github.com/alquimista-ai/nigredo/activities/postgres"
	"github.com/alquimista-ai/nigredo/activities/ratelimit"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/tests/testdb"
)

// intake is Check Rate Limit and Persist Lead on a real database, as lead_intake
// runs them, without its retries.
type intake struct {
	ratelimit, persist *task.Handler
	pool               *pgxpool.Pool
}

func newIntake(t *testing.T, slots int) intake {
	t.Helper()
	quota, err := lead.NewQuota(slots)
	if err != nil {
		t.Fatal(err)
	}
	pool := testdb.New(t)
	store := postgres.New(pool, quota)
	env := task.NewEnv(io.Discard, time.Now)
	return intake{ratelimit: ratelimit.New(env, store, quota), persist: persist.New(env, store, uuid.NewV7), pool: pool}
}

// input is a post with the content named, from one address.
func input(content, execution string) []byte {
	digest := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	raw, err := json.Marshal(task.Intake{
		Submission: lead.Submission{
			Name: "Ana", Email: "ana@example.com", EmailNorm: "ana@example.com", Source: "direct", Locale: "en", Verdict: lead.VerdictClean,
			Key: lead.Key{Hash: digest(content), Fingerprint: digest("of " + content), Keep: time.Hour}, Address: "203.0.113.7",
		},
		Execution: execution, StartedAt: time.Now(),
	})
	if err != nil {
		panic(err) // strings and times
	}
	return raw
}

// take gives the answer to a post and the names of the errors on its way.
func (i intake) take(ctx context.Context, content, execution string) (task.Answer, []string) {
	payload := input(content, execution)
	raw, err := i.ratelimit.Invoke(ctx, payload)
	if err != nil {
		return task.Answer{}, []string{name(err)}
	}
	var claim struct {
		Outcome string
		Answer  *task.Answer
	}
	if err := json.Unmarshal(raw, &claim); err != nil {
		return task.Answer{}, []string{err.Error()}
	}
	if claim.Outcome != "reserved" {
		return *claim.Answer, nil
	}
	var failures []string
	for range 3 {
		raw, err = i.persist.Invoke(ctx, payload)
		if err == nil {
			var result persist.Result
			if err := json.Unmarshal(raw, &result); err != nil {
				return task.Answer{}, []string{err.Error()}
			}
			return result.Answer, failures
		}
		failures = append(failures, name(err))
	}
	return task.Answer{}, failures
}

func name(err error) string {
	var reported messages.InvokeResponse_Error
	if errors.As(err, &reported) {
		return reported.Type
	}
	return err.Error()
}

func (i intake) count(t *testing.T, sql string) int {
	t.Helper()
	var n int
	if err := i.pool.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestIntake_PersistFailingThreeTimesTakesNoSlot(t *testing.T) {
	t.Parallel()
	i := newIntake(t, 1)
	breakIt := `CREATE FUNCTION nigredo.fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '53200'; END $$;
		CREATE TRIGGER fail BEFORE INSERT ON nigredo.consents FOR EACH ROW EXECUTE FUNCTION nigredo.fail()`
	if _, err := i.pool.Exec(t.Context(), breakIt); err != nil {
		t.Fatal(err)
	}
	answer, failures := i.take(t.Context(), "a", "arn:1")
	if answer.StatusCode != 0 || len(failures) != 3 || failures[0] != "Database.Unavailable" {
		t.Fatalf("answer %+v after %v, want three failures", answer, failures)
	}
	if n := i.count(t, `SELECT count(*) FROM nigredo.idempotency_keys`) + i.count(t, `SELECT count(*) FROM nigredo.rate_limits`); n != 0 {
		t.Errorf("%d rows hold a slot or a key, want none", n)
	}
	if _, err := i.pool.Exec(t.Context(), `DROP TRIGGER fail ON nigredo.consents`); err != nil {
		t.Fatal(err)
	}
	if answer, failures := i.take(t.Context(), "b", "arn:2"); answer.StatusCode != 201 {
		t.Errorf("the next post: %+v after %v, want its slot", answer, failures)
	}
}

func TestIntake_ParallelIdenticalPostsGetOneAnswer(t *testing.T) {
	t.Parallel()
	i := newIntake(t, 10)
	const posts = 64
	var mu sync.Mutex
	bodies := map[string]int{}
	again := 0
	var wg sync.WaitGroup
	for n := range posts {
		wg.Go(func() {
			answer, failures := i.take(t.Context(), "a", fmt.Sprint("arn:", n))
			mu.Lock()
			defer mu.Unlock()
			if len(failures) == 1 && failures[0] == "Lead.Running" {
				again++
				return
			}
			bodies[answer.Body]++
		})
	}
	wg.Wait()
	for n := range again { // the machine's retry, a second later
		answer, _ := i.take(t.Context(), "a", fmt.Sprint("arn:again-", n))
		bodies[answer.Body]++
	}
	if len(bodies) != 1 {
		t.Errorf("answers = %v, want one for all", bodies)
	}
	if leads, slots := i.count(t, `SELECT count(*) FROM nigredo.leads`), i.count(t, `SELECT submission_count FROM nigredo.rate_limits`); leads != 1 || slots != 1 {
		t.Errorf("leads %d, slots %d, want one of each", leads, slots)
	}
}

func TestIntake_EleventhPostIsRefusedAndARepeatIsNot(t *testing.T) {
	t.Parallel()
	i := newIntake(t, 10)
	first := task.Answer{}
	for n := range 10 {
		answer, failures := i.take(t.Context(), fmt.Sprint("post ", n), fmt.Sprint("arn:", n))
		if answer.StatusCode != 201 {
			t.Fatalf("post %d: %+v after %v", n, answer, failures)
		}
		if n == 0 {
			first = answer
		}
	}
	if answer, _ := i.take(t.Context(), "post 10", "arn:10"); answer.StatusCode != 429 || answer.Headers["Retry-After"] == "" {
		t.Errorf("eleventh: %+v", answer)
	}
	answer, _ := i.take(t.Context(), "post 0", "arn:11")
	if answer.StatusCode != 201 || answer.Body != first.Body || answer.Headers["Idempotent-Replayed"] != "true" {
		t.Errorf("repeat at the limit: %+v, want %+v", answer, first)
	}
}

func TestIntake_VoidReservationIsClaimedAgainByPersist(t *testing.T) {
	t.Parallel()
	i := newIntake(t, 1)
	ctx := t.Context()
	age := func() {
		if _, err := i.pool.Exec(ctx, `UPDATE nigredo.idempotency_keys SET claimed_at = claimed_at - interval '31 s', expires_at = expires_at - interval '31 s'`); err != nil {
			t.Fatal(err)
		}
	}
	slow := input("slow", "arn:slow")
	if _, err := i.ratelimit.Invoke(ctx, slow); err != nil {
		t.Fatal(err)
	}
	age()
	if _, err := i.persist.Invoke(ctx, slow); err != nil {
		t.Errorf("nobody else wanted the slot: %v", err)
	}

	i = newIntake(t, 1)
	if _, err := i.ratelimit.Invoke(ctx, slow); err != nil {
		t.Fatal(err)
	}
	age()
	if answer, failures := i.take(ctx, "quick", "arn:quick"); answer.StatusCode != 201 {
		t.Fatalf("quick: %+v after %v", answer, failures)
	}
	if _, err := i.persist.Invoke(ctx, slow); name(err) != "Lead.RateLimited" {
		t.Errorf("slow: %v, want Lead.RateLimited: its slot is another's", err)
	}
	if n := i.count(t, `SELECT count(*) FROM nigredo.leads`); n != 1 {
		t.Errorf("leads = %d, want the one of the slot", n)
	}
}
