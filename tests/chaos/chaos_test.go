package chaos

import (
	"context"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/jackc/pgx/v5"

	"github.com/alquimista-ai/nigredo/tests/program"
)

const (
	// backWithin is how soon the program must take leads again.
	backWithin = 10 * time.Second
	// settleWithin is how long the last deliveries may take: the pauses of the
	// machine, 5 and 20 seconds. Unstarted ones are found by the sweep at a start.
	settleWithin = 90 * time.Second
)

// kills is short in "go test" and whole in "make gate".
func kills(short, whole int) int {
	if os.Getenv("NIGREDO_GATE") != "" {
		return whole
	}
	return short
}

// moments gives the pauses before the kills, the same for one seed.
func moments(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("NIGREDO_CHAOS_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("NIGREDO_CHAOS_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// wait lets a random time between 0.2 and 1.5 seconds go by: the moment of a
// kill is what these tests are about.
func wait(t *testing.T, random *rand.Rand) {
	t.Helper()
	select {
	case <-time.After(200*time.Millisecond + time.Duration(random.Int64N(int64(1300*time.Millisecond)))):
	case <-t.Context().Done():
	}
}

func begin(t *testing.T) (*program.Program, *receiver) {
	t.Helper()
	r := newReceiver(t)
	p, err := program.New(t.Context(), t.TempDir(), "NIGREDO_RATE_LIMIT=0", "FIBONACCI_WEBHOOK_URL="+r.url, "FIBONACCI_WEBHOOK_SECRET="+r.secret)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p, r
}

func TestProgram_KilledAtRandomMomentsLosesNoLead(t *testing.T) {
	random := moments(t)
	p, r := begin(t)
	s := startStream(t, p.URL)
	for range kills(2, 20) {
		before := s.count()
		wait(t, random)
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		down := time.Now()
		if err := p.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Logf("killed after %d more leads, ready again after %s", s.count()-before, time.Since(down).Round(time.Millisecond))
	}
	wait(t, random)
	s.end()
	audit(t, p, r, s)
}

func TestDatabase_KilledAtRandomMomentsLosesNoLead(t *testing.T) {
	random := moments(t)
	p, r := begin(t)
	s := startStream(t, p.URL)
	for range kills(1, 5) {
		wait(t, random)
		pid := postmaster(t, p)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		down, before := time.Now(), s.count()
		await(t, backWithin, "lead accepted after the database was killed", func() bool { return s.count() > before+posters })
		t.Logf("leads are accepted again after %s", time.Since(down).Round(time.Millisecond))
		if again := postmaster(t, p); again == pid {
			t.Fatalf("process %d still serves the database: nothing was killed", pid)
		}
	}
	wait(t, random)
	s.end()
	sweep(t, p) // the program lived on: the next one by the clock may be minutes away
	audit(t, p, r, s)
}

// sweep starts delivery_sweep for all that is due, as the program does at its start.
func sweep(t *testing.T, p *program.Program) {
	t.Helper()
	client := sfn.New(sfn.Options{BaseEndpoint: aws.String(p.SFN), Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("none", "none", "")})
	_, err := client.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String("arn:aws:states:us-east-1:000000000000:stateMachine:delivery_sweep"),
		Input:           aws.String(`{"minimumAgeSeconds":0}`),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// audit compares what clients were told with the table and the receiver.
func audit(t *testing.T, p *program.Program, r *receiver, s *stream) {
	t.Helper()
	t.Logf("%d accepted; otherwise %v", len(s.accepted), s.other)
	if len(s.accepted) == 0 {
		t.Fatal("no lead was accepted: nothing was tested")
	}
	missing := func() []string {
		return slices.DeleteFunc(slices.Clone(s.accepted), func(lead string) bool { return len(r.heard(lead)) > 0 })
	}
	await(t, settleWithin, "every accepted lead to reach the receiver", func() bool { return len(missing()) == 0 })

	if _, err := p.Run(t.Context(), "leads", "balance"); err != nil {
		t.Error(err)
	}
	stored := table(t, p)
	for _, lead := range s.accepted {
		if !stored[lead] {
			t.Errorf("lead %s was answered with 201 and is not in the table", lead)
		}
	}
	repeated := 0
	for _, lead := range r.all() {
		ids := r.heard(lead)
		if len(ids) != 1 {
			t.Errorf("lead %s came as %d events: %v", lead, len(ids), slices.Collect(maps.Keys(ids)))
		}
		if !stored[lead] {
			t.Errorf("lead %s was delivered and is not in the table", lead)
		}
		for _, times := range ids {
			repeated += times - 1
		}
	}
	if r.refused > 0 {
		t.Errorf("%d webhooks did not verify", r.refused)
	}
	t.Logf("%d in the table, %d at the receiver, %d webhooks repeated under their id", len(stored), len(r.all()), repeated)
}

// table reads the ids of all leads.
func table(t *testing.T, p *program.Program) map[string]bool {
	t.Helper()
	conn := connect(t, p)
	rows, err := conn.Query(t.Context(), "select id::text from nigredo.leads")
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]bool{}
	for _, id := range ids {
		stored[id] = true
	}
	return stored
}

// postmaster asks the database for the process id of its server.
func postmaster(t *testing.T, p *program.Program) int {
	t.Helper()
	var pid int
	err := connect(t, p).QueryRow(t.Context(), `select split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int`).Scan(&pid)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func connect(t *testing.T, p *program.Program) *pgx.Conn {
	t.Helper()
	url, err := p.Run(t.Context(), "db-url")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) }) // it may have been killed
	return conn
}

// await looks until the condition holds.
func await(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	late := time.NewTimer(limit)
	defer late.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-late.C:
			t.Fatalf("waited %s for %s", limit, what)
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		}
	}
}
