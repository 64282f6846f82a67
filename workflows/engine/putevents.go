package engine

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// EventBus takes the events that machines put. It is called at least once for each
// task: a repeated one has the same ids.
type EventBus interface {
	// PutEvents answers one result for each entry. An error says that the call
	// failed and nothing is known of the entries.
	PutEvents(ctx context.Context, entries []EventEntry) ([]EventResult, error)
}

// EventEntry is an event of a machine, in the form in which EventBridge delivers it.
type EventEntry struct {
	ID         string
	Bus        string // as the machine names it, "default" when it names none
	Source     string
	DetailType string
	Body       json.RawMessage // the whole event
}

// EventResult is what became of an entry. ErrorCode empty: it was taken.
type EventResult struct {
	ErrorCode    string
	ErrorMessage string
}

// The bounds of a PutEvents call (API Reference; User Guide, "Calculating PutEvents
// event entry size").
const (
	maxEntries   = 10
	maxEntrySize = 256 * 1024
	timeSize     = 14
)

// putEvents is arn:aws:states:::events:putEvents. It holds the entries against the
// rules of EventBridge; the bus gets the good ones.
type putEvents struct {
	*arguments
	engine *Engine
}

func newPutEvents(e *Engine) putEvents {
	return putEvents{engine: e, arguments: &arguments{{name: "Entries", kind: listArgument, required: true, items: &arguments{
		{name: "Time", kind: timeArgument},
		{name: "Source", kind: textArgument},
		{name: "Resources", kind: textListArgument},
		{name: "DetailType", kind: textArgument},
		{name: "Detail"},
		{name: "EventBusName", kind: textArgument},
	}}}}
}

// Run implements Integration. One refused entry fails the task; the others are
// delivered all the same (recording).
func (p putEvents) Run(ctx context.Context, task TaskCall) (any, error) {
	value, _ := members(task.Arguments).Get("Entries")
	list, _ := value.([]any)
	entries := make([]putEntry, len(list))
	size := 0
	for i, item := range list {
		entries[i] = p.read(task, i, members(item))
		size += entries[i].size
	}
	var invalid *APIError
	switch {
	case len(list) == 0:
		invalid = invalidValue("Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1")
	case len(list) > maxEntries:
		invalid = invalidValue("Value at 'entries' failed to satisfy constraint: Member must have length less than or equal to %d", maxEntries)
	case size > maxEntrySize:
		invalid = refuse("ValidationException", "Total size of the entries in the request is over the limit.")
	}
	if invalid != nil {
		return nil, p.fail(invalid)
	}
	if err := p.put(context.WithValue(ctx, taskKey{}, task), entries); err != nil {
		return nil, &TaskError{Name: "EventBridge.SdkClientException", Cause: err.Error()}
	}
	return p.result(entries)
}

func (p putEvents) fail(refused *APIError) error {
	return &TaskError{
		Name: "EventBridge.AmazonEventBridgeException",
		Cause: refused.Message + " (Service: AmazonEventBridge; Status Code: 400; Error Code: " + refused.Type +
			"; Request ID: " + p.engine.config.NewID() + "; Proxy: null)",
	}
}

// putEntry is an entry and what becomes of it.
type putEntry struct {
	event  EventEntry
	result EventResult
	size   int
}

// put hands the good entries to the bus.
func (p putEvents) put(ctx context.Context, entries []putEntry) error {
	var good []EventEntry
	var places []int
	for i := range entries {
		if entries[i].result.ErrorCode == "" {
			good, places = append(good, entries[i].event), append(places, i)
		}
	}
	if len(good) == 0 {
		return nil
	}
	results, err := p.engine.config.Events.PutEvents(ctx, good)
	if err != nil {
		return err
	}
	if len(results) != len(good) {
		return errors.New("the bus answered " + strconv.Itoa(len(results)) + " results for " + strconv.Itoa(len(good)) + " entries")
	}
	for i, place := range places {
		entries[place].result = results[i]
	}
	return nil
}

// result is the task's result or, with a failed entry, its failure.
func (p putEvents) result(entries []putEntry) (any, error) {
	failed := 0
	list := make([]any, len(entries))
	for i, entry := range entries {
		item := asl.NewObject(2)
		if entry.result.ErrorCode != "" {
			failed++
			item.Set("ErrorCode", entry.result.ErrorCode)
			item.Set("ErrorMessage", entry.result.ErrorMessage)
		} else {
			item.Set("EventId", entry.event.ID)
		}
		list[i] = item
	}
	out := asl.NewObject(2)
	out.Set("Entries", list)
	out.Set("FailedEntryCount", float64(failed))
	if failed > 0 {
		return nil, &TaskError{Name: "EventBridge.FailedEntry", Cause: string(asl.AppendJSON(nil, out))}
	}
	return out, nil
}

// read makes the event of an entry, or says why EventBridge does not take it.
func (p putEvents) read(task TaskCall, place int, entry *asl.Object) putEntry {
	var out putEntry
	out.event.Source, _ = stringMember(entry, "Source")
	out.event.DetailType, _ = stringMember(entry, "DetailType")
	out.event.Bus = "default"
	if bus, ok := stringMember(entry, "EventBusName"); ok && bus != "" {
		out.event.Bus = bus
	}
	detail, text := eventDetail(entry)
	out.size = len(out.event.Source) + len(out.event.DetailType) + len(text)
	at := p.engine.now()
	if given, ok := stringMember(entry, "Time"); ok {
		at, _ = time.Parse(time.RFC3339Nano, given) // a time argument
		out.size += timeSize
	}
	resources := []any{}
	if value, ok := entry.Get("Resources"); ok {
		given, _ := value.([]any)
		resources = append(resources, given...)
	}
	for _, resource := range resources {
		name, _ := resource.(string)
		out.size += len(name)
	}
	switch {
	case out.event.Source == "":
		out.result = missingMember("Source")
	case out.event.DetailType == "":
		out.result = missingMember("DetailType")
	case text == "":
		out.result = missingMember("Detail")
	case detail == nil:
		out.result = EventResult{"MalformedDetail", "Detail is malformed."}
	case strings.HasPrefix(out.event.Source, "aws."):
		out.result = EventResult{"NotAuthorizedForSource", "Not authorized for the source."}
	default:
		out.event.ID = p.engine.attemptID(task, "event "+strconv.Itoa(place))
		resources = append(resources, machineOf(task.ExecutionARN), task.ExecutionARN)
		out.event.Body = p.body(out.event, at, resources, detail)
	}
	return out
}

func missingMember(name string) EventResult {
	return EventResult{"InvalidArgument", "Parameter " + name + " is not valid. Reason: " + name + " is a required argument."}
}

// eventDetail answers the Detail of an entry and its text; nil when it is no JSON
// object. It may be given as the object or as its text.
func eventDetail(entry *asl.Object) (*asl.Object, string) {
	value, _ := entry.Get("Detail")
	if value == nil {
		return nil, ""
	}
	text, ok := value.(string)
	if !ok {
		object, _ := value.(*asl.Object)
		return object, string(asl.AppendJSON(nil, value))
	}
	read, err := asl.ParseJSON(text)
	if err != nil {
		return nil, text
	}
	object, _ := read.(*asl.Object)
	return object, text
}

// body is the event as EventBridge delivers it. Step Functions adds the machine and
// the execution to the resources (recording).
func (p putEvents) body(event EventEntry, at time.Time, resources []any, detail *asl.Object) json.RawMessage {
	out := asl.NewObject(9)
	out.Set("version", "0")
	out.Set("id", event.ID)
	out.Set("detail-type", event.DetailType)
	out.Set("source", event.Source)
	out.Set("account", p.engine.config.Account)
	out.Set("time", at.UTC().Format(time.RFC3339))
	out.Set("region", p.engine.config.Region)
	out.Set("resources", resources)
	out.Set("detail", detail)
	return asl.AppendJSON(nil, out)
}

// machineOf answers the ARN of an execution's machine.
func machineOf(executionARN string) string {
	parts := strings.Split(executionARN, ":")
	if len(parts) < 7 {
		return ""
	}
	parts[5] = "stateMachine"
	return strings.Join(parts[:7], ":")
}
