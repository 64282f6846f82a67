package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// line is one event as a case writes it.
type line struct {
	id, previous int64
	at           *int64 // milliseconds since the beginning, nil: as the event before
	kind         string
	subject      string
	details      map[string]json.RawMessage
}

var head = regexp.MustCompile(`^(\d+) (\d+) (?:\+(\d+) )?([A-Z][A-Za-z]+)(?: (.+))?$`)

// UnmarshalJSON reads ["<id> <previous id> [+<ms>] <type> [<subject>]", {details}].
func (l *line) UnmarshalJSON(raw []byte) error {
	var parts []json.RawMessage
	var text string
	if err := json.Unmarshal(raw, &parts); err != nil || len(parts) < 1 || len(parts) > 2 {
		return fmt.Errorf("event %s: want [head] or [head, details]", raw)
	}
	if err := json.Unmarshal(parts[0], &text); err != nil {
		return fmt.Errorf("event %s: %w", raw, err)
	}
	found := head.FindStringSubmatch(text)
	if found == nil {
		return fmt.Errorf("event %q: want id, previous id, time where it changes, type and subject", text)
	}
	l.id, _ = strconv.ParseInt(found[1], 10, 64) // digits, by the pattern
	l.previous, _ = strconv.ParseInt(found[2], 10, 64)
	if found[3] != "" {
		at, _ := strconv.ParseInt(found[3], 10, 64)
		l.at = &at
	}
	l.kind, l.subject = found[4], found[5]
	if len(parts) == 2 {
		return json.Unmarshal(parts[1], &l.details)
	}
	return nil
}

// withoutDetails are the types that have none (API Reference, HistoryEvent); those of
// all others are there even if they are empty.
var withoutDetails = []string{
	"LambdaFunctionStarted",
	"ParallelStateStarted", "ParallelStateSucceeded", "ParallelStateFailed", "ParallelStateAborted",
	"MapStateSucceeded", "MapStateFailed", "MapStateAborted",
	"TaskStateAborted", "WaitStateAborted", "PassStateAborted",
}

func detailsKey(kind string) string {
	switch {
	case slices.Contains(withoutDetails, kind):
		return ""
	case strings.HasSuffix(kind, "StateEntered"):
		return "stateEnteredEventDetails"
	case strings.HasSuffix(kind, "StateExited"):
		return "stateExitedEventDetails"
	}
	return strings.ToLower(kind[:1]) + kind[1:] + "EventDetails"
}

// event is the line as the API writes it, of an execution of the machine, at the given
// time in milliseconds since the epoch.
func (l line) event(machine string, at int64) (map[string]any, error) {
	out := map[string]any{
		"id": float64(l.id), "previousEventId": float64(l.previous), "timestamp": float64(at) / 1000, "type": l.kind,
	}
	details := map[string]any{}
	for name, member := range l.details {
		value, err := wireMember(name, member)
		if err != nil {
			return nil, fmt.Errorf("event %d: %s: %w", l.id, name, err)
		}
		details[name] = value
	}
	l.imply(machine, details)
	if err := l.name(details); err != nil {
		return nil, fmt.Errorf("event %d: %w", l.id, err)
	}
	if key := detailsKey(l.kind); key != "" {
		out[key] = details
	} else if len(details) > 0 {
		return nil, fmt.Errorf("event %d: %s has no details", l.id, l.kind)
	}
	return out, nil
}

// wireMember is a member of details as the API writes it.
func wireMember(name string, member json.RawMessage) (any, error) {
	switch name {
	case "input", "output", "parameters":
		return string(member), nil
	case "cause":
		return textOf(member), nil
	case "assignedVariables":
		var variables map[string]json.RawMessage
		if err := json.Unmarshal(member, &variables); err != nil {
			return nil, err
		}
		texts := map[string]any{}
		for variable, value := range variables {
			texts[variable] = string(value)
		}
		return texts, nil
	}
	var value any
	err := json.Unmarshal(member, &value)
	return value, err
}

// imply adds the members that a case need not write.
func (l line) imply(machine string, details map[string]any) {
	for _, name := range []string{"input", "output", "assignedVariables"} {
		if _, ok := details[name]; ok && details[name+"Details"] == nil {
			details[name+"Details"] = map[string]any{"truncated": false}
		}
	}
	switch l.kind {
	case "ExecutionStarted":
		if _, ok := details["roleArn"]; !ok {
			details["roleArn"] = rolesARN + machine
		}
	case "TaskScheduled":
		details["region"] = enginetest.Region
	}
}

var iteration = regexp.MustCompile(`^(.+)\[(\d+)\]$`)

// name puts the subject where the type has it.
func (l line) name(details map[string]any) error {
	switch {
	case strings.HasSuffix(l.kind, "StateEntered"), strings.HasSuffix(l.kind, "StateExited"):
		details["name"] = l.subject
	case l.kind == "EvaluationFailed":
		details["state"] = l.subject
	case strings.HasPrefix(l.kind, "MapIteration"):
		found := iteration.FindStringSubmatch(l.subject)
		if found == nil {
			return fmt.Errorf("subject %q: want state[index]", l.subject)
		}
		index, _ := strconv.Atoi(found[2])
		details["name"], details["index"] = found[1], float64(index)
	case strings.HasPrefix(l.kind, "Task") && detailsKey(l.kind) != "":
		service, action, ok := strings.Cut(l.subject, ":")
		if !ok {
			return fmt.Errorf("subject %q: want service:action", l.subject)
		}
		// aws-sdk:sfn:startExecution is the action startExecution of aws-sdk:sfn.
		if rest, last, more := cutLast(l.subject); more {
			service, action = rest, last
		}
		details["resourceType"], details["resource"] = service, action
	case l.subject != "":
		return fmt.Errorf("subject %q: %s has none", l.subject, l.kind)
	}
	if details["name"] == "" || details["state"] == "" {
		return fmt.Errorf("%s: the subject is missing", l.kind)
	}
	return nil
}

func cutLast(subject string) (rest, last string, more bool) {
	if service, found := strings.CutPrefix(subject, "aws-sdk:"); found {
		name, action, ok := strings.Cut(service, ":")
		return "aws-sdk:" + name, action, ok
	}
	return "", "", false
}

// compact writes a value in one line for a message, its long texts cut.
func compact(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(shorten(value)) // maps, slices and texts always encode
	return strings.TrimSpace(out.String())
}

const longest = 2000

func shorten(value any) any {
	switch v := value.(type) {
	case string:
		if len(v) > longest {
			return fmt.Sprintf("%s… (%d bytes)", v[:longest/4], len(v))
		}
	case map[string]any:
		out := map[string]any{}
		for key, member := range v {
			out[key] = shorten(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = shorten(item)
		}
		return out
	}
	return value
}

func TestLine_WritesWhatTheAPIWrites(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{
			`["1 0 +5 ExecutionStarted",{"input":{"b":1,"a":2}}]`,
			`{"executionStartedEventDetails":{"input":"{\"b\":1,\"a\":2}","inputDetails":{"truncated":false},"roleArn":"arn:aws:iam::000000000000:role/main"},"id":1,"previousEventId":0,"timestamp":0.005,"type":"ExecutionStarted"}`,
		},
		{
			`["3 2 TaskStateExited A b",{"output":"t","assignedVariables":{"v":"t","n":[1]}}]`,
			`{"id":3,"previousEventId":2,"stateExitedEventDetails":{"assignedVariables":{"n":"[1]","v":"\"t\""},"assignedVariablesDetails":{"truncated":false},"name":"A b","output":"\"t\"","outputDetails":{"truncated":false}},"timestamp":0.005,"type":"TaskStateExited"}`,
		},
		{
			`["3 2 TaskFailed aws-sdk:sfn:startExecution",{"error":"E","cause":{"a":1}}]`,
			`{"id":3,"previousEventId":2,"taskFailedEventDetails":{"cause":"{\"a\":1}","error":"E","resource":"startExecution","resourceType":"aws-sdk:sfn"},"timestamp":0.005,"type":"TaskFailed"}`,
		},
		{
			`["3 2 MapIterationStarted M[7]"]`,
			`{"id":3,"mapIterationStartedEventDetails":{"index":7,"name":"M"},"previousEventId":2,"timestamp":0.005,"type":"MapIterationStarted"}`,
		},
		{`["3 2 TaskStateAborted"]`, `{"id":3,"previousEventId":2,"timestamp":0.005,"type":"TaskStateAborted"}`},
		{`["3 0 ExecutionAborted"]`, `{"executionAbortedEventDetails":{},"id":3,"previousEventId":0,"timestamp":0.005,"type":"ExecutionAborted"}`},
	} {
		var l line
		if err := l.UnmarshalJSON([]byte(c.text)); err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		event, err := l.event("main", 5)
		if got := compact(event); err != nil || got != c.want {
			t.Errorf("%s: %v\n got %s\nwant %s", c.text, err, got, c.want)
		}
	}
	for _, text := range []string{`["3 2 PassStateEntered"]`, `["3 2 TaskStarted lambda"]`, `["3 2 MapIterationStarted M"]`, `["3 2 ExecutionFailed A"]`, `["3 2 TaskStateAborted",{"a":1}]`} {
		var l line
		if err := l.UnmarshalJSON([]byte(text)); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if event, err := l.event("main", 5); err == nil {
			t.Errorf("%s: taken as %s", text, compact(event))
		}
	}
}
