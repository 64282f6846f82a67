package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/workflows/engine"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

// sequence writes a history as ids, previous ids and types, with the state's or
// iteration's name.
func sequence(events []engine.Event) string {
	var b strings.Builder
	for _, event := range events {
		fmt.Fprintf(&b, "%d p%d %s %s\n", event.ID, event.PreviousID, event.Type, enginetest.Member(event, "name"))
	}
	return b.String()
}

// sameSequence compares line by line, whatever the indentation of want.
func sameSequence(t *testing.T, events []engine.Event, want string) {
	t.Helper()
	got := strings.Split(strings.TrimSpace(sequence(events)), "\n")
	lines := strings.Split(strings.TrimSpace(want), "\n")
	for i := range max(len(got), len(lines)) {
		g, w := "(none)", "(none)"
		if i < len(got) {
			g = strings.TrimSpace(got[i])
		}
		if i < len(lines) {
			w = strings.TrimSpace(lines[i])
		}
		if g != w {
			t.Errorf("line %d: got %s, want %s", i+1, g, w)
		}
	}
}

// Branches take turns, a state each, in the order in which they left the last one
// (recording stackd dataflow_execution, jsonata-nested-scope, 2026-09).
func TestHistory_BranchesTakeTurns(t *testing.T) {
	t.Parallel()
	out := enginetest.Play(t, enginetest.Scenario{Type: engine.Standard, Input: `{}`, Definition: states(`
		"A": {"Type": "Choice", "Choices": [{"Condition": true, "Next": "Initialize"}]},
		"Initialize": {"Type": "Pass", "Assign": {"outer": 5, "x": 1}, "Next": "Swap"},
		"Swap": {"Type": "Pass", "Assign": {"x": 2, "oldX": "{% $x %}"}, "Next": "Scope"},
		"Scope": {"Type": "Parallel", "Next": "Map", "Branches": [
			{"StartAt": "LeftAssign", "States": {
				"LeftAssign": {"Type": "Pass", "Assign": {"local": "{% $outer + 10 %}"}, "Next": "LeftNested"},
				"LeftNested": {"Type": "Parallel", "Output": "{% $states.result[0] %}", "End": true, "Branches": [
					{"StartAt": "DeepRead", "States": {"DeepRead": {"Type": "Pass", "Output": "{% $local %}", "End": true}}}]}}},
			{"StartAt": "RightAssign", "States": {
				"RightAssign": {"Type": "Pass", "Assign": {"local": "{% $outer + 20 %}"}, "Next": "RightOutput"},
				"RightOutput": {"Type": "Pass", "Output": "{% $local %}", "End": true}}}]},
		"Map": {"Type": "Map", "Items": [1, 2, 3], "MaxConcurrency": 2, "Next": "Z", "ItemProcessor": {"StartAt": "IterationAssign", "States": {
			"IterationAssign": {"Type": "Pass", "Assign": {"itemLocal": "{% $states.context.Map.Item.Value + $outer %}"}, "Next": "IterationOutput"},
			"IterationOutput": {"Type": "Pass", "Output": "{% $itemLocal %}", "End": true}}}},
		"Z": {"Type": "Succeed"}`)})
	if out.Output != `[6,7,8]` {
		t.Errorf("output: got %s", out.Output)
	}
	sameSequence(t, out.Events, `
		1 p0 ExecutionStarted
		2 p0 ChoiceStateEntered A
		3 p2 ChoiceStateExited A
		4 p3 PassStateEntered Initialize
		5 p4 PassStateExited Initialize
		6 p5 PassStateEntered Swap
		7 p6 PassStateExited Swap
		8 p7 ParallelStateEntered Scope
		9 p8 ParallelStateStarted
		10 p9 PassStateEntered LeftAssign
		11 p10 PassStateExited LeftAssign
		12 p9 PassStateEntered RightAssign
		13 p12 PassStateExited RightAssign
		14 p11 ParallelStateEntered LeftNested
		15 p14 ParallelStateStarted
		16 p13 PassStateEntered RightOutput
		17 p16 PassStateExited RightOutput
		18 p15 PassStateEntered DeepRead
		19 p18 PassStateExited DeepRead
		20 p19 ParallelStateSucceeded
		21 p19 ParallelStateExited LeftNested
		22 p21 ParallelStateSucceeded
		23 p21 ParallelStateExited Scope
		24 p23 MapStateEntered Map
		25 p24 MapStateStarted
		26 p25 MapIterationStarted Map
		27 p25 MapIterationStarted Map
		28 p26 PassStateEntered IterationAssign
		29 p28 PassStateExited IterationAssign
		30 p27 PassStateEntered IterationAssign
		31 p30 PassStateExited IterationAssign
		32 p29 PassStateEntered IterationOutput
		33 p32 PassStateExited IterationOutput
		34 p33 MapIterationSucceeded Map
		35 p33 MapIterationStarted Map
		36 p31 PassStateEntered IterationOutput
		37 p36 PassStateExited IterationOutput
		38 p37 MapIterationSucceeded Map
		39 p35 PassStateEntered IterationAssign
		40 p39 PassStateExited IterationAssign
		41 p40 PassStateEntered IterationOutput
		42 p41 PassStateExited IterationOutput
		43 p42 MapIterationSucceeded Map
		44 p43 MapStateSucceeded
		45 p43 MapStateExited Map
		46 p45 SucceedStateEntered Z
		47 p46 SucceedStateExited Z
		48 p47 ExecutionSucceeded`)
}
