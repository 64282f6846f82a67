package postgres_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// rows counts what an accepted post leaves, of consents the one that each has.
func (b bench) rows(t testing.TB) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, table := range []string{"leads", "form_submissions", "deliveries", "ledger", "rate_limits"} {
		counts[table] = b.count(t, `SELECT count(*) FROM nigredo.`+table)
	}
	counts["consents"] = b.count(t, `SELECT count(*) FROM nigredo.consents WHERE purpose = 'reply'`)
	return counts
}

func (b bench) wantRows(t testing.TB, n int) {
	t.Helper()
	for table, got := range b.rows(t) {
		if got != n {
			t.Errorf("rows in %s = %d, want %d", table, got, n)
		}
	}
}

func TestAccept_WritesEverythingOfALead(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := post("a")
	a := b.take(t, s, owner(1))
	b.wantRows(t, 1)

	got, ok, err := b.View(t.Context(), lead.View{ID: uuid.Must(uuid.NewV7()), LeadID: a.Receipt.ID, Subject: "operator-1"})
	if err != nil || !ok {
		t.Fatalf("view: %t, %v", ok, err)
	}
	if got.Reference != a.Receipt.Reference || got.Status != lead.StatusAccepted || !got.CreatedAt.Equal(a.Receipt.CreatedAt) {
		t.Errorf("lead = %+v, want the receipt %+v", got, a.Receipt)
	}
	if got.Name != s.Name || got.Email != s.Email || got.Company != s.Company || got.Phone != s.Phone || got.Message != s.Message {
		t.Errorf("lead = %+v, want the submission %+v", got, s)
	}
	if !reflect.DeepEqual(got.Consent, s.Consent) || got.UTM["campaign"] != "outono" || len(got.UTM) != 2 || got.Source != s.Source || got.Variant != s.Variant || got.Locale != s.Locale {
		t.Errorf("lead = %+v, want the submission %+v", got, s)
	}
	for _, check := range []string{
		`SELECT count(*) FROM nigredo.form_submissions WHERE ip_address = '203.0.113.7' AND NOT form AND reference ~ '^NG-' AND received_at = '2026-11-21 12:00Z'`,
		`SELECT count(*) FROM nigredo.deliveries d JOIN nigredo.leads l ON l.id = d.lead_id WHERE d.status = 'due' AND d.due_at = l.created_at`,
		`SELECT count(*) FROM nigredo.consents c JOIN nigredo.leads l ON l.id = c.lead_id WHERE c.given_at = l.created_at AND c.channel = 'api' AND c.purpose = 'reply'`,
		`SELECT count(*) FROM nigredo.consents c JOIN nigredo.leads l ON l.id = c.lead_id WHERE c.given_at = l.created_at AND c.channel = 'api' AND c.purpose = 'marketing'`,
		`SELECT count(*) FROM nigredo.ledger g JOIN nigredo.deliveries d ON d.lead_id = g.lead_id WHERE g.kind = 'lead.accepted'
			AND g.actor LIKE 'arn:aws:states:%' AND g.details = jsonb_build_object('verdict', 'clean', 'eventId', d.event_id)`,
		`SELECT count(*) FROM nigredo.rate_limits r JOIN nigredo.leads l ON l.created_at = r.window_start WHERE r.submission_count = 1 AND r.ip_address = '203.0.113.7'`,
		`SELECT count(*) FROM nigredo.idempotency_keys WHERE state = 'completed' AND expires_at = created_at + interval '24 hours'`,
	} {
		if n := b.count(t, check); n != 1 {
			t.Errorf("%d rows, want 1: %s", n, check)
		}
	}
}

// Each purpose is proved by a row of its own.
func TestAccept_WritesAConsentForEachPurpose(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	reply := lead.Consent{TextID: "reply", TextVersion: "7", TextHash: digest("reply"), Recognised: &yes}
	both := reply
	both.Marketing, both.MarketingTextHash, both.MarketingRecognised = true, digest("marketing"), &no
	unnamed := lead.Consent{Marketing: true, Recognised: &no, MarketingRecognised: &no}
	const columns = `(purpose, marketing, text_id, text_version, text_hash, recognised, locale)`
	for name, c := range map[string]struct {
		consent lead.Consent
		rows    []string
	}{
		"reply alone": {reply, []string{"('reply', false, 'reply', '7', '" + digest("reply") + "', true, 'pt-BR')"}},
		"both": {both, []string{
			"('reply', true, 'reply', '7', '" + digest("reply") + "', true, 'pt-BR')",
			"('marketing', true, 'marketing', '7', '" + digest("marketing") + "', false, 'pt-BR')",
		}},
		"both, and no sentence": {unnamed, []string{
			"('reply', true, NULL, NULL, NULL, false, 'pt-BR')",
			"('marketing', true, 'marketing', NULL, NULL, false, 'pt-BR')",
		}},
		"nobody looked": {lead.Consent{TextID: "reply"}, []string{"('reply', false, 'reply', NULL, NULL, NULL, 'pt-BR')"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			s := post("a")
			s.Consent = c.consent
			a := b.take(t, s, owner(1))
			if n := b.count(t, `SELECT count(*) FROM nigredo.consents`); n != len(c.rows) {
				t.Errorf("%d rows, want %d", n, len(c.rows))
			}
			for _, row := range c.rows {
				if n := b.count(t, `SELECT count(*) FROM nigredo.consents WHERE `+columns+` IS NOT DISTINCT FROM `+row); n != 1 {
					t.Errorf("%d rows %s, want 1", n, row)
				}
			}
			got, ok, err := b.View(t.Context(), lead.View{ID: uuid.Must(uuid.NewV7()), LeadID: a.Receipt.ID, Subject: "operator-1"})
			if err != nil || !ok || !reflect.DeepEqual(got.Consent, c.consent) {
				t.Errorf("read %+v, %t, %v, want %+v", got.Consent, ok, err, c.consent)
			}
			d, err := b.Dispatch(t.Context(), a.Receipt.ID, a.EventID, lead.AttemptKey{Execution: "x"})
			if err != nil || d.Lead.Consent.TextID != c.consent.TextID || d.Lead.Consent.Marketing != c.consent.Marketing {
				t.Errorf("sent %+v, %v, want the sentence of the reply", d.Lead.Consent, err)
			}
		})
	}
}

func TestAccept_TakesTheLeastAPostMayHold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := lead.Submission{
		Name: "A", Email: "a@b.c", EmailNorm: "a@b.c", Source: "direct", Locale: "en", Verdict: lead.VerdictClean,
		Form: true, Key: post("a").Key, Address: "2001:db8::1",
	}
	b.take(t, s, owner(1))
	b.wantRows(t, 1)
	if n := b.count(t, `SELECT count(*) FROM nigredo.form_submissions WHERE ip_address = '2001:db8::1' AND form AND user_agent_hash IS NULL`); n != 1 {
		t.Error("the submission's address or form is not what was posted")
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.leads WHERE num_nonnulls(company, phone, message, utm_content, variant) = 0`); n != 1 {
		t.Error("what was not said is not null")
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.rate_limits WHERE ip_address = '2001:db8::/64'`); n != 1 {
		t.Error("an IPv6 address is not counted by its /64")
	}
}

func TestAccept_SpamIsQuarantinedNotDelivered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s := post("a")
	s.Verdict = lead.VerdictSpam
	a := b.take(t, s, owner(1))
	if n := b.count(t, `SELECT count(*) FROM nigredo.leads WHERE status = 'quarantined' AND verdict = 'spam'`); n != 1 {
		t.Error("spam is not quarantined")
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.deliveries WHERE status = 'held' AND due_at IS NULL`); n != 1 {
		t.Error("the delivery of spam is not held")
	}
	r := b.reserve(t, s, owner(2), lead.OutcomeReplay)
	if r.Deliver || r.Receipt.Status != lead.StatusAccepted {
		t.Errorf("replay = %+v: to the outside spam is accepted, but not delivered", r)
	}
	_, err := b.Dispatch(t.Context(), a.Receipt.ID, a.EventID, lead.AttemptKey{Execution: "x"})
	if !errors.Is(err, lead.ErrWithheld) {
		t.Errorf("dispatch of a quarantined lead: %v, want Lead.Withheld", err)
	}
}

func TestAccept_RepeatAfterLostAnswerGivesTheFirstIDs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, post("a"), owner(1))
	if _, held, err := b.Accept(t.Context(), accepted(post("a"), owner(1))); err != nil || held {
		t.Fatalf("second accept: held %t, %v", held, err)
	}
	r := b.reserve(t, post("a"), owner(1), lead.OutcomeReplay)
	if r.Receipt != first.Receipt || r.EventID != first.EventID || r.Owner != owner(1) {
		t.Errorf("answer = %+v, want %+v", r, first)
	}
	b.wantRows(t, 1)
}

func TestAccept_WithoutReservationWritesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.reserve(t, post("a"), owner(1), lead.OutcomeReserved)
	for name, a := range map[string]lead.Accepted{
		"never reserved":   accepted(post("b"), owner(2)),
		"somebody else's":  accepted(post("a"), owner(2)),
		"of another owner": accepted(post("b"), owner(1)),
	} {
		if _, held, err := b.Accept(t.Context(), a); err != nil || held {
			t.Errorf("%s: held %t, %v", name, held, err)
		}
	}
	b.wantRows(t, 0)
}

func TestAccept_FailureWritesNothingAndReleaseGivesTheSlotBack(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 1)
	b.exec(t, `ALTER TABLE nigredo.ledger ADD CONSTRAINT broken CHECK (kind <> 'lead.accepted')`)
	for range 3 {
		b.reserve(t, post("a"), owner(1), lead.OutcomeReserved)
		if _, held, err := b.Accept(t.Context(), accepted(post("a"), owner(1))); err == nil || held {
			t.Fatalf("accept: held %t, %v, want a failure", held, err)
		}
		b.wantRows(t, 0)
		if err := b.Release(t.Context(), post("a").Key, owner(1)); err != nil {
			t.Fatal(err)
		}
	}
	b.exec(t, `ALTER TABLE nigredo.ledger DROP CONSTRAINT broken`)
	b.take(t, post("b"), owner(2))
	b.wantRows(t, 1)
}

func TestAccept_CrashAfterReserveIsForgottenAfterThirtySeconds(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 1)
	b.reserve(t, post("a"), owner("crashed"), lead.OutcomeReserved)
	b.exec(t, `UPDATE nigredo.idempotency_keys SET claimed_at = claimed_at - interval '30 seconds', expires_at = expires_at - interval '30 seconds'`)
	b.take(t, post("a"), owner("second try of the browser"))
	b.wantRows(t, 1)
}

func TestAccept_TakenReferenceIsTriedAgainByTheMachine(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.take(t, post("a"), owner(1))
	b.reserve(t, post("b"), owner(2), lead.OutcomeReserved)
	second := accepted(post("b"), owner(2))
	second.Receipt.Reference = first.Receipt.Reference
	if _, _, err := b.Accept(t.Context(), second); !errors.Is(err, lead.ErrDatabaseUnavailable) {
		t.Errorf("accept with a taken reference: %v, want an error that is retried", err)
	}
	b.wantRows(t, 1)
}

func TestAccept_StampsOfAnAddressStrictlyIncrease(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.take(t, post("a"), owner(1))
	// The clock steps back: the last stamp is in the future.
	b.exec(t, `UPDATE nigredo.rate_limits SET stamps = ARRAY[clock_timestamp() + interval '5 minutes']`)
	a := b.take(t, post("b"), owner(2))
	if n := b.count(t, `SELECT count(*) FROM nigredo.rate_limits WHERE stamps[2] = stamps[1] + interval '1 microsecond' AND stamps[2] = $1`, a.Receipt.CreatedAt); n != 1 {
		t.Error("the second stamp does not follow the first by a microsecond, or is not the time of acceptance")
	}
}

func TestAccept_OldStampsLeaveTheRow(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 3)
	b.take(t, post("a"), owner(1))
	b.take(t, post("b"), owner(2))
	b.exec(t, `UPDATE nigredo.rate_limits SET stamps = ARRAY[stamps[1] - interval '61 minutes', stamps[2] - interval '59 minutes']`)
	b.take(t, post("c"), owner(3))
	if n := b.count(t, `SELECT submission_count FROM nigredo.rate_limits WHERE window_start > clock_timestamp() - interval '1 hour'`); n != 2 {
		t.Errorf("submission_count = %d, want the 2 of the last hour", n)
	}
}

func TestAccept_IdenticalPostsAreOneLeadAndOneSlot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var mu sync.Mutex
	leads := 0
	err := together(t.Context(), 64, func(ctx context.Context, i int) error {
		r, err := b.Reserve(ctx, post("a"), owner(i))
		if err != nil || r.Outcome != lead.OutcomeReserved {
			return err
		}
		_, held, err := b.Accept(ctx, accepted(post("a"), owner(i)))
		mu.Lock()
		defer mu.Unlock()
		if held {
			leads++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if leads != 1 {
		t.Errorf("leads = %d, want 1", leads)
	}
	b.wantRows(t, 1)
	if n := b.count(t, `SELECT submission_count FROM nigredo.rate_limits`); n != 1 {
		t.Errorf("slots = %d, want 1", n)
	}
}

func TestRelease_LeavesWhatItDoesNotHold(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 2)
	first := b.take(t, post("a"), owner(1))
	b.reserve(t, post("b"), owner(2), lead.OutcomeReserved)
	for _, row := range []struct{ key, owner string }{{"a", owner(1)}, {"b", owner(1)}, {"c", owner(3)}} {
		if err := b.Release(t.Context(), post(row.key).Key, row.owner); err != nil {
			t.Fatal(err)
		}
	}
	if r := b.reserve(t, post("a"), owner(4), lead.OutcomeReplay); r.Receipt != first.Receipt {
		t.Errorf("stored answer = %+v, want %+v", r.Receipt, first.Receipt)
	}
	b.accept(t, post("b"), owner(2))
}

func TestStore_RefusesWhatIsNoSubmission(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, spoil := range map[string]func(*lead.Submission){
		"no address":       func(s *lead.Submission) { s.Address = "" },
		"a name":           func(s *lead.Submission) { s.Address = "localhost" },
		"short key":        func(s *lead.Submission) { s.Key.Hash = "abcd" },
		"key not hex":      func(s *lead.Submission) { s.Key.Hash = strings.Repeat("x", 64) },
		"no fingerprint":   func(s *lead.Submission) { s.Key.Fingerprint = "" },
		"fingerprint long": func(s *lead.Submission) { s.Key.Fingerprint += "00" },
	} {
		s := post("a")
		spoil(&s)
		if _, err := b.Reserve(t.Context(), s, owner(1)); !errors.Is(err, lead.ErrInvalid) {
			t.Errorf("%s: %v, want Lead.Invalid", name, err)
		}
	}
	for name, spoil := range map[string]func(*lead.Submission){
		"name too long":   func(s *lead.Submission) { s.Name = strings.Repeat("ã", 201) },
		"NUL":             func(s *lead.Submission) { s.Message = "a\x00b" },
		"phone as typed":  func(s *lead.Submission) { s.Phone = "(11) 98765-4321" },
		"locale unknown":  func(s *lead.Submission) { s.Locale = "fr" },
		"variant no word": func(s *lead.Submission) { s.Variant = "ana@example.com" },
		"verdict unknown": func(s *lead.Submission) { s.Verdict = "" },
		"hash not hex":    func(s *lead.Submission) { s.Consent.TextHash = "x" },
		"second hash":     func(s *lead.Submission) { s.Consent.MarketingTextHash = "x" },
	} {
		s := post(name)
		b.reserve(t, s, owner(name), lead.OutcomeReserved)
		spoil(&s)
		_, held, err := b.Accept(t.Context(), accepted(s, owner(name)))
		if err == nil || held || errors.Is(err, lead.ErrDatabaseUnavailable) {
			t.Errorf("%s: held %t, %v, want a refusal that no retry mends", name, held, err)
		}
		if err := b.Release(t.Context(), s.Key, owner(name)); err != nil {
			t.Fatal(err)
		}
	}
	b.wantRows(t, 0)
}

func TestAccept_TimeIsTheDatabases(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var before time.Time
	if err := b.pool.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&before); err != nil {
		t.Fatal(err)
	}
	a := b.take(t, post("a"), owner(1))
	var after time.Time
	if err := b.pool.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&after); err != nil {
		t.Fatal(err)
	}
	if a.Receipt.CreatedAt.Before(before) || a.Receipt.CreatedAt.After(after) {
		t.Errorf("accepted at %s, want between %s and %s", a.Receipt.CreatedAt, before, after)
	}
}
