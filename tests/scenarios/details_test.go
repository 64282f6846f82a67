package scenarios

import (
	"cmp"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// details are the members that the details of an event may have.
type details struct {
	Name          *string    `json:"name"`
	Input         *string    `json:"input"`
	InputDetails  *truncated `json:"inputDetails"`
	Output        *string    `json:"output"`
	OutputDetails *truncated `json:"outputDetails"`
	RoleARN       *string    `json:"roleArn"`

	ResourceType     *string `json:"resourceType"`
	Resource         *string `json:"resource"`
	Region           *string `json:"region"`
	Parameters       *string `json:"parameters"`
	TimeoutInSeconds *int64  `json:"timeoutInSeconds"`

	Error        *string `json:"error"`
	Cause        *string `json:"cause"`
	RedriveCount *int    `json:"redriveCount"`

	Length *int `json:"length"`
	Index  *int `json:"index"`
}

type truncated struct {
	Truncated bool `json:"truncated"`
}

// checker holds the details of a history against the case and the machine file, by
// the shapes of the API Reference's HistoryEvent.
type checker struct {
	*testing.T
	played  *played
	machine *machine

	moment                  // of the event before, on the same way
	at     map[int64]moment // by event: iterations of a Map take turns
	mapped moment           // the Map that the iterations are of
	tried  map[string]int   // attempts so far, by state
	run    int              // 0 for the start, n for the n-th redrive
}

// moment is where a way through the machine has come to.
type moment struct {
	state   string  // the one the events are in
	attempt int     // of its task, from 0
	data    *string // what the next state gets; nil: an item, which only the machine's Items tells
}

func checkDetails(t *testing.T, p *played, m *machine) {
	t.Helper()
	c := &checker{T: t, played: p, machine: m, tried: map[string]int{}, at: map[int64]moment{}}
	input := string(p.input)
	c.at[0] = moment{data: &input}
	for _, e := range p.events {
		c.moment = c.at[e.PreviousID]
		c.event(e)
		c.at[e.ID] = c.moment
	}
}

func (c *checker) event(e engine.Event) {
	c.Helper()
	var d details
	decoder := json.NewDecoder(strings.NewReader(cmp.Or(string(e.Details), "{}"))) // some types have none
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		c.Errorf("event %d %s: details %s: %v", e.ID, e.Type, e.Details, err)
		return
	}
	key, want := c.expect(e.Type, d)
	if e.DetailsKey != key {
		c.Errorf("event %d %s: details under %q, want %q", e.ID, e.Type, e.DetailsKey, key)
	}
	if !reflect.DeepEqual(d, want) {
		c.Errorf("event %d %s:\n got %s\nwant %s", e.ID, e.Type, e.Details, encode(c.T, want))
	}
}

// expect gives the details that an event of this type must have here. Output and
// parameters are compared as JSON: what they say counts, and equal is the text that
// came.
func (c *checker) expect(kind string, got details) (key string, want details) {
	whole := &truncated{}
	switch {
	case kind == "ExecutionStarted":
		role := roleOf(c.played.machine)
		return "executionStartedEventDetails", details{Input: c.data, InputDetails: whole, RoleARN: &role}
	case strings.HasSuffix(kind, "StateEntered"):
		c.state = deref(got.Name)
		if c.data == nil {
			c.data = got.Input
		}
		return "stateEnteredEventDetails", details{Name: &c.state, Input: c.data, InputDetails: whole}
	case strings.HasSuffix(kind, "StateExited"):
		if kind == "MapStateExited" {
			c.moment = c.mapped
		}
		c.data = got.Output
		return "stateExitedEventDetails", details{Name: &c.state, Output: c.data, OutputDetails: whole}
	case kind == "MapStateStarted":
		c.mapped = c.moment
		return "mapStateStartedEventDetails", details{Length: got.Length}
	case kind == "MapIterationStarted":
		c.moment = moment{state: c.mapped.state}
		return "mapIterationStartedEventDetails", details{Name: &c.mapped.state, Index: got.Index}
	case kind == "MapIterationSucceeded":
		return "mapIterationSucceededEventDetails", details{Name: &c.mapped.state, Index: got.Index}
	case kind == "MapStateSucceeded":
		return "", details{}
	case kind == "ExecutionSucceeded":
		output := c.same(deref(got.Output), c.played.runs[c.run].Expect.Output)
		if output != deref(c.data) {
			c.Errorf("ExecutionSucceeded: output %s, but the last state left %s", output, deref(c.data))
		}
		return "executionSucceededEventDetails", details{Output: &output, OutputDetails: whole}
	case kind == "ExecutionFailed":
		x := c.played.runs[c.run].Expect
		return "executionFailedEventDetails", details{Error: &x.Error, Cause: &x.Cause}
	case kind == "ExecutionRedriven":
		if c.run++; c.run == len(c.played.runs) {
			c.Fatal("ExecutionRedriven: one redrive more than the case has")
		}
		c.tried = map[string]int{}
		return "executionRedrivenEventDetails", details{RedriveCount: &c.run}
	}
	return c.task(kind, got)
}

func (c *checker) task(kind string, got details) (key string, want details) {
	s := c.machine.States[c.state]
	if s == nil {
		c.Errorf("%s: in state %q, which the machine does not have", kind, c.state)
		return "", got
	}
	// An action of the SDK has a service of two parts: aws-sdk:sfn.
	resource := strings.TrimPrefix(s.Resource, "arn:aws:states:::")
	last := strings.LastIndexByte(resource, ':')
	service, action := resource[:last], resource[last+1:]
	want = details{ResourceType: &service, Resource: &action}
	if kind == "TaskScheduled" {
		c.attempt = c.tried[c.state]
		c.tried[c.state]++
	}
	attempts, n := c.played.runs[c.run].Tasks[c.state], c.attempt
	if n >= len(attempts) {
		c.Errorf("%s: attempt %d is not in the case", c.state, n+1)
		return "", got
	}
	a := attempts[n]
	switch kind {
	case "TaskScheduled":
		region := region
		parameters := c.same(deref(got.Parameters), c.parameters(service, a))
		want.Region, want.Parameters, want.TimeoutInSeconds = &region, &parameters, &s.TimeoutSeconds
		return "taskScheduledEventDetails", want
	case "TaskStarted":
		return "taskStartedEventDetails", want
	case "TaskSucceeded":
		output := deref(got.Output)
		c.carries(service, output, a)
		want.Output, want.OutputDetails = &output, &truncated{}
		return "taskSucceededEventDetails", want
	case "TaskFailed":
		failure, cause := a.failure(), a.cause()
		want.Error, want.Cause = &failure, &cause
		return "taskFailedEventDetails", want
	case "TaskTimedOut":
		failure := a.failure()
		want.Error = &failure
		return "taskTimedOutEventDetails", want
	}
	c.Errorf("%s: no rule for this type", kind)
	return "", got
}

// parameters are the Arguments as evaluated: what the task was given, and for a
// function its name around it.
func (c *checker) parameters(service string, a attempt) json.RawMessage {
	given := c.played.fill(a.Given)
	if service != "lambda" {
		return given
	}
	return encode(c.T, map[string]any{"FunctionName": functionOf(c.state), "Payload": given})
}

// carries checks that a task's output is the scripted result, for a function as
// Payload of the Lambda API's answer.
func (c *checker) carries(service, output string, a attempt) {
	c.Helper()
	if service != "lambda" {
		c.same(output, a.Result)
		return
	}
	var answer struct {
		Payload         json.RawMessage
		StatusCode      int
		ExecutedVersion string
	}
	if err := json.Unmarshal([]byte(output), &answer); err != nil {
		c.Errorf("%s: output %s: %v", c.state, output, err)
		return
	}
	c.same(string(answer.Payload), a.Result)
	if answer.StatusCode != 200 || answer.ExecutedVersion != "$LATEST" {
		c.Errorf("%s: output %s: want StatusCode 200 and ExecutedVersion $LATEST", c.state, output)
	}
}

// same gives got when it says what want says, so that a later comparison of texts
// passes; else it reports and gives want.
func (c *checker) same(got string, want json.RawMessage) string {
	c.Helper()
	var x, y any
	if err := json.Unmarshal([]byte(got), &x); err != nil {
		c.Errorf("%s: %q is not JSON: %v", c.state, got, err)
		return string(want)
	}
	if err := json.Unmarshal(want, &y); err != nil {
		c.Fatalf("%s: case: %q is not JSON: %v", c.state, want, err)
	}
	if !reflect.DeepEqual(x, y) {
		c.Errorf("%s:\n got %s\nwant %s", c.state, got, want)
		return string(want)
	}
	return got
}

func encode(t *testing.T, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
