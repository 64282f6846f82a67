package conformance

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// played is one case as it runs.
type played struct {
	*stage
	c *testCase

	execution string // the ARN of "x", empty until it was started
	ran       any    // the answer of StartSyncExecution
	kept      map[string]string
}

// run plays a case in a bubble of fake time: it stands still while anything can run and
// jumps to the next timer when nothing can.
func (c *testCase) run(t *testing.T, mode string) {
	synctest.Test(t, func(t *testing.T) {
		p := &played{stage: newStage(t, c, mode), c: c, kept: map[string]string{}}
		if !p.create(t) {
			return
		}
		for i := range c.Steps {
			p.await(t, &c.Steps[i])
			p.step(t, &c.Steps[i])
		}
		p.end(t)
		if c.Want != nil {
			p.check(t)
		}
	})
}

// create makes the machines, main last; false: it was refused, as it should be.
func (p *played) create(t *testing.T) bool {
	t.Helper()
	names := []string{}
	for name := range p.c.Machines {
		if name != "main" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if p.c.Machines["main"] != nil {
		names = append(names, "main")
	}
	for _, name := range names {
		m := p.c.Machines[name]
		members := map[string]any{
			"name": name, "roleArn": rolesARN + name, "type": m.Type, "definition": textOf(m.Definition),
		}
		if m.Logging != nil {
			members["loggingConfiguration"] = map[string]any{
				"level": m.Logging.Level, "includeExecutionData": m.Logging.IncludeExecutionData,
				"destinations": []any{map[string]any{"cloudWatchLogsLogGroup": map[string]any{"logGroupArn": "arn:aws:logs:us-east-1:000000000000:log-group:g:*"}}},
			}
		}
		_, refused := p.call(t, "CreateStateMachine", encode(t, members))
		var want *refusal
		if p.c.Want != nil && name == "main" {
			want = p.c.Want.Refused
		}
		if !want.is(refused) {
			t.Fatalf("create %s:\n got %+v\nwant %+v", name, refused, want)
		}
	}
	return p.c.Want == nil || p.c.Want.Refused == nil
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// await lets time pass until the step's moment.
func (p *played) await(t *testing.T, s *step) {
	t.Helper()
	if s.At != nil {
		time.Sleep(time.Duration(*s.At) - p.passed())
		synctest.Wait()
		return
	}
	if p.execution != "" {
		p.settle(t, p.execution)
	}
	time.Sleep(time.Duration(s.After))
}

func (p *played) step(t *testing.T, s *step) {
	t.Helper()
	if s.Tasks != nil {
		for _, unused := range p.script.play(s.Tasks) {
			t.Errorf("before %s: %s", s.Call, unused)
		}
	}
	var answer any
	var refused *refusal
	if s.Body != nil {
		answer, refused = p.post(t, s.Call, *s.Body)
	} else {
		answer, refused = p.call(t, s.Call, p.members(t, s))
	}
	if s.Refused != nil || refused != nil {
		if !s.Refused.is(refused) {
			t.Errorf("%s is refused:\n got %+v\nwant %+v", s.Call, refused, s.Refused)
		}
		return
	}
	p.started(s, answer)
	if want := p.expected(t, s); want != nil && !p.same(want, answer) {
		t.Errorf("%s answers\n got %s\nwant %s", s.Call, compact(answer), compact(want))
	}
}

// is compares a refusal with the one that came; a message that is left out is not known,
// but there is one, unless the request was none of the protocol.
func (r *refusal) is(got *refusal) bool {
	if r == nil || got == nil {
		return r == got
	}
	return got.Type == r.Type && (got.Message != "" || got.Type == "SerializationException" || got.Type == "UnknownOperationException") &&
		(r.Message == "" || mask(got.Message) == mask(r.Message))
}

// started remembers the start of "x".
func (p *played) started(s *step, answer any) {
	members, _ := answer.(map[string]any)
	arn, _ := members["executionArn"].(string)
	switch {
	case s.Call == "StartExecution" && (arn == statesARN+"execution:main:x" || strings.HasPrefix(arn, statesARN+"express:main:x:")):
		p.execution = arn
	case s.Call == "StartSyncExecution" && strings.HasPrefix(arn, statesARN+"express:main:x:"):
		p.execution, p.ran = arn, answer
	}
}

// members fills in what a step need not write.
func (p *played) members(t *testing.T, s *step) []byte {
	t.Helper()
	members := map[string]json.RawMessage{}
	if s.With != nil {
		if err := json.Unmarshal(s.With, &members); err != nil {
			t.Fatalf("%s: with: %v", s.Call, err)
		}
	}
	for name, value := range map[string]string{
		"stateMachineArn": statesARN + "stateMachine:main", "executionArn": p.execution, "name": "x", "input": string(p.c.Input),
	} {
		if _, set := members[name]; !set && slices.Contains(identified[s.Call], name) {
			members[name] = encode(t, value)
		}
	}
	for name, value := range members {
		if (name == "input" || name == "definition") && value[0] != '"' && string(value) != "null" {
			members[name] = encode(t, string(value))
		}
	}
	return []byte(p.recall(string(encode(t, members))))
}

// recall puts what was kept into a text.
func (p *played) recall(text string) string {
	for name, value := range p.kept {
		text = strings.ReplaceAll(text, "${kept:"+name+"}", value)
	}
	return text
}

// identified are the members that a step need not write, by operation.
var identified = map[string][]string{
	"StartExecution":                   {"stateMachineArn", "name", "input"},
	"StartSyncExecution":               {"stateMachineArn", "name", "input"},
	"StopExecution":                    {"executionArn"},
	"RedriveExecution":                 {"executionArn"},
	"DescribeExecution":                {"executionArn"},
	"GetExecutionHistory":              {"executionArn"},
	"DescribeStateMachineForExecution": {"executionArn"},
	"DescribeStateMachine":             {"stateMachineArn"},
	"UpdateStateMachine":               {"stateMachineArn"},
	"DeleteStateMachine":               {"stateMachineArn"},
	"ListExecutions":                   {"stateMachineArn"},
}

// expected is the step's answer, or what follows from the call; nil: nothing does.
func (p *played) expected(t *testing.T, s *step) any {
	t.Helper()
	if s.Answer != nil {
		return decode(t, s.Answer)
	}
	now := float64(p.began.Add(p.passed()).UnixMilli()) / 1000
	switch s.Call {
	case "StartExecution":
		return map[string]any{"executionArn": p.execution, "startDate": now}
	case "StopExecution":
		return map[string]any{"stopDate": now}
	case "RedriveExecution":
		return map[string]any{"redriveDate": now}
	}
	return nil
}

// same compares an expected answer with the one that came. Texts that come are masked;
// ${keep:name} takes any text; a JSON value where a text comes is that text.
func (p *played) same(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(w) != len(g) {
			return false
		}
		for name, member := range w {
			if come, ok := g[name]; !ok || !p.same(member, come) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		if !ok || len(w) != len(g) {
			return false
		}
		for i := range w {
			if !p.same(w[i], g[i]) {
				return false
			}
		}
		return true
	case string:
		g, ok := got.(string)
		if name, keep := strings.CutPrefix(w, "${keep:"); ok && keep {
			p.kept[strings.TrimSuffix(name, "}")] = g
			return true
		}
		if kept := p.recall(w); kept != w {
			return kept == g
		}
		return ok && mask(w) == mask(g)
	}
	return reflect.DeepEqual(want, got)
}

// end lets time pass until everything has closed that is to close.
func (p *played) end(t *testing.T) {
	t.Helper()
	if p.c.Want == nil {
		return
	}
	if p.execution != "" && p.c.Want.Status != "RUNNING" {
		p.settle(t, p.execution)
	}
	for masked, w := range p.c.Want.Executions {
		for _, arn := range p.watch.executions() {
			if mask(arn) == masked && w.Status != "RUNNING" {
				p.settle(t, arn)
			}
		}
	}
	synctest.Wait()
}
