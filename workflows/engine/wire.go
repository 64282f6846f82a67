package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// slate is where the details of events are written that are told at a time. A document
// that it holds is not written again but copied: an output is mostly told as such, as
// the next state's input, and again.
type slate struct {
	text   []byte
	number uint64 // another one whenever it was wiped
}

// slateSize is the length of text from which a slate is wiped.
const slateSize = 64 << 10

var slates = sync.Pool{New: func() any { return new(slate) }}

// newSlate gives an empty one; it goes back to slates when its text is used no more.
func newSlate() *slate {
	s, _ := slates.Get().(*slate)
	s.wipe()
	return s
}

func (s *slate) wipe() { s.text, s.number = s.text[:0], s.number+1 }

// wire turns a recorded event into AWS's form, the keys of its details in AWS's
// order. Without data the inputs, outputs and parameters are left out. The details
// stand on the slate until the next call.
func (ev *event) wire(s *slate, region string, data bool) Event {
	out := Event{
		ID:         ev.id,
		PreviousID: ev.prev,
		Timestamp:  ev.at,
		Type:       string(ev.kind),
		DetailsKey: detailsKey(string(ev.kind)),
	}
	if out.DetailsKey != "" {
		if len(s.text) > slateSize {
			s.wipe()
		}
		start := len(s.text)
		ev.details(s, region, data)
		out.Details = s.text[start:len(s.text):len(s.text)]
	}
	return out
}

// stored is the event in AWS's form with what only the engine needs of it.
func (ev *event) stored(s *slate, region string) Event {
	out := ev.wire(s, region, true)
	out.Details = bytes.Clone(out.Details)
	out.Private = ev.private()
	return out
}

// detailsKeys are the members of AWS's HistoryEvent for the types that do not share
// theirs.
var detailsKeys = func() map[string]string {
	keys := map[string]string{}
	for _, kind := range []eventType{
		executionStarted, executionSucceeded, executionFailed, executionAborted, executionTimedOut, executionRedriven,
		taskScheduled, taskStarted, taskSucceeded, taskSubmitted, taskFailed, taskTimedOut, evaluationFailed,
		lambdaFunctionScheduled, lambdaFunctionSucceeded, lambdaFunctionFailed, lambdaFunctionTimedOut,
		mapStateStarted, mapIterationStarted, mapIterationSucceeded, mapIterationFailed, mapIterationAborted,
	} {
		keys[string(kind)] = strings.ToLower(string(kind[:1])) + string(kind[1:]) + "EventDetails"
	}
	return keys
}()

// detailsKey names the member of AWS's HistoryEvent that holds the details of a
// type; empty: it has none. All entered events share one, all exited events another.
func detailsKey(kind string) string {
	switch {
	case strings.HasSuffix(kind, "StateEntered"):
		return "stateEnteredEventDetails"
	case strings.HasSuffix(kind, "StateExited"):
		return "stateExitedEventDetails"
	}
	return detailsKeys[kind]
}

// fields writes the members of a details object one after the other.
type fields struct {
	*slate
	start int // of the object
	data  bool
}

func (f *fields) key(name string) {
	if len(f.text) > f.start+1 {
		f.text = append(f.text, ',')
	}
	f.text = append(append(append(f.text, '"'), name...), '"', ':')
}

func (f *fields) string(name, value string) {
	f.key(name)
	f.text = asl.AppendString(f.text, value)
}

func (f *fields) quoted(name string, doc *document) {
	f.key(name)
	doc.quote(f.slate)
}

func (f *fields) optional(name string, value *string) {
	if value != nil {
		f.string(name, *value)
	}
}

func (f *fields) int(name string, value int64) {
	f.key(name)
	f.text = strconv.AppendInt(f.text, value, 10)
}

// payload writes an input or output and its truncated mark, which never says
// true: what is too long fails the state instead.
func (f *fields) payload(name string, doc *document) {
	if f.data {
		f.quoted(name, doc)
		f.key(name + "Details")
		f.text = append(f.text, `{"truncated":false}`...)
	}
}

func (ev *event) details(s *slate, region string, data bool) {
	f := fields{slate: s, start: len(s.text), data: data}
	f.text = append(f.text, '{')
	resourceType, action := splitResource(ev.resource)
	switch ev.kind {
	case executionStarted:
		f.payload("input", ev.data)
		f.string("roleArn", ev.roleARN)
	case executionSucceeded:
		f.payload("output", ev.data)
	case executionFailed, executionAborted, executionTimedOut:
		f.optional("error", ev.err)
		f.optional("cause", ev.cause)
	case executionRedriven:
		f.int("redriveCount", int64(ev.redrives))
	case taskScheduled:
		f.string("resourceType", resourceType)
		f.string("resource", action)
		f.string("region", region)
		if data {
			f.quoted("parameters", ev.data)
		}
		if ev.timeout > 0 {
			f.int("timeoutInSeconds", ev.timeout)
		}
		if ev.beat > 0 {
			f.int("heartbeatInSeconds", ev.beat)
		}
	case taskStarted:
		f.string("resourceType", resourceType)
		f.string("resource", action)
	case taskSucceeded, taskSubmitted:
		f.string("resourceType", resourceType)
		f.string("resource", action)
		f.payload("output", ev.data)
	case taskFailed, taskTimedOut:
		f.string("resourceType", resourceType)
		f.string("resource", action)
		f.optional("error", ev.err)
		f.optional("cause", ev.cause)
	case lambdaFunctionScheduled:
		f.string("resource", ev.resource)
		f.payload("input", ev.data)
		if ev.timeout > 0 {
			f.int("timeoutInSeconds", ev.timeout)
		}
	case lambdaFunctionSucceeded:
		f.payload("output", ev.data)
	case lambdaFunctionFailed, lambdaFunctionTimedOut:
		f.optional("error", ev.err)
		f.optional("cause", ev.cause)
	case mapStateStarted:
		f.int("length", int64(len(ev.items)))
	case mapIterationStarted, mapIterationSucceeded, mapIterationFailed, mapIterationAborted:
		f.string("name", ev.name)
		f.int("index", int64(ev.index))
	case evaluationFailed:
		f.optional("error", ev.err)
		f.optional("cause", ev.cause)
		if ev.location != "" {
			f.string("location", ev.location)
		}
		f.string("state", ev.name)
	case failStateEntered, taskStateEntered, choiceStateEntered, passStateEntered, waitStateEntered, succeedStateEntered,
		parallelStateEntered, mapStateEntered:
		f.string("name", ev.name)
		f.payload("input", ev.data)
	default: // the exited events
		f.string("name", ev.name)
		f.payload("output", ev.data)
		if ev.assigned != nil && data {
			f.variables(ev.assigned)
		}
	}
	f.text = append(f.text, '}')
}

// variables writes assignedVariables: each variable's name and its JSON text.
func (f *fields) variables(assigned *asl.Object) {
	f.key("assignedVariables")
	f.text = append(f.text, '{')
	for i := range assigned.Len() {
		if i > 0 {
			f.text = append(f.text, ',')
		}
		name, value := assigned.At(i)
		f.text = append(asl.AppendString(f.text, name), ':')
		f.text = asl.AppendQuoted(f.text, value)
	}
	f.text = append(f.text, '}')
	f.key("assignedVariablesDetails")
	f.text = append(f.text, `{"truncated":false}`...)
}

// withoutData takes inputs, outputs, parameters and variables out of details, as
// GetExecutionHistory does without includeExecutionData. Error and cause stay.
func withoutData(details json.RawMessage) (json.RawMessage, error) {
	if len(details) == 0 {
		return nil, nil
	}
	var members asl.Object
	value, err := asl.ParseJSON(details)
	if err != nil {
		return nil, fmt.Errorf("read event details: %w", err)
	}
	object, ok := value.(*asl.Object)
	if !ok {
		return details, nil
	}
	for key, member := range object.All() {
		switch key {
		case "input", "inputDetails", "output", "outputDetails", "parameters", "assignedVariables", "assignedVariablesDetails":
		default:
			members.Set(key, member)
		}
	}
	return asl.AppendJSON(nil, &members), nil
}

// recorded is every member that the core needs of any stored event.
type recorded struct {
	Name              string            `json:"name"`
	State             string            `json:"state"`
	RoleARN           string            `json:"roleArn"`
	Input             *string           `json:"input"`
	Output            *string           `json:"output"`
	Parameters        *string           `json:"parameters"`
	ResourceType      string            `json:"resourceType"`
	Resource          string            `json:"resource"`
	Timeout           int64             `json:"timeoutInSeconds"`
	Error             *string           `json:"error"`
	Cause             *string           `json:"cause"`
	Location          string            `json:"location"`
	RedriveCount      int               `json:"redriveCount"`
	AssignedVariables map[string]string `json:"assignedVariables"`
	Index             int               `json:"index"`
}

// unwire reads a stored event back.
func unwire(stored Event) (event, error) {
	var d recorded
	if len(stored.Details) > 0 {
		if err := json.Unmarshal(stored.Details, &d); err != nil {
			return event{}, fmt.Errorf("read event %d: %w", stored.ID, err)
		}
	}
	ev := event{
		id: stored.ID, prev: stored.PreviousID, at: stored.Timestamp, kind: eventType(stored.Type),
		name: d.Name, timeout: d.Timeout, err: d.Error, cause: d.Cause,
		location: d.Location, roleARN: d.RoleARN, redrives: d.RedriveCount, index: d.Index,
	}
	if ev.kind == evaluationFailed {
		ev.name = d.State
	}
	if d.ResourceType != "" {
		ev.resource = resourcePrefix + d.ResourceType + ":" + d.Resource
	}
	for _, text := range []*string{d.Input, d.Output, d.Parameters} {
		if text == nil {
			continue
		}
		doc, err := parseDocument(*text)
		if err != nil {
			return event{}, fmt.Errorf("read event %d: %w", stored.ID, err)
		}
		ev.data = doc
	}
	if len(d.AssignedVariables) > 0 {
		ev.assigned = asl.NewObject(len(d.AssignedVariables))
		for name, text := range d.AssignedVariables {
			value, err := asl.ParseJSON(text)
			if err != nil {
				return event{}, fmt.Errorf("read event %d: variable %s: %w", stored.ID, name, err)
			}
			ev.assigned.Set(name, value)
		}
	}
	if err := ev.recall(stored.Private); err != nil {
		return event{}, fmt.Errorf("read event %d: %w", stored.ID, err)
	}
	return ev, nil
}
