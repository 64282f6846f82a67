package postgres_test

import (
	"testing"
	"time"
)

// The three queries of the production guide, letter by letter.
const (
	recentLeads = `SELECT 
  id,
  name,
  email,
  company,
  source,
  created_at
FROM nigredo.leads
ORDER BY created_at DESC
LIMIT 20;`

	webhookStatus = `SELECT 
  l.id,
  l.email,
  wl.success,
  wl.attempt_number,
  wl.sent_at,
  wl.error_message
FROM nigredo.leads l
LEFT JOIN nigredo.webhook_logs wl ON l.id = wl.lead_id
WHERE l.created_at > NOW() - INTERVAL '24 hours'
ORDER BY l.created_at DESC;`

	rateLimiting = `SELECT 
  ip_address,
  submission_count,
  window_start
FROM nigredo.rate_limits
WHERE window_start > NOW() - INTERVAL '1 hour'
ORDER BY submission_count DESC;`
)

func TestGuide_QueriesRunUnchanged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	silent, tried := b.take(t, post("a"), owner(1)), b.take(t, post("b"), owner(2))
	b.record(t, attempt(tried, "lead-1", 0, 0), 1)
	b.record(t, success(tried, "lead-1", 0, 1), 2)
	elsewhere := post("c")
	elsewhere.Address = "2001:db8:1:2::3"
	b.take(t, elsewhere, owner(3))

	recent := b.table(t, recentLeads)
	if len(recent) != 3 || recent[0][4] != "newsletter" || recent[2][0] != [16]byte(silent.Receipt.ID) {
		t.Errorf("recent leads: %v, want the three, newest first", recent)
	}

	status := b.table(t, webhookStatus)
	if len(status) != 4 {
		t.Fatalf("webhook status: %d rows, want 2 attempts and 2 leads without any", len(status))
	}
	byNumber := map[any]any{}
	for _, row := range status {
		if row[0] == [16]byte(tried.Receipt.ID) {
			byNumber[row[3]] = []any{row[2], row[5]}
		} else if row[2] != nil || row[3] != nil || row[4] != nil || row[5] != nil {
			t.Errorf("a lead without attempts shows %v", row)
		}
	}
	if first, ok := byNumber[int32(1)].([]any); !ok || first[0] != false || first[1] != "answered 500" {
		t.Errorf("first attempt shows %v", byNumber[int32(1)])
	}
	if second, ok := byNumber[int32(2)].([]any); !ok || second[0] != true || second[1] != nil {
		t.Errorf("second attempt shows %v", byNumber[int32(2)])
	}

	limits := b.table(t, rateLimiting)
	if len(limits) != 2 || limits[0][1] != int32(2) || limits[1][1] != int32(1) {
		t.Fatalf("rate limits: %v, want 2 and 1", limits)
	}
	if start, ok := limits[0][2].(time.Time); !ok || !start.Equal(silent.Receipt.CreatedAt) {
		t.Errorf("window_start = %v, want the first acceptance %s", limits[0][2], silent.Receipt.CreatedAt)
	}
}

// table gives all rows of a query.
func (b bench) table(t testing.TB, sql string) [][]any {
	t.Helper()
	rows, err := b.pool.Query(t.Context(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all [][]any
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, values)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
