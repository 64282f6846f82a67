package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/tests/program"
)

const (
	connections = 8
	perClient   = 700 // leads of one connection in one round; below the largest rate limit there is
	rounds      = 3   // each side in turn, so that a drifting machine hits both
)

// BenchmarkLeads posts leads over 8 connections from 8 loopback addresses, the
// limiter on, and waits until each has reached the receiver. In turn, pgbench
// runs the two statements that take a lead in (Check Rate Limit's and Persist's)
// on the same server with the same distribution over addresses. The ratio is the
// median of the rounds.
func BenchmarkLeads(b *testing.B) {
	pgbench := findPgbench(b)
	r := newReceiver()
	b.Cleanup(r.server.Close)
	p, err := program.New(b.Context(), b.TempDir(), "NIGREDO_RATE_LIMIT=1000", "FIBONACCI_WEBHOOK_URL="+r.server.URL)
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := p.Stop(); err != nil {
			b.Error(err)
		}
	})
	url, err := p.Run(b.Context(), "db-url")
	if err != nil {
		b.Fatal(err)
	}
	script := newScript(b)
	b.Logf("statement 1, Check Rate Limit:\n%s", script.reserve)
	b.Logf("statement 2, Persist Lead:\n%s", script.accept)

	for b.Loop() {
		var accepted, delivered, tps []float64
		for round := range rounds {
			a, d := r.measure(b, p.URL, round)
			accepted, delivered = append(accepted, a), append(delivered, d)
			tps = append(tps, script.run(b, pgbench, url, round))
			b.Logf("round %d: %.0f leads/s accepted, %.0f leads/s delivered, pgbench %.0f/s", round+1, a, d, tps[round])
		}
		b.ReportMetric(median(accepted), "accepted/s")
		b.ReportMetric(median(delivered), "delivered/s")
		b.ReportMetric(median(tps), "pgbench/s")
		b.ReportMetric(median(accepted)/median(tps), "accepted-ratio")
		b.ReportMetric(median(delivered)/median(tps), "delivered-ratio")
		b.ReportMetric(0, "ns/op") // one operation is a whole comparison: its time says nothing
	}
}

func median(of []float64) float64 {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// receiver answers 200 and counts the events it has heard of.
type receiver struct {
	server *httptest.Server

	mu     sync.Mutex
	events map[string]bool
	more   chan struct{} // one token at most: something has come in
}

func newReceiver() *receiver {
	r := &receiver{events: map[string]bool{}, more: make(chan struct{}, 1)}
	r.server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		_, _ = io.Copy(io.Discard, req.Body) // a broken body is the sender's to repeat
		r.mu.Lock()
		r.events[req.Header.Get("webhook-id")] = true
		r.mu.Unlock()
		select {
		case r.more <- struct{}{}:
		default:
		}
	}))
	return r
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.events)
}

// measure posts one round and gives leads per second until the last was
// answered, and until the last was delivered.
func (r *receiver) measure(b *testing.B, url string, round int) (accepted, delivered float64) {
	b.Helper()
	before := r.count()
	ctx, cancel := context.WithTimeout(b.Context(), 5*time.Minute)
	defer cancel()
	start := time.Now()
	errs := make(chan error, connections)
	for c := range connections {
		go func() { errs <- post(ctx, url, round, c) }()
	}
	for range connections {
		if err := <-errs; err != nil {
			b.Fatal(err)
		}
	}
	accepted = connections * perClient / time.Since(start).Seconds()
	for r.count() < before+connections*perClient {
		select {
		case <-r.more:
		case <-ctx.Done():
			b.Fatalf("%d of %d leads reached the receiver: %v", r.count()-before, connections*perClient, ctx.Err())
		}
	}
	return accepted, connections * perClient / time.Since(start).Seconds()
}

// post sends the leads of one connection from a loopback address of its own.
func post(ctx context.Context, url string, round, client int) error {
	from := &net.TCPAddr{IP: net.IPv4(127, 1, byte(round), byte(client+1))}
	transport := &http.Transport{DialContext: (&net.Dialer{LocalAddr: from}).DialContext, MaxConnsPerHost: 1}
	defer transport.CloseIdleConnections()
	for i := range perClient {
		body := fmt.Sprintf(`{"name":"Ana %d","email":"ana.%d.%d.%d@example.com","company":"Example Ltda","message":"We would like to know more about your work.","source":"bench","consent":{"accepted":true}}`, i, round, client, i)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/leads", bytes.NewReader([]byte(body)))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", fmt.Sprintf("bench-%d-%d-%d", round, client, i))
		res, err := transport.RoundTrip(req)
		if err != nil {
			return err
		}
		answer, err := io.ReadAll(res.Body)
		_ = res.Body.Close() // read to its end
		if err != nil {
			return err
		}
		if res.StatusCode != http.StatusCreated {
			return fmt.Errorf("post %d of connection %d: %s: %s", i, client, res.Status, answer)
		}
	}
	return nil
}
