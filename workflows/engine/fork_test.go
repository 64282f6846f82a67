package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// voyage is a machine that is taken to its failure, redriven a day later, and taken to
// its end.
type voyage struct {
	name   string
	states string
	input  string
	tasks  func(TaskCall) (any, *failure)
	fails  string // the error of the first run
	output string
	stride func(cut int) int
}

func voyages() []voyage {
	return []voyage{
		{
			name: "one branch", states: winding, input: ` {"id": 1} `, tasks: windingTasks,
			fails: "E", output: `[271,"A","F"]`, stride: stride,
		},
		{
			name: "forks in forks", states: forking, input: `[3,1,2]`, tasks: forkingTasks,
			fails: "Late", output: `[[[3,30,"I"],[1,10,"I"],[2,20,"I"]],"waited",["x","x"]]`, stride: func(int) int { return 1 },
		},
	}
}

// forking has a Map of two at a time, with a Parallel in each iteration, beside a
// branch that waits; a branch fails while the others run, is retried as a whole, fails
// again at a Fail state, and goes on after a redrive.
const forking = `
	"A": {"Type": "Parallel", "Retry": [{"ErrorEquals": ["Early"], "IntervalSeconds": 7}], "Assign": {"all": "{% $states.result %}"},
		"Branches": [
			{"StartAt": "M", "States": {
				"M": {"Type": "Map", "MaxConcurrency": 2, "ItemSelector": {"i": "{% $states.context.Map.Item.Index %}", "v": "{% $states.context.Map.Item.Value %}"},
					"Retry": [{"ErrorEquals": ["Item"], "IntervalSeconds": 2, "MaxAttempts": 1}],
					"ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "P", "States": {
						"P": {"Type": "Parallel", "Next": "Q", "Branches": [
							{"StartAt": "X", "States": {"X": {"Type": "Pass", "Output": "{% $states.input.v %}", "End": true}}},
							{"StartAt": "I", "States": {"I": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": "{% $states.input.v %}",
								"Assign": {"ten": "{% $states.input.v * 10 %}"}, "Next": "J"},
								"J": {"Type": "Pass", "Output": "{% [$ten, 'I'] %}", "End": true}}}]},
						"Q": {"Type": "Pass", "Output": "{% $reduce($states.input, $append) %}", "End": true}}},
					"End": true}}},
			{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 5, "Next": "L"},
				"L": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": {}, "Next": "R"},
				"R": {"Type": "Pass", "Output": "waited", "End": true}}},
			{"StartAt": "S", "States": {"S": {"Type": "Map", "Items": ["a", "b"], "MaxConcurrency": 1, "End": true,
				"ItemProcessor": {"StartAt": "T", "States": {"T": {"Type": "Wait", "Seconds": 20, "Output": "x", "End": true}}}}}}],
		"Next": "Z"},
	"Z": {"Type": "Pass", "Output": "{% $all %}", "End": true}`

func forkingTasks(call TaskCall) (any, *failure) {
	switch {
	case call.State == "I" && call.Arguments == 2.0 && call.ID < 60:
		f := failing("Item", "the last item")
		return nil, &f
	case call.State == "L" && call.RedriveCount == 0 && call.ID < 120:
		f := failing("Early", "too early")
		return nil, &f
	case call.State == "L" && call.RedriveCount == 0:
		f := failing("Late", "too late")
		return nil, &f
	case call.State == "L":
		return "L", nil
	}
	return call.State, nil
}

// Whatever the core needs is in the events: a history cut after any of them is gone
// on with to the same history, times included.
func TestFold_CutAnywhereGivesTheSameHistory(t *testing.T) {
	t.Parallel()
	for _, v := range voyages() {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			p := compile(t, Standard, v.states)
			r := newTestRun(p)
			input, err := parseDocument(v.input)
			if err != nil {
				t.Fatal(err)
			}
			r.start(epoch, input)
			whole := drive(r, epoch, v.tasks)
			if r.status != Failed || r.failure.name() != v.fails {
				t.Fatalf("first run: got %s %s\n%s", r.status, r.failure.name(), text(whole))
			}
			failedAt := len(whole)
			later := epoch.Add(24 * time.Hour)
			r.redrive(later)
			whole = append(whole, drive(r, later, v.tasks)...)
			if r.status != Succeeded || r.output.String() != v.output {
				t.Fatalf("redriven run: got %s %s\n%s", r.status, r.output, text(whole))
			}
			want := text(whole)
			for cut := 1; cut <= len(whole); cut += v.stride(cut) {
				folded := newTestRun(p)
				if err := fold(folded, whole[:cut], nil); err != nil {
					t.Fatalf("cut after event %d: %v", cut, err)
				}
				got := append([]Event(nil), whole[:cut]...)
				got = append(got, drive(folded, whole[cut-1].Timestamp, v.tasks)...)
				if cut <= failedAt {
					folded.redrive(later)
					got = append(got, drive(folded, later, v.tasks)...)
				}
				if text(got) != want {
					t.Fatalf("cut after event %d:\n%s", cut, diff(text(got), want))
				}
			}
		})
	}
}

// diff shows where two texts begin to differ.
func diff(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\n got %s\nwant %s\nafter\n%s", i+1, g[i], w[i], strings.Join(w[max(0, i-8):i], "\n"))
		}
	}
	return fmt.Sprintf("got %d lines, want %d", len(g), len(w))
}
