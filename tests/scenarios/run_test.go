package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alquimista-ai/nigredo/states"
	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

const region = enginetest.Region

func functionOf(state string) string {
	return "arn:aws:lambda:" + region + ":" + enginetest.Account + ":function:" + strings.ReplaceAll(state, " ", "")
}

func machineOf(name string) string {
	return "arn:aws:states:" + region + ":" + enginetest.Account + ":stateMachine:" + name
}

func roleOf(machine string) string { return "arn:aws:iam::" + enginetest.Account + ":role/" + machine }

// placeholders are those of the machine files; each function is named for the
// state that calls it.
var placeholders = map[string]string{
	"ValidateArn":                 functionOf("Validate Lead"),
	"RatelimitArn":                functionOf("Check Rate Limit"),
	"PersistArn":                  functionOf("Persist Lead"),
	"DeliverArn":                  functionOf("Deliver Webhook"),
	"SweepArn":                    functionOf("Find Deliveries"),
	"SettleArn":                   functionOf("Settle Books"),
	"FibonacciDeliveryArn":        machineOf("fibonacci_delivery"),
	"FibonacciDeliveryMachineArn": machineOf("fibonacci_delivery"),
}

// played is one case as it ran.
type played struct {
	machine   string
	execution string
	started   time.Time
	input     json.RawMessage
	runs      []run
	events    []engine.Event
}

// fill puts into a case's text what only the run knows.
func (p *played) fill(given json.RawMessage) json.RawMessage {
	return json.RawMessage(strings.NewReplacer(
		"${execution}", p.execution,
		"${startedAt}", p.started.Format("2006-01-02T15:04:05.999Z"),
		"${delivery}", machineOf("fibonacci_delivery"),
	).Replace(string(given)))
}

// stage is an engine in fake time with the machine under test on it.
type stage struct {
	*engine.Engine
	script *enginetest.Script
	log    *enginetest.Log
}

func newStage(t *testing.T, m states.Machine, jitter float64) *stage {
	t.Helper()
	definition, err := states.Substitute(m.Name, placeholders)
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{script: enginetest.NewScript(nil), log: &enginetest.Log{}}
	s.Engine, err = engine.New(engine.Config{
		Region: region, Account: enginetest.Account,
		Store: enginetest.NewStore(), Invoker: s.script, Logs: s.log,
		Jitter: func() float64 { return jitter },
		// Played, so that a case can make a start or a look fail.
		Integrations: map[string]engine.Integration{
			enginetest.StartExecutionResource:                s.script.Task(),
			"arn:aws:states:::aws-sdk:sfn:describeExecution": s.script.Task(),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// The test's own context is cancelled by now.
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	_, err = s.CreateStateMachine(t.Context(), engine.CreateInput{
		Name: m.Name, Type: engine.MachineType(m.Type), Definition: definition, RoleARN: roleOf(m.Name),
		Logging: engine.Logging{Level: engine.LogAll, IncludeExecutionData: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rehearse gives the script of one run.
func (s *stage) rehearse(r run) {
	for state, attempts := range r.Tasks {
		answers := make([]enginetest.Answer, len(attempts))
		for i, a := range attempts {
			answers[i] = enginetest.Answer{
				Result: string(a.Result), Hang: a.Hangs,
				Error: a.Error + a.CallError, Cause: a.Message + a.Cause, Call: a.CallError != "",
			}
		}
		s.script.Answers(state, answers...)
	}
}

func TestScenarios_RunAsWritten(t *testing.T) {
	t.Parallel()
	for _, listed := range written() {
		m := readMachine(t, listed.Name)
		for _, s := range scenarios(t, listed.Name) {
			t.Run(listed.Name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				// In the bubble time stands still while anything can run and jumps
				// to the next timer when nothing can.
				synctest.Test(t, func(t *testing.T) {
					// The service cuts the zeros at the end of a fraction in some
					// places: a time that has none reads the same in all.
					time.Sleep(123 * time.Millisecond)
					p := &played{
						machine: listed.Name, started: time.Now().UTC(), input: compact(t, s.Input),
						runs: append([]run{s.run}, s.Redrives...),
					}
					stage := newStage(t, listed, s.Jitter)
					if engine.MachineType(listed.Type) == engine.Express {
						stage.playExpress(t, p)
					} else {
						stage.playStandard(t, p)
					}
					checkDetails(t, p, m)
				})
			})
		}
	}
}

func (s *stage) playExpress(t *testing.T, p *played) {
	t.Helper()
	r := p.runs[0]
	s.rehearse(r)
	out, err := s.StartSyncExecution(t.Context(), engine.StartInput{StateMachineARN: machineOf(p.machine), Input: string(p.input)})
	if err != nil {
		t.Fatal(err)
	}
	p.execution, p.events = out.ExecutionARN, s.log.Events(out.ExecutionARN)
	ends(t, r.Expect, ending{out.Status, out.Output, out.Error, out.Cause})
	called(t, p, r, s.script.Calls())
	history(t, p, r.Expect, 0, p.started)
}

func (s *stage) playStandard(t *testing.T, p *played) {
	t.Helper()
	for i, r := range p.runs {
		s.rehearse(r)
		// Events carry milliseconds.
		before, began := len(s.script.Calls()), time.Now().Truncate(time.Millisecond)
		if i == 0 {
			started, err := s.StartExecution(t.Context(), engine.StartInput{StateMachineARN: machineOf(p.machine), Name: "x", Input: string(p.input)})
			if err != nil {
				t.Fatal(err)
			}
			p.execution = started.ExecutionARN
		} else if _, err := s.RedriveExecution(t.Context(), engine.RedriveInput{ExecutionARN: p.execution}); err != nil {
			t.Fatal(err)
		}
		x := enginetest.Settle(t.Context(), t, s.Engine, p.execution)
		ends(t, r.Expect, ending{x.Status, deref(x.Output), x.Error, x.Cause})
		if x.RedriveStatus != r.Expect.RedriveStatus || x.RedriveCount != i {
			t.Errorf("redrive status %s, count %d, want %s, %d", x.RedriveStatus, x.RedriveCount, r.Expect.RedriveStatus, i)
		}
		called(t, p, r, s.script.Calls()[before:])
		known := len(p.events)
		p.events = enginetest.History(t.Context(), t, s.Engine, p.execution)
		history(t, p, r.Expect, known, began)
	}
}

type ending struct {
	status engine.Status
	output string
	err    *string
	cause  *string
}

func ends(t *testing.T, want outcome, got ending) {
	t.Helper()
	if string(got.status) != want.Status {
		t.Errorf("status %s, want %s", got.status, want.Status)
	}
	if want.Output != nil && !equalJSON([]byte(got.output), want.Output) {
		t.Errorf("output\n got %s\nwant %s", got.output, want.Output)
	}
	if want.Output == nil && got.output != "" {
		t.Errorf("output %s, want none", got.output)
	}
	if deref(got.err) != want.Error || deref(got.cause) != want.Cause {
		t.Errorf("error %q, cause %q, want %q, %q", deref(got.err), deref(got.cause), want.Error, want.Cause)
	}
	if want.Error == "" && (got.err != nil || got.cause != nil) {
		t.Error("an error or cause is set, if empty")
	}
}

// called holds the calls of one run against the case: as many of each task as it
// has attempts, each of the right function with the right arguments.
func called(t *testing.T, p *played, r run, calls []enginetest.Call) {
	t.Helper()
	times := map[string]int{}
	for _, c := range calls {
		n := times[c.State]
		times[c.State]++
		if n >= len(r.Tasks[c.State]) {
			continue // counted below
		}
		if c.Function != "" && c.Function != functionOf(c.State) {
			t.Errorf("%s, attempt %d: called %s", c.State, n+1, c.Function)
		}
		if want := p.fill(r.Tasks[c.State][n].Given); !equalJSON([]byte(c.Payload), want) {
			t.Errorf("%s, attempt %d: called with\n got %s\nwant %s", c.State, n+1, c.Payload, want)
		}
	}
	want := map[string]int{}
	for state, attempts := range r.Tasks {
		want[state] = len(attempts)
	}
	if !reflect.DeepEqual(times, want) {
		t.Errorf("attempts %v, want %v", times, want)
	}
}

// history holds the events from index known on, those of the run that began then,
// against the case, and the path of the whole execution.
func history(t *testing.T, p *played, want outcome, known int, began time.Time) {
	t.Helper()
	var path []string
	var got []line
	for i, e := range p.events {
		l := line{id: e.ID, previous: e.PreviousID, after: e.Timestamp.Sub(began), kind: e.Type}
		if entered := strings.HasSuffix(e.Type, "StateEntered"); entered || strings.HasSuffix(e.Type, "StateExited") {
			l.state = enginetest.Member(e, "name")
			if entered {
				path = append(path, l.state)
			}
		}
		if i >= known {
			got = append(got, l)
		}
	}
	for i := range max(len(got), len(want.History)) {
		var g, w string
		if i < len(got) {
			g = got[i].String()
		}
		if i < len(want.History) {
			w = want.History[i].String()
		}
		if g != w {
			t.Errorf("history, event %d:\n got %s\nwant %s", known+i+1, g, w)
		}
	}
	if !reflect.DeepEqual(path, want.Path) {
		t.Errorf("path\n got %v\nwant %v", path, want.Path)
	}
}

func compact(t *testing.T, raw json.RawMessage) json.RawMessage {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, raw); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func equalJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
