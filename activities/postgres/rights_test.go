package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// asks is a request by the person of post, from an address of its own.
func asks(kind lead.RightsKind, address string) lead.NewRightsRequest {
	return lead.NewRightsRequest{
		Kind: kind, Email: "Ana@Example.com", EmailNorm: "ana@example.com", Message: "Olá,\n🜏", Locale: "pt-BR", Address: address,
	}
}

// receive takes a request in that must have a slot.
func (b bench) receive(t testing.TB, r lead.NewRightsRequest) string {
	t.Helper()
	receipt, err := b.ReceiveRightsRequest(t.Context(), r)
	if err != nil || receipt.Protocol == "" || receipt.RetryAfter != 0 {
		t.Fatalf("%+v, %v", receipt, err)
	}
	return receipt.Protocol
}

func (b bench) requests(t testing.TB, f lead.RightsFilter) []lead.RightsRequest {
	t.Helper()
	f.Limit = max(f.Limit, 1)
	found, err := b.RightsRequests(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// entries are the ledger of a lead without what intake wrote: kind, actor, details.
func (b bench) entries(t testing.TB, id lead.ID) []string {
	t.Helper()
	rows, err := b.pool.Query(t.Context(), `SELECT kind || ' ' || actor || ' ' || (details - 'requestId')::text FROM nigredo.ledger
		WHERE lead_id = $1 AND kind LIKE 'rights.%' ORDER BY at`, id)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var entry string
		if err := rows.Scan(&entry); err != nil {
			t.Fatal(err)
		}
		all = append(all, entry)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestRights_RequestIsDueAfterFifteenDaysAndInTheLedgerOfThePerson(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first, second := b.take(t, post("1"), owner(1)), b.take(t, post("2"), owner(2))
	stranger := post("3")
	stranger.EmailNorm = "eva@example.com"
	third := b.take(t, stranger, owner(3))

	protocol := b.receive(t, asks(lead.RightErasure, "203.0.113.8"))
	found := b.requests(t, lead.RightsFilter{Status: lead.RightsOpen, Limit: 10})
	if len(found) != 1 {
		t.Fatalf("%d requests", len(found))
	}
	r := found[0]
	if r.Protocol != protocol || r.Protocol != lead.NewProtocol(r.ID) || r.Kind != lead.RightErasure || r.Email != "Ana@Example.com" || r.Message != "Olá,\n🜏" ||
		r.Reference != "" || r.Locale != "pt-BR" || r.Status != lead.RightsOpen || !r.AnsweredAt.IsZero() || r.Outcome != "" {
		t.Errorf("%+v", r)
	}
	if r.DueAt.Sub(r.ReceivedAt) != lead.RightsDays*24*time.Hour || r.DaysLeft != lead.RightsDays-1 {
		t.Errorf("received %s, due %s, %d days left", r.ReceivedAt, r.DueAt, r.DaysLeft)
	}
	if want := []uuid.UUID{second.Receipt.ID, first.Receipt.ID}; !slices.Equal(r.Leads, want) {
		t.Errorf("leads %v, want %v", r.Leads, want)
	}
	for _, id := range r.Leads {
		if got := b.entries(t, id); !slices.Equal(got, []string{`rights.requested public {"kind": "erasure"}`}) {
			t.Errorf("ledger %v", got)
		}
	}
	if got := b.entries(t, third.Receipt.ID); len(got) != 0 {
		t.Errorf("ledger of another person %v", got)
	}
}

func TestRights_ReferenceFindsALeadOfAnotherAddress(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := b.take(t, post("1"), owner(1))
	r := asks(lead.RightAccess, "203.0.113.8")
	r.EmailNorm, r.Reference = "new@example.com", l.Receipt.Reference
	b.receive(t, r)
	if found := b.requests(t, lead.RightsFilter{}); !slices.Equal(found[0].Leads, []uuid.UUID{l.Receipt.ID}) || found[0].Reference != l.Receipt.Reference {
		t.Errorf("%+v", found[0])
	}
}

func TestRights_NobodyKnownIsTakenAlike(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.receive(t, asks(lead.RightConfirmation, "203.0.113.8"))
	if found := b.requests(t, lead.RightsFilter{}); len(found) != 1 || len(found[0].Leads) != 0 {
		t.Errorf("%+v", found)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger`); n != 0 {
		t.Errorf("%d ledger entries", n)
	}
}

func TestRights_NewestHundredLeadsAreBound(t *testing.T) {
	t.Parallel()
	b := withQuota(t, 0)
	for i := range lead.MaxRightsLeads + 2 {
		b.take(t, post(fmt.Sprint(i)), owner(i))
	}
	b.receive(t, asks(lead.RightErasure, "203.0.113.8"))
	found := b.requests(t, lead.RightsFilter{})[0]
	if n := b.count(t, `SELECT count(DISTINCT lead_id) FROM nigredo.ledger WHERE kind = 'rights.requested'`); n != lead.MaxRightsLeads || len(found.Leads) != n {
		t.Errorf("%d ledger entries, %d leads", n, len(found.Leads))
	}
	if _, ok, err := b.ViewRightsRequest(t.Context(), found.ID, "subject-1"); err != nil || !ok {
		t.Error(err)
	}
}

func TestRights_RepeatHasTheFirstProtocol(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := asks(lead.RightAccess, "203.0.113.8")
	protocol := b.receive(t, r)
	r.Email = "ana@example.com" // the same address, typed in another way
	for range 7 {
		if again := b.receive(t, r); again != protocol {
			t.Errorf("%s, want %s", again, protocol)
		}
	}
	// A stranger elsewhere cannot find out that it was made.
	r.Address = "203.0.113.9"
	if other := b.receive(t, r); other == protocol {
		t.Error("another address got the protocol")
	}
	b.exec(t, `UPDATE nigredo.rights_posts SET taken_at = taken_at - interval '1 hour'`)
	r.Address = "203.0.113.8"
	if later := b.receive(t, r); later == protocol {
		t.Error("an hour later it is no repeat")
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.rights_requests`); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}

func TestRights_SixthOfAnHourHasNoSlotAndWritesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	kinds := lead.RightsKinds()
	for i := range 5 {
		b.receive(t, asks(kinds[i], fmt.Sprintf("2001:db8::%d", i+1))) // one /64
	}
	receipt, err := b.ReceiveRightsRequest(t.Context(), asks(kinds[5], "2001:db8::ffff"))
	if err != nil || receipt.Protocol != "" || receipt.RetryAfter <= 59*time.Minute || receipt.RetryAfter > time.Hour {
		t.Errorf("%+v, %v", receipt, err)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.rights_requests`); n != 5 {
		t.Errorf("%d requests", n)
	}
	b.receive(t, asks(kinds[4], "2001:db8::1"))     // a repeat takes no slot
	b.receive(t, asks(kinds[5], "2001:db8:0:1::1")) // another household
	b.take(t, post("lead"), owner("lead"))          // leads have a limit of their own
	if n := b.count(t, `SELECT count(*) FROM nigredo.rate_limits`); n != 1 {
		t.Errorf("%d rows of the leads' limiter, want the lead's", n)
	}
	b.exec(t, `UPDATE nigredo.rights_posts SET taken_at = taken_at - interval '1 hour' WHERE ip_address = '2001:db8::/64'`)
	b.receive(t, asks(kinds[5], "2001:db8::ffff"))
	if n := b.count(t, `SELECT count(*) FROM nigredo.rights_posts`); n != 2 {
		t.Errorf("%d addresses are kept, want those of the last hour", n)
	}
}

func TestRights_LimitHoldsForPostsAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	taken := make(chan string, 32)
	err := together(t.Context(), 32, func(ctx context.Context, i int) error {
		r := asks(lead.RightAccess, "203.0.113.8")
		r.Message = fmt.Sprint(i % 16)
		receipt, err := b.ReceiveRightsRequest(ctx, r)
		taken <- receipt.Protocol
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	protocols := map[string]bool{}
	for range 32 {
		if p := <-taken; p != "" {
			protocols[p] = true
		}
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.rights_requests`); n != 5 || len(protocols) != 5 {
		t.Errorf("%d requests, %d protocols, want 5", n, len(protocols))
	}
}

func TestRights_ListGoesByWhatIsDueFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var protocols []string
	for i := range 5 {
		protocols = append(protocols, b.receive(t, asks(lead.RightsKinds()[i], fmt.Sprintf("203.0.113.%d", i))))
	}
	// The last one came in first, and is overdue since yesterday evening.
	b.exec(t, `UPDATE nigredo.rights_requests SET received_at = received_at - interval '15 days 12 hours', due_at = due_at - interval '15 days 12 hours' WHERE protocol = $1`, protocols[4])
	want := []string{protocols[4], protocols[0], protocols[1], protocols[2], protocols[3]}
	var got []string
	after := lead.Position{}
	for range 3 {
		for _, r := range b.requests(t, lead.RightsFilter{Status: lead.RightsOpen, After: after, Limit: 2}) {
			got = append(got, r.Protocol)
			after = lead.Position{CreatedAt: r.DueAt, ID: r.ID}
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if first := b.requests(t, lead.RightsFilter{})[0]; first.DaysLeft != -1 {
		t.Errorf("half a day overdue: %d days left", first.DaysLeft)
	}
}

func TestRights_LooksAndClosingAreInTheLedger(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := b.take(t, post("1"), owner(1))
	b.receive(t, asks(lead.RightAccess, "203.0.113.8"))
	id := b.requests(t, lead.RightsFilter{})[0].ID

	seen, ok, err := b.ViewRightsRequest(t.Context(), id, "subject-1")
	if err != nil || !ok || seen.Email != "Ana@Example.com" {
		t.Fatalf("%+v, %t, %v", seen, ok, err)
	}
	closing := lead.RightsClosing{ID: id, Outcome: lead.RightsAnswered, Reason: "sent", Actor: "subject-2"}
	closed, done, err := b.CloseRightsRequest(t.Context(), closing)
	if err != nil || !done || closed.Status != lead.RightsClosed || closed.Outcome != lead.RightsAnswered || closed.Reason != "sent" ||
		closed.ClosedBy != "subject-2" || closed.AnsweredAt.Before(closed.ReceivedAt) {
		t.Errorf("%+v, %t, %v", closed, done, err)
	}
	closing.Outcome, closing.Actor = lead.RightsRefused, strings.Repeat("x", 500)
	again, done, err := b.CloseRightsRequest(t.Context(), closing)
	if err != nil || done || again.Outcome != lead.RightsAnswered || again.ClosedBy != "subject-2" {
		t.Errorf("again: %+v, %t, %v", again, done, err)
	}
	want := []string{`rights.requested public {"kind": "access"}`, `rights.viewed subject-1 {}`, `rights.closed subject-2 {"outcome": "answered"}`}
	if got := b.entries(t, l.Receipt.ID); !slices.Equal(got, want) {
		t.Errorf("ledger %v, want %v", got, want)
	}
	if n := b.count(t, `SELECT count(*) FROM nigredo.ledger WHERE details::text ILIKE '%ana%'`); n != 0 {
		t.Errorf("%d ledger entries name the person", n)
	}
	if open := b.requests(t, lead.RightsFilter{Status: lead.RightsOpen}); len(open) != 0 {
		t.Errorf("open %v", open)
	}
	if all := b.requests(t, lead.RightsFilter{}); len(all) != 1 {
		t.Errorf("all %v", all)
	}
}

func TestRights_NoSuchRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, ok, err := b.ViewRightsRequest(t.Context(), uuid.New(), "subject-1"); ok || err != nil {
		t.Errorf("%t, %v", ok, err)
	}
	found, done, err := b.CloseRightsRequest(t.Context(), lead.RightsClosing{ID: uuid.New(), Outcome: lead.RightsAnswered, Reason: "x", Actor: "x"})
	if done || err != nil || found.ID != uuid.Nil {
		t.Errorf("%+v, %t, %v", found, done, err)
	}
	if _, err := b.ReceiveRightsRequest(t.Context(), asks(lead.RightAccess, "nowhere")); err == nil || strings.Contains(err.Error(), "nowhere") {
		t.Errorf("an address that is none: %v", err)
	}
}

func TestRights_DatabaseKnowsEveryRightAndOutcome(t *testing.T) {
	t.Parallel()
	b := setup(t)
	outcomes := lead.RightsOutcomes()
	for i, kind := range lead.RightsKinds() {
		b.receive(t, asks(kind, fmt.Sprintf("203.0.113.%d", i)))
		open := b.requests(t, lead.RightsFilter{Status: lead.RightsOpen})[0]
		closing := lead.RightsClosing{ID: open.ID, Outcome: outcomes[i%len(outcomes)], Reason: "x", Actor: "subject-1"}
		if closed, done, err := b.CloseRightsRequest(t.Context(), closing); err != nil || !done || closed.Kind != kind || closed.Outcome != closing.Outcome {
			t.Errorf("%s: %+v, %t, %v", kind, closed, done, err)
		}
	}
}

func TestRights_AreCountedByTheDaysLeft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	count := func(want lead.RightsDue) {
		t.Helper()
		if got, err := b.RightsDue(t.Context()); err != nil || got != want {
			t.Errorf("%+v, %v; want %+v", got, err, want)
		}
	}
	count(lead.RightsDue{})
	ages := map[string]string{
		"203.0.113.1": "0", "203.0.113.2": "9 days 23 hours", "203.0.113.3": "10 days", "203.0.113.4": "12 days 23 hours",
		"203.0.113.5": "13 days", "203.0.113.6": "14 days 23 hours", "203.0.113.7": "15 days", "203.0.113.8": "40 days",
	}
	for address, age := range ages {
		protocol := b.receive(t, asks(lead.RightAccess, address))
		b.exec(t, `UPDATE nigredo.rights_requests SET received_at = received_at - $2::interval, due_at = due_at - $2::interval WHERE protocol = $1`, protocol, age)
	}
	count(lead.RightsDue{Open: 8, Soon: 6, AtOnce: 4, Overdue: 2})
	oldest := b.requests(t, lead.RightsFilter{})[0]
	if _, closed, err := b.CloseRightsRequest(t.Context(), lead.RightsClosing{ID: oldest.ID, Outcome: lead.RightsAnswered, Reason: "done"}); err != nil || !closed {
		t.Fatal(closed, err)
	}
	count(lead.RightsDue{Open: 7, Soon: 5, AtOnce: 3, Overdue: 1})
}
