package local

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/states"
	"github.com/alquimista-ai/nigredo/tests/testdb"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// clockwork runs schedules in fake time, which begins at midnight of 2000-01-01,
// and gives what was started when.
func clockwork(t *testing.T, last time.Duration, refuse error, schedules ...states.Schedule) (started []string, log string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		tables, err := timetables(schedules)
		if err != nil {
			t.Fatal(err)
		}
		var lines bytes.Buffer
		var mu sync.Mutex // schedules run side by side
		s := newScheduler(func(_ context.Context, in engine.StartInput) (engine.StartOutput, error) {
			mu.Lock()
			defer mu.Unlock()
			machine := in.StateMachineARN[strings.LastIndexByte(in.StateMachineARN, ':')+1:]
			started = append(started, time.Now().UTC().Format("15:04:05")+" "+machine+" "+in.Name+" "+in.Input)
			return engine.StartOutput{}, refuse
		}, task.NewEnv(&lines, time.Now).Log)
		ctx, cancel := context.WithTimeout(t.Context(), last)
		defer cancel()
		s.run(ctx, tables)
		log = lines.String()
	})
	return started, log
}

func TestScheduler_RunsAtTheStartAndThenByItsRate(t *testing.T) {
	t.Parallel()
	got, _ := clockwork(t, 10*time.Minute+time.Second, nil, states.Schedule{
		Name: "sweep", Machine: "delivery_sweep", Expression: "rate(5 minutes)",
		Input:   states.Template(`{"at":"<aws.scheduler.scheduled-time>"}`),
		AtStart: states.Template(`{"at":"<aws.scheduler.scheduled-time>","minimumAgeSeconds":0}`),
	})
	want := []string{
		`00:00:00 delivery_sweep sweep-20000101T000000-000 {"at":"2000-01-01T00:00:00Z","minimumAgeSeconds":0}`,
		`00:05:00 delivery_sweep sweep-20000101T000500-000 {"at":"2000-01-01T00:05:00Z"}`,
		`00:10:00 delivery_sweep sweep-20000101T001000-000 {"at":"2000-01-01T00:10:00Z"}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestScheduler_RunsSeveralSideBySide(t *testing.T) {
	t.Parallel()
	got, _ := clockwork(t, 49*time.Hour, nil,
		states.Schedule{Name: "a", Machine: "m", Expression: "rate(1 day)", Input: states.Template(`1`)},
		states.Schedule{Name: "b", Machine: "n", Expression: "rate(20 hours)", Input: states.Template(`2`)})
	want := []string{
		`20:00:00 n b-20000101T200000-000 2`, `00:00:00 m a-20000102T000000-000 1`,
		`16:00:00 n b-20000102T160000-000 2`, `00:00:00 m a-20000103T000000-000 1`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestScheduler_TriesAgainAtTheNextTime(t *testing.T) {
	t.Parallel()
	got, log := clockwork(t, 2*time.Hour+time.Second, errors.New("database away"),
		states.Schedule{Name: "a", Machine: "m", Expression: "rate(1 hour)", Input: states.Template(`1`)})
	if n := strings.Count(log, `"error_message":"database away"`); len(got) != 2 || n != 2 {
		t.Errorf("%d starts, %d of them logged, want 2: %s", len(got), n, log)
	}
}

// The computer slept, or a start took longer than a period: what was due meanwhile
// is not made up for.
func TestScheduler_LeavesOutWhatItMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tables, err := timetables([]states.Schedule{{Name: "a", Machine: "m", Expression: "rate(1 minute)", Input: states.Template(`1`)}})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		s := newScheduler(func(_ context.Context, in engine.StartInput) (engine.StartOutput, error) {
			if names = append(names, in.Name); len(names) == 1 {
				time.Sleep(3*time.Minute + 30*time.Second)
			}
			return engine.StartOutput{}, nil
		}, task.NewEnv(&bytes.Buffer{}, time.Now).Log)
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute+time.Second)
		defer cancel()
		s.run(ctx, tables)
		want := []string{"a-20000101T000100-000", "a-20000101T000400-000", "a-20000101T000500-000", "a-20000101T000600-000"}
		if !slices.Equal(names, want) {
			t.Errorf("got %q, want %q", names, want)
		}
	})
}

func TestRate_ReadsWhatItCanRun(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]time.Duration{
		"rate(1 minute)": time.Minute, "rate(5 minutes)": 5 * time.Minute, "rate(12 hours)": 12 * time.Hour, "rate(1 day)": 24 * time.Hour,
	} {
		if got, err := rate(expression); err != nil || got != want {
			t.Errorf("%s: %s, %v", expression, got, err)
		}
	}
	for _, expression := range []string{
		"", "rate()", "rate(0 minutes)", "rate(-1 minutes)", "rate(5 seconds)", "rate(5minutes)", "rate(1.5 hours)", "rate(10000000 days)",
		"cron(0 3 * * ? *)", "at(2026-11-21T12:00:00)", " rate(1 day)",
	} {
		if got, err := rate(expression); err == nil || !strings.Contains(err.Error(), "rate(n minutes)") {
			t.Errorf("%q: %s, %v; want a refusal that says what can be run", expression, got, err)
		}
	}
}

// The books give a start one sweep period, and an execution two, before they call it
// lost: the database and the schedule must mean the same period.
func TestTimetables_SweepAsOftenAsTheBooksExpect(t *testing.T) {
	t.Parallel()
	schedules, err := states.Schedules()
	if err != nil {
		t.Fatal(err)
	}
	tables, err := timetables(schedules)
	if err != nil {
		t.Fatal(err)
	}
	var seconds int
	if err := testdb.New(t).QueryRow(t.Context(), `SELECT extract(epoch FROM nigredo.sweep_period())::integer`).Scan(&seconds); err != nil {
		t.Fatal(err)
	}
	swept := false
	for _, table := range tables {
		if table.Machine == "delivery_sweep" {
			swept = table.period == time.Duration(seconds)*time.Second
		}
	}
	if !swept {
		t.Errorf("schedules %+v, want delivery_sweep every %d seconds", tables, seconds)
	}
}
