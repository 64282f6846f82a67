package postgres_test

import (
	"slices"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func TestUnstarted_GivesWhatIsDueAndUnheardOfOldestFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	older, newer, running, fresh := b.take(t, post("a"), owner(1)), b.take(t, post("b"), owner(2)), b.take(t, post("c"), owner(3)), b.take(t, post("d"), owner(4))
	b.track(t, change(running, lead.ExecutionRunning, 0, 0), true, lead.StatusAccepted)
	b.exec(t, `UPDATE nigredo.deliveries SET due_at = due_at - interval '2 minutes' WHERE event_id = $1`, older.EventID)
	b.exec(t, `UPDATE nigredo.deliveries SET due_at = due_at - interval '1 minute' WHERE event_id IN ($1, $2)`, newer.EventID, running.EventID)

	got, err := b.Unstarted(t.Context(), 30*time.Second, 10)
	want := []lead.Owed{{LeadID: older.Receipt.ID, EventID: older.EventID}, {LeadID: newer.Receipt.ID, EventID: newer.EventID}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	if got, err := b.Unstarted(t.Context(), 30*time.Second, 1); err != nil || !slices.Equal(got, want[:1]) {
		t.Errorf("limit 1: got %v, %v; want %v", got, err, want[:1])
	}
	if got, err := b.Unstarted(t.Context(), 0, 10); err != nil || len(got) != 3 || got[2].EventID != fresh.EventID {
		t.Errorf("age 0: got %v, %v; want the fresh one as well", got, err)
	}
}
