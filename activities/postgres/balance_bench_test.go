package postgres_test

import (
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/tests/testdb"
)

// aMillion are leads of which all but one in 100 are delivered; of the others two
// in three failed, as after an outage, and the rest are quarantined. One is lost.
var aMillion = []string{
	`INSERT INTO nigredo.leads (id, reference, status, name, email, email_norm, message, source, locale, verdict, created_at, status_changed_at)
	SELECT ('01930000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
		'NG-' || translate(lpad(to_hex(n / 65536), 4, '0') || '-' || lpad(to_hex(n % 65536), 4, '0'), '01abcdef', 'GHABCDEF'),
		CASE WHEN n % 100 > 0 THEN 'delivered' WHEN n % 300 > 0 THEN 'failed' ELSE 'quarantined' END,
		'Ana', 'ana@example.com', 'ana@example.com', repeat('x', 200), 'direct', 'en', 'clean', clock_timestamp(), clock_timestamp()
	FROM generate_series(1, 1000000) AS n`,
	`INSERT INTO nigredo.ledger (id, lead_id, at, kind, actor, details)
	SELECT gen_random_uuid(), id, created_at, kind, 'arn', '{"verdict": "clean"}' FROM nigredo.leads, unnest(ARRAY['lead.accepted', 'delivery.running', 'delivery.delivered']) AS kind`,
	`INSERT INTO nigredo.deliveries (event_id, lead_id, type, status, due_at, execution_arn, execution_status, execution_started_at, execution_stopped_at, created_at, updated_at)
	SELECT gen_random_uuid(), id, 'lead.created', CASE status WHEN 'quarantined' THEN 'held' ELSE status END, created_at,
		CASE WHEN status <> 'quarantined' THEN 'arn:' || id END,
		CASE status WHEN 'delivered' THEN 'SUCCEEDED' WHEN 'failed' THEN 'FAILED' END,
		CASE WHEN status <> 'quarantined' THEN created_at END, CASE WHEN status <> 'quarantined' THEN created_at END, created_at, created_at
	FROM nigredo.leads`,
	`INSERT INTO nigredo.webhook_logs (id, lead_id, event_id, attempt_number, success, status_code, error_name, sent_at, duration, execution_arn, redrive_count, retry_count)
	SELECT gen_random_uuid(), lead_id, event_id, attempt, status = 'delivered', CASE status WHEN 'delivered' THEN 200 END,
		CASE WHEN status <> 'delivered' THEN 'Fibonacci.Unavailable' END, updated_at, interval '1 second', 'arn:' || lead_id, 0, attempt - 1
	FROM nigredo.deliveries, generate_series(1, CASE status WHEN 'failed' THEN 3 ELSE 1 END) AS attempt WHERE status IN ('delivered', 'failed')`,
	`DELETE FROM nigredo.deliveries WHERE status = 'held' AND lead_id = (SELECT id FROM nigredo.leads WHERE status = 'quarantined' ORDER BY id LIMIT 1)`,
	`VACUUM (ANALYZE)`,
}

// BenchmarkBalance_OfAMillionLeads is what a sweep and a look at the books cost.
func BenchmarkBalance_OfAMillionLeads(b *testing.B) {
	pool := testdb.New(b)
	for _, statement := range aMillion {
		if _, err := pool.Exec(b.Context(), statement); err != nil {
			b.Fatalf("%.60s: %v", statement, err)
		}
	}
	for _, query := range []string{`SELECT * FROM nigredo.balance`, `SELECT * FROM nigredo.unaccounted ORDER BY accepted_at LIMIT 500`} {
		b.Run(strings.Fields(query)[3], func(b *testing.B) {
			for b.Loop() {
				rows, err := pool.Query(b.Context(), query)
				if err != nil {
					b.Fatal(err)
				}
				for rows.Next() {
					values, err := rows.Values()
					if err != nil {
						b.Fatal(err)
					}
					b.Log(values)
				}
				if err := rows.Err(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
