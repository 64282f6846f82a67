package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// compile makes a program of states whose tasks are answered by the test.
func compile(t testing.TB, kind MachineType, states string) *program {
	t.Helper()
	definition, err := asl.Parse([]byte(`{"QueryLanguage": "JSONata", "StartAt": "A", "States": {` + states + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	return &program{
		machine: StateMachine{
			ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Name: "m", Type: kind, RoleARN: "role",
		},
		definition: definition,
	}
}

func newTestRun(p *program) *run {
	return newRun(p, "arn:aws:states:us-east-1:000000000000:execution:m:x", "x", func() float64 { return 0.5 })
}

// drive takes a run to its end: tasks by answer, time by jumping to what is due. It
// returns the events that it recorded.
func drive(r *run, now time.Time, answer func(TaskCall) (any, *failure)) []Event {
	var events []Event
	for {
		for _, ev := range r.take() {
			events = append(events, ev.stored(newSlate(), "us-east-1"))
		}
		if r.status != Running {
			return events
		}
		if r.runnable() {
			r.advance(now)
			continue
		}
		if answered(r, now, answer) {
			continue
		}
		if due := r.due(); now.Before(due) {
			now = due
		}
		r.wake(now)
	}
}

// answered gives the first pending task that has an answer its answer.
func answered(r *run, now time.Time, answer func(TaskCall) (any, *failure)) bool {
	var found call
	var result any
	var fault *failure
	r.calls(func(c call) bool {
		if result, fault = answer(c.TaskCall); fault != nil || result != nil {
			found = c
		}
		return found.id == 0
	})
	if found.id == 0 {
		return false
	}
	r.answer(now, found.id, result, fault)
	return true
}

// firstCall is the id of the first pending task's call, 0: none is pending.
func firstCall(r *run) int64 {
	id := int64(0)
	r.calls(func(c call) bool {
		id = c.id
		return false
	})
	return id
}

var epoch = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant

// winding passes every kind of rest, and more states than one step may enter.
const winding = `
	"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": {"n": "{% $states.context.State.RetryCount %}"},
		"Assign": {"a": "{% $states.result %}"}, "Output": {},
		"Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 4, "JitterStrategy": "FULL"}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}], "Next": "B"},
	"B": {"Type": "Wait", "Seconds": 60, "Assign": {"b": "{% $states.context.State.Name %}"}, "Next": "C"},
	"C": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
		"Arguments": ["{% $a %}", "{% $b %}"], "TimeoutSeconds": 5,
		"Catch": [{"ErrorEquals": ["F"], "Next": "A"}, {"ErrorEquals": ["States.Timeout"], "Assign": {"i": 0}, "Next": "D"}], "End": true},
	"D": {"Type": "Choice", "Assign": {"i": "{% $i + 1 %}"},
		"Choices": [{"Condition": "{% $i < 270 %}", "Assign": {"i": "{% $i + 1 %}"}, "Next": "D"}], "Default": "F"},
	"F": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": "{% $i %}",
		"Output": "{% [$i, $a, $states.result] %}", "End": true}`

func windingTasks(call TaskCall) (any, *failure) {
	switch {
	case call.State == "C":
		return nil, nil // until it times out
	case call.State == "A" && call.RetryCount == 1:
		f := failing("Other", "other")
		return nil, &f
	case call.State == "A" && call.RetryCount < 4, call.State == "F" && call.RedriveCount == 0:
		f := failing("E", "cause")
		return nil, &f
	}
	return call.State, nil
}

func text(events []Event) string {
	var b strings.Builder
	for _, event := range events {
		fmt.Fprintf(&b, "%d p%d %s %s %s\n", event.ID, event.PreviousID, event.Timestamp.Format(time.RFC3339Nano), event.Type, event.Details)
	}
	return b.String()
}

// stride looks at every event but those in the middle of the long loop.
func stride(cut int) int {
	if cut > 40 && cut < 560 {
		return 97
	}
	return 1
}

func TestFold_RefusesWhatIsNoHistory(t *testing.T) {
	t.Parallel()
	p := compile(t, Standard, `"A": {"Type": "Wait", "Seconds": 1, "End": true}`)
	start := Event{ID: 1, Type: "ExecutionStarted", Timestamp: epoch, Details: []byte(`{"input":"{}"}`)}
	for name, events := range map[string][]Event{
		"a gap":             {start, {ID: 3, Type: "WaitStateEntered", Details: []byte(`{"name":"A","input":"{}"}`)}},
		"an unknown state":  {start, {ID: 2, Type: "WaitStateEntered", Details: []byte(`{"name":"B","input":"{}"}`)}},
		"an unknown type":   {start, {ID: 2, Type: "MapRunStarted", Details: []byte(`{}`)}},
		"broken details":    {start, {ID: 2, Type: "WaitStateEntered", Details: []byte(`{"name":"A","input":"{"}`)}},
		"details no object": {start, {ID: 2, Type: "WaitStateEntered", Details: []byte(`"A"`)}},
	} {
		if err := fold(newTestRun(p), events, nil); err == nil {
			t.Errorf("a history with %s was folded", name)
		}
	}
}

// A Standard history has 25,000 events at most, and the last one closes the
// execution.
func TestRun_HistoryLimit(t *testing.T) {
	t.Parallel()
	p := compile(t, Standard, `"A": {"Type": "Choice", "Choices": [{"Condition": false, "Next": "B"}], "Default": "A"}, "B": {"Type": "Succeed"}`)
	r := newTestRun(p)
	r.start(epoch, newDocument(nil))
	events := drive(r, epoch, windingTasks)
	last := events[len(events)-1]
	if len(events) != historyLimit || last.Type != "ExecutionFailed" || r.failure.name() != errorRuntime {
		t.Errorf("history: %d events, the last %s with %s", len(events), last.Type, r.failure.name())
	}
}

// The States Language on Retry: of retriers R1(A,B; 2 attempts) and R2(C) and
// errors A, B, C, B the last B finds R1 spent and goes to Catch.
func TestRetry_EachRetrierCountsForItself(t *testing.T) {
	t.Parallel()
	p := compile(t, Express, `
		"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
			"Retry": [{"ErrorEquals": ["A", "B"], "MaxAttempts": 2}, {"ErrorEquals": ["C"], "IntervalSeconds": 7}, {"ErrorEquals": ["States.ALL"]}],
			"Catch": [{"ErrorEquals": ["B"], "Next": "Z"}], "End": true},
		"Z": {"Type": "Succeed", "Output": "{% $states.input.Error %}"}`)
	r := newTestRun(p)
	r.start(epoch, newDocument(nil))
	errors := []string{"A", "B", "C", "B"}
	var counts []int64
	drive(r, epoch, func(call TaskCall) (any, *failure) {
		counts = append(counts, call.RetryCount)
		f := failing(errors[min(len(counts), len(errors))-1], "")
		return nil, &f
	})
	if fmt.Sprint(counts) != "[0 1 2 3]" || r.status != Succeeded || r.output.String() != `"B"` {
		t.Errorf("got attempts %v, %s", counts, r.status)
	}
	// 1 s and 2 s for R1, 7 s for the first of R2.
	if took := r.closed.Sub(r.started); took != 10*time.Second {
		t.Errorf("took %s, want 10s", took)
	}
}

func TestRetry_Pauses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		retrier string
		jitter  float64
		want    string
	}{
		{"defaults", `{"ErrorEquals": ["E"]}`, 0, "[1s 2s 4s]"},
		{"rate", `{"ErrorEquals": ["E"], "IntervalSeconds": 5, "BackoffRate": 4, "MaxAttempts": 2}`, 0, "[5s 20s]"},
		{"cap", `{"ErrorEquals": ["E"], "IntervalSeconds": 3, "MaxDelaySeconds": 5}`, 0, "[3s 5s 5s]"},
		{"full jitter", `{"ErrorEquals": ["E"], "IntervalSeconds": 4, "JitterStrategy": "FULL"}`, 0.25, "[1s 2s 4s]"},
		{"full jitter at its lowest", `{"ErrorEquals": ["E"], "JitterStrategy": "FULL"}`, 0, "[0s 0s 0s]"},
		{"jitter under the cap", `{"ErrorEquals": ["E"], "IntervalSeconds": 4, "MaxDelaySeconds": 6, "JitterStrategy": "FULL"}`, 0.5, "[2s 3s 3s]"},
		{"none", `{"ErrorEquals": ["E"], "MaxAttempts": 0}`, 0, "[]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := compile(t, Express, `"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Retry": [`+c.retrier+`], "End": true}`)
			r := newTestRun(p)
			r.jitter = func() float64 { return c.jitter }
			r.start(epoch, newDocument(nil))
			events := drive(r, epoch, func(TaskCall) (any, *failure) {
				f := failing("E", "")
				return nil, &f
			})
			pauses := []time.Duration{}
			for i := 1; i < len(events); i++ {
				if events[i].Type == "TaskScheduled" && events[i-1].Type == "TaskFailed" {
					pauses = append(pauses, events[i].Timestamp.Sub(events[i-1].Timestamp))
				}
			}
			if fmt.Sprint(pauses) != c.want {
				t.Errorf("pauses: got %v, want %s", pauses, c.want)
			}
		})
	}
}

func TestMatches_NamesAndTheirStandIns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		equals []string
		name   string
		want   bool
	}{
		{[]string{"E"}, "E", true},
		{[]string{"E"}, "F", false},
		{[]string{"e"}, "E", false},
		{[]string{"F", "E"}, "E", true},
		{[]string{errorAll}, "E", true},
		{[]string{errorAll}, errorTimeout, true},
		{[]string{errorAll}, errorDataLimit, true},
		{[]string{errorAll}, errorEvaluation, true},
		{[]string{errorAll}, errorRuntime, false},
		{[]string{errorRuntime}, errorRuntime, false},
		{[]string{errorTaskFailed}, "E", true},
		{[]string{errorTaskFailed}, errorTimeout, false},
		{[]string{errorTimeout}, errorTimeout, true},
		{nil, "E", false},
		{[]string{errorAll}, "", true},
		{[]string{"E"}, "", false},
	} {
		if got := matches(c.equals, c.name); got != c.want {
			t.Errorf("matches(%v, %q): got %v", c.equals, c.name, got)
		}
	}
}

// Answers that come twice, late or for another attempt change nothing.
func TestRun_StaleAnswersChangeNothing(t *testing.T) {
	t.Parallel()
	p := compile(t, Express, `"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": 5,
		"Retry": [{"ErrorEquals": ["States.Timeout"]}], "End": true}`)
	r := newTestRun(p)
	r.start(epoch, newDocument(nil))
	first := firstCall(r)
	r.wake(epoch.Add(4 * time.Second)) // nothing is due yet
	if id := firstCall(r); id != first {
		t.Fatal("the task timed out before its time")
	}
	r.wake(epoch.Add(5 * time.Second))
	r.answer(epoch.Add(5*time.Second), first, "late", nil)
	r.wake(epoch.Add(6 * time.Second))
	second := firstCall(r)
	r.answer(epoch.Add(6*time.Second), first, "later", nil)
	r.answer(epoch.Add(7*time.Second), second, "in time", nil)
	r.answer(epoch.Add(7*time.Second), second, "twice", nil)
	r.stop(epoch.Add(8*time.Second), failing("E", ""))
	r.wake(epoch.Add(time.Hour))
	if r.status != Succeeded || r.output.String() != `"in time"` {
		t.Errorf("got %s %v", r.status, r.output)
	}
}

func TestDocument_TooLarge(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("x", payloadLimit-2)
	for _, c := range []struct {
		name  string
		value any
		want  bool
	}{
		{"text at the limit", big, false},
		{"text over the limit", big + "x", true},
		{"characters that escape", strings.Repeat("\x01", payloadLimit/6+1), true},
		{"characters of two bytes", strings.Repeat("é", (payloadLimit-2)/2), false},
		{"many small members", numbers(60_000), false},
		{"very many small members", numbers(140_000), true},
		{"null", nil, false},
		{"as deep as can be read", nested(payloadDepth), false},
		{"deeper", nested(payloadDepth + 1), true},
		{"without end when written", doubled(64), true},
	} {
		if got := newDocument(c.value).tooLarge(); got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// nested is an array in an array, n deep.
func nested(n int) any {
	var value any
	for range n {
		value = []any{value}
	}
	return value
}

// doubled holds 2^n times the same number, in n arrays.
func doubled(n int) any {
	var value any = 1.0
	for range n {
		value = []any{value, value}
	}
	return value
}

func TestDocument_CanBeReadAsDeepAsItMayBe(t *testing.T) {
	t.Parallel()
	if _, err := parseDocument(newDocument(nested(payloadDepth)).String()); err != nil {
		t.Error(err)
	}
	if _, err := parseDocument(newDocument(nested(payloadDepth + 1)).String()); err == nil {
		t.Error("deeper than that was read too: the bound has no reason")
	}
}

// Variables are held against their limits whatever they hold: one that is monstrous only
// when it is written is refused at once.
func TestVariables_OfAnyShapeAreMeasured(t *testing.T) {
	t.Parallel()
	r := newTestRun(compile(t, Standard, `"A": {"Type": "Pass", "End": true}`))
	r.root.state = r.root.flow.States["A"]
	for _, c := range []struct {
		name  string
		value any
		taken bool
	}{
		{"small", "x", true},
		{"as long as it may be", strings.Repeat("x", assignLimit-2), true},
		{"longer", strings.Repeat("x", assignLimit-1), false},
		{"as deep as can be read", nested(payloadDepth - 1), true},
		{"deeper", nested(payloadDepth), false},
		{"without end when written", doubled(64), false},
	} {
		assigned := asl.NewObject(1)
		assigned.Set("name", c.value)
		if refused := r.unassignable(&r.root, assigned); (refused == nil) != c.taken {
			t.Errorf("%s: got %v, taken %v", c.name, refused, c.taken)
		}
	}
}

func numbers(n int) []any {
	items := make([]any, n)
	for i := range items {
		items[i] = float64(1)
	}
	return items
}

func TestWithoutData_KeepsErrorAndCause(t *testing.T) {
	t.Parallel()
	got, err := withoutData(json.RawMessage(`{"name":"A","output":"1","outputDetails":{"truncated":false},"assignedVariables":{"x":"1"},"assignedVariablesDetails":{},"error":"E","cause":"c"}`))
	if want := `{"name":"A","error":"E","cause":"c"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}
