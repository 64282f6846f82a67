package engine

import (
	"encoding/json"
	"fmt"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// private is what AWS's events do not tell, though an execution cannot go on without
// it: which branch an event belongs to, where an exit leads other than to Next, what a Parallel
// or Map began with, and why it fails. An event that has none of it has no private.
type private struct {
	Path  string          `json:"path,omitempty"`
	Next  string          `json:"next,omitempty"`
	Items json.RawMessage `json:"items,omitempty"`
	Limit int             `json:"limit,omitempty"`
	Input *string         `json:"input,omitempty"` // as text: the caller's own is kept as it is
	Fails bool            `json:"fails,omitempty"`
	Error *string         `json:"error,omitempty"`
	Cause *string         `json:"cause,omitempty"`
}

func (ev *event) private() json.RawMessage {
	p := private{Path: ev.path, Limit: ev.limit}
	if ev.detour {
		p.Next = ev.next
	}
	switch ev.kind {
	case mapStateStarted:
		p.Items = asl.AppendJSON(nil, ev.items)
	case parallelStateStarted, mapIterationStarted:
		p.Input = ptr(ev.data.String())
	}
	if ev.failing != nil {
		p.Fails, p.Error, p.Cause = true, ev.failing.err, ev.failing.cause
	}
	if p.Path == "" && p.Next == "" && p.Items == nil && p.Input == nil && !p.Fails {
		return nil
	}
	text, err := json.Marshal(p)
	if err != nil { // strings, numbers and texts that asl wrote
		panic(err)
	}
	return text
}

// recall gives an event that was read back what its private holds.
func (ev *event) recall(text json.RawMessage) error {
	if len(text) == 0 {
		return nil
	}
	var p private
	if err := json.Unmarshal(text, &p); err != nil {
		return fmt.Errorf("private part: %w", err)
	}
	ev.path, ev.next, ev.limit = p.Path, p.Next, p.Limit
	ev.detour = p.Next != ""
	if p.Fails {
		ev.failing = &failure{err: p.Error, cause: p.Cause}
	}
	if p.Items != nil {
		value, err := asl.ParseJSON(p.Items)
		if err != nil {
			return fmt.Errorf("items: %w", err)
		}
		ev.items, _ = value.([]any)
	}
	if p.Input != nil {
		var err error
		if ev.data, err = parseDocument(*p.Input); err != nil {
			return fmt.Errorf("input: %w", err)
		}
	}
	return nil
}
