package enginetest

import (
	"bytes"
	"slices"
	"sync"

	"github.com/alquimista-ai/nigredo/workflows/asl"
	"github.com/alquimista-ai/nigredo/workflows/engine"
)

// Log is an engine.LogSink that keeps what it is given.
type Log struct {
	mu     sync.Mutex
	events map[string][]engine.Event
}

// Record implements engine.LogSink.
func (l *Log) Record(_ *engine.StateMachine, executionARN string, event engine.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.events == nil {
		l.events = map[string][]engine.Event{}
	}
	event.Details = bytes.Clone(event.Details)
	l.events[executionARN] = append(l.events[executionARN], event)
}

// Events are the events of one execution, in order.
func (l *Log) Events(executionARN string) []engine.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.events[executionARN])
}

// Member reads one text of an event's details; empty when there is none.
func Member(event engine.Event, key string) string {
	value, err := asl.ParseJSON(event.Details)
	if err != nil {
		return ""
	}
	details, ok := value.(*asl.Object)
	if !ok {
		return ""
	}
	member, _ := details.Get(key)
	text, _ := member.(string)
	return text
}
