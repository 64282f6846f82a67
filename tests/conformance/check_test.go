package conformance

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// check holds everything that came of a case against what it wants.
func (p *played) check(t *testing.T) {
	t.Helper()
	if p.execution == "" {
		t.Error("x was not started")
		return
	}
	wants := map[string]*want{mask(p.execution): p.c.Want}
	for arn, w := range p.c.Want.Executions {
		wants[arn] = w
	}
	seen := map[string]string{}
	for _, arn := range p.watch.executions() {
		if wants[mask(arn)] == nil || seen[mask(arn)] != "" {
			t.Errorf("execution %s: the case does not know it", arn)
		}
		seen[mask(arn)] = arn
	}
	for masked, w := range wants {
		arn := seen[masked]
		if arn == "" && masked == mask(p.execution) {
			arn = p.execution // it logs nothing
		}
		if arn == "" {
			t.Errorf("execution %s: there is none", masked)
			continue
		}
		p.checkExecution(t, arn, w)
	}
	p.checkCalls(t, wants)
	events := json.RawMessage("[]")
	if p.c.Want.Events != nil {
		events = p.c.Want.Events
	}
	if got := append([]any{}, p.watch.put...); !reflect.DeepEqual(maskAll(got), decode(t, events)) {
		t.Errorf("events on the bus:\n got %s\nwant %s", compact(got), events)
	}
	for _, unused := range p.script.play(nil) {
		t.Error(unused)
	}
	if p.draws.missed > 0 || len(p.draws.values) > 0 {
		t.Errorf("jitter: %d draws too many, %d left", p.draws.missed, len(p.draws.values))
	}
}

func (p *played) checkExecution(t *testing.T, arn string, w *want) {
	t.Helper()
	x := &execution{arn: arn, want: w, began: p.began.UnixMilli()}
	parts := strings.Split(arn, ":")
	x.machine, x.name = parts[6], parts[7]
	x.read(t)
	if parts[5] == "express" {
		x.compare(t, p.watch.events(arn))
		if arn == p.execution && p.ran != nil {
			x.checkAnswer(t, p.ran, x.synchronous(string(p.c.Input)))
		}
		return
	}
	x.compare(t, p.history(t, arn))
	described, refused := p.call(t, "DescribeExecution", encode(t, map[string]any{"executionArn": arn}))
	if refused != nil {
		t.Errorf("describe %s: %+v", arn, refused)
		return
	}
	x.checkAnswer(t, described, x.described())
	if got := p.watch.statuses[arn]; !slices.Equal(got, x.statuses) {
		t.Errorf("%s: status changes %v, want %v", arn, got, x.statuses)
	}
}

// history reads all events of an execution.
func (p *played) history(t *testing.T, arn string) []any {
	t.Helper()
	var events []any
	members := map[string]any{"executionArn": arn, "maxResults": 1000}
	for {
		answer, refused := p.call(t, "GetExecutionHistory", encode(t, members))
		page, _ := answer.(map[string]any)
		list, ok := page["events"].([]any)
		if refused != nil || !ok {
			t.Errorf("history of %s: %+v %s", arn, refused, compact(answer))
			return events
		}
		events = append(events, list...)
		if members["nextToken"] = page["nextToken"]; page["nextToken"] == nil {
			return events
		}
	}
}

// execution is what a case wants of one execution, and what follows from that.
type execution struct {
	arn, machine, name string
	want               *want
	began              int64

	events   []map[string]any
	input    *string
	started  int64
	closed   int64
	redriven []int64
	statuses []string
}

// read works out the expected events, and from them what the execution is like.
func (x *execution) read(t *testing.T) {
	t.Helper()
	at := x.began
	for _, l := range x.want.History {
		if l.at != nil {
			at = x.began + *l.at
		}
		event, err := l.event(x.machine, at)
		if err != nil {
			t.Errorf("want: %v", err)
			continue
		}
		x.events = append(x.events, event)
		switch {
		case l.kind == "ExecutionStarted":
			x.started = at
			if input, ok := l.details["input"]; ok {
				text := string(input)
				x.input = &text
			}
			x.statuses = append(x.statuses, "RUNNING")
		case l.kind == "ExecutionRedriven":
			x.redriven = append(x.redriven, at)
			x.statuses = append(x.statuses, "RUNNING")
		case closing[l.kind] != "":
			x.closed = at
			x.statuses = append(x.statuses, closing[l.kind])
		}
	}
}

// compare holds the events that came against those that are wanted.
func (x *execution) compare(t *testing.T, got []any) {
	t.Helper()
	for i := range max(len(got), len(x.events)) {
		g, w := "(none)", "(none)"
		switch {
		case i >= len(got):
			w = compact(x.events[i])
		case i >= len(x.events):
			g = compact(got[i])
		case reflect.DeepEqual(maskAll(got[i]), maskAll(x.events[i])):
			continue
		default:
			g, w = compact(maskAll(got[i])), compact(x.events[i])
		}
		t.Errorf("%s, event %d:\n got %s\nwant %s", x.arn, i+1, g, w)
	}
}

// maskAll masks every text in a value.
func maskAll(value any) any {
	switch v := value.(type) {
	case string:
		return mask(v)
	case map[string]any:
		out := map[string]any{}
		for key, member := range v {
			out[key] = maskAll(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = maskAll(item)
		}
		return out
	}
	return value
}

// ending adds the members that every description of an execution has.
func (x *execution) ending() map[string]any {
	out := map[string]any{
		"executionArn": x.arn, "stateMachineArn": statesARN + "stateMachine:" + x.machine, "name": x.name,
		"status": x.want.Status, "startDate": float64(x.started) / 1000,
		"inputDetails": map[string]any{"included": true},
	}
	if x.input != nil {
		out["input"] = *x.input
	}
	if x.want.Status != "RUNNING" {
		out["stopDate"] = float64(x.closed) / 1000
	}
	if x.want.Output != nil {
		out["output"] = string(x.want.Output)
		out["outputDetails"] = map[string]any{"included": true}
	}
	if x.want.Error != nil {
		out["error"] = *x.want.Error
	}
	if x.want.Cause != nil {
		out["cause"] = textOf(x.want.Cause)
	}
	return out
}

// described is the answer of DescribeExecution (API Reference).
func (x *execution) described() map[string]any {
	out := x.ending()
	out["redriveCount"] = float64(len(x.redriven))
	if n := len(x.redriven); n > 0 {
		out["redriveDate"] = float64(x.redriven[n-1]) / 1000
	}
	switch x.want.Status {
	case "RUNNING", "SUCCEEDED":
		out["redriveStatus"] = "NOT_REDRIVABLE"
		out["redriveStatusReason"] = "Execution is " + x.want.Status + " and cannot be redriven"
	default:
		out["redriveStatus"] = "REDRIVABLE"
	}
	return out
}

// synchronous is the answer of StartSyncExecution (API Reference; recording
// test_express_sync.snapshot.json for outputDetails and the units of the bill).
func (x *execution) synchronous(input string) map[string]any {
	if x.started == 0 { // the log does not hold the first event
		x.started, x.closed = x.began, max(x.closed, x.began)
	}
	out := x.ending()
	out["input"] = input
	out["outputDetails"] = map[string]any{"included": true}
	out["billingDetails"] = map[string]any{
		"billedMemoryUsedInMB":         64.0,
		"billedDurationInMilliseconds": 100 * math.Max(1, math.Ceil(float64(x.closed-x.started)/100)),
	}
	return out
}

// checkAnswer compares a description; the case may put other members in place of those
// that follow from it, null for none.
func (x *execution) checkAnswer(t *testing.T, got any, want map[string]any) {
	t.Helper()
	if x.want.Describe != nil {
		other, _ := decode(t, x.want.Describe).(map[string]any)
		for name, value := range other {
			if want[name] = value; value == nil {
				delete(want, name)
			}
		}
	}
	if !reflect.DeepEqual(maskAll(got), maskAll(want)) {
		t.Errorf("%s is described as\n got %s\nwant %s", x.arn, compact(got), compact(want))
	}
}

// checkCalls holds the calls of functions against the started attempts of the
// histories: each was called once, by its name, with its payload.
func (p *played) checkCalls(t *testing.T, wants map[string]*want) {
	t.Helper()
	var called []string
	for arn, w := range wants {
		m := p.c.Machines[strings.Split(arn, ":")[6]]
		if m == nil || (m.Logging != nil && *m.Logging != logging{"ALL", true}) {
			return // the history does not show them all
		}
		called = append(called, calls(w.History)...)
	}
	got := slices.Clone(p.script.calls)
	slices.Sort(got)
	slices.Sort(called)
	if !slices.Equal(maskTexts(got), maskTexts(called)) {
		t.Errorf("functions are called:\n got %s\nwant %s", compact(toAny(got)), compact(toAny(called)))
	}
	for _, fault := range p.script.faults {
		t.Error(fault)
	}
}

// calls are those that a history speaks of: function and payload.
func calls(history []line) []string {
	scheduled := map[int64]line{}
	var out []string
	for _, l := range history {
		switch l.kind {
		case "TaskScheduled", "LambdaFunctionScheduled":
			scheduled[l.id] = l
		case "TaskStarted", "LambdaFunctionStarted":
			if call := scheduled[l.previous].invocation(); call != "" {
				out = append(out, call)
			}
		}
	}
	return out
}

// invocation is the call of a scheduled event, empty when it is none of a function.
func (l line) invocation() string {
	if l.kind == "LambdaFunctionScheduled" {
		return fmt.Sprintf("%s %s", textOf(l.details["resource"]), string(l.details["input"]))
	}
	var parameters struct {
		FunctionName, Qualifier string
		Payload                 json.RawMessage
	}
	if l.subject != "lambda:invoke" || json.Unmarshal(l.details["parameters"], &parameters) != nil || parameters.FunctionName == "" {
		return ""
	}
	if parameters.Payload == nil || string(parameters.Payload) == "null" {
		parameters.Payload = json.RawMessage("{}")
	}
	if text := textOf(parameters.Payload); json.Valid([]byte(text)) {
		parameters.Payload = json.RawMessage(text) // a text that is JSON is sent as that JSON
	}
	if parameters.Qualifier != "" {
		parameters.FunctionName += ":" + parameters.Qualifier
	}
	return fmt.Sprintf("%s %s", parameters.FunctionName, parameters.Payload)
}

func maskTexts(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = mask(text)
	}
	return out
}

func toAny(texts []string) any {
	out := make([]any, len(texts))
	for i, text := range texts {
		out[i] = text
	}
	return out
}
