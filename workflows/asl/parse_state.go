package asl

import (
	"slices"
	"strings"
)

// stateFields are the members of each type in JSONata mode. Type, Comment and
// QueryLanguage are taken everywhere.
var stateFields = map[StateType][]string{
	Task:    {"Type", "Comment", "QueryLanguage", "Next", "End", "Resource", "Arguments", "Output", "Assign", "TimeoutSeconds", "HeartbeatSeconds", "Retry", "Catch"},
	Choice:  {"Type", "Comment", "QueryLanguage", "Choices", "Default", "Output", "Assign"},
	Pass:    {"Type", "Comment", "QueryLanguage", "Next", "End", "Output", "Assign"},
	Wait:    {"Type", "Comment", "QueryLanguage", "Next", "End", "Seconds", "Timestamp", "Output", "Assign"},
	Succeed: {"Type", "Comment", "QueryLanguage", "Output"},
	Fail:    {"Type", "Comment", "QueryLanguage", "Error", "Cause"},

	Parallel: {"Type", "Comment", "QueryLanguage", "Next", "End", "Branches", "Arguments", "Output", "Assign", "Retry", "Catch"},
	Map:      {"Type", "Comment", "QueryLanguage", "Next", "End", "Items", "ItemSelector", "ItemProcessor", "MaxConcurrency", "Output", "Assign", "Retry", "Catch"},
}

// stateTypes are the types, in AWS's order.
var stateTypes = []string{"Task", "Wait", "Pass", "Succeed", "Fail", "Choice", "Parallel", "Map"}

// readType reads Type, with the words that AWS has for this field alone.
func (d *definitionReader) readType(f fields) StateType {
	f.require("Type")
	text := f.text("Type")
	if value, set := f.object.Get("Type"); set && value == text && !slices.Contains(stateTypes, text) {
		d.report(codeSchema, f.at("Type"), "The field 'Type' should have one of these values: [%s]", strings.Join(stateTypes, ", "))
	}
	return StateType(text)
}

func (d *definitionReader) readState(name string, f fields, flow *Flow) *State {
	state := &State{Name: name, Path: f.path, Type: d.readType(f), Comment: f.text("Comment")}
	allowed, ok := stateFields[state.Type]
	if !ok {
		flow.unread = true
		return state
	}
	if language := f.oneOf("QueryLanguage", "JSONPath", "JSONata"); language == "JSONPath" {
		d.report(codeSchema, f.location(), "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
		flow.unread = true
		return state
	}
	f.allow(allowed...)
	d.readExit(f, state)

	at := place{result: state.Type == Task || state.Type == Parallel || state.Type == Map}
	state.Output = d.template(f, "Output", "Output", at)
	state.Assign = d.assign(f, "Assign", "Assign", at)
	switch state.Type {
	case Task:
		d.readTask(f, state)
	case Choice:
		d.readChoice(f, state)
	case Parallel:
		d.readParallel(f, state)
	case Map:
		d.readMap(f, state)
	case Wait:
		f.exactlyOne("SecondsPath", "Seconds", "TimestampPath", "Timestamp")
		state.Seconds = d.seconds(f, "Seconds", 0)
		state.Timestamp = d.timestamp(f, "Timestamp")
	case Fail:
		state.Error = d.textTemplate(f, "Error")
		state.Cause = d.textTemplate(f, "Cause")
	}
	return state
}

func (d *definitionReader) readExit(f fields, state *State) {
	switch state.Type {
	case Task, Pass, Wait, Parallel, Map:
		f.exactlyOne("Next", "End")
		state.Next, state.End = f.target("Next"), f.flag("End")
	}
}

func (d *definitionReader) readTask(f fields, state *State) {
	f.require("Resource")
	state.Resource = f.text("Resource")
	if value, set := f.object.Get("Resource"); set && value == state.Resource && !isARN(state.Resource) {
		d.report(codeSchema, f.at("Resource"), "Value is not a valid resource ARN")
	}
	state.Arguments = d.template(f, "Arguments", "Arguments", place{})
	state.TimeoutSeconds = d.seconds(f, "TimeoutSeconds", 1)
	state.HeartbeatSeconds = d.seconds(f, "HeartbeatSeconds", 1)
	if heartbeat, timeout := constantNumber(state.HeartbeatSeconds), constantNumber(state.TimeoutSeconds); heartbeat > 0 && timeout > 0 && heartbeat >= timeout {
		d.report(codeSchema, f.at("HeartbeatSeconds"), "HeartbeatSeconds must be smaller than TimeoutSeconds")
	}
	d.readErrors(f, state)
}

func (d *definitionReader) readErrors(f fields, state *State) {
	state.Retry = d.readRetry(f)
	state.Catch = d.readCatch(f)
}

// isARN checks the shape alone: which resources there are, the engine knows.
func isARN(s string) bool {
	parts := strings.SplitN(s, ":", 6)
	return len(parts) == 6 && parts[0] == "arn" && parts[1] != "" && parts[2] != "" && parts[5] != "" && !strings.ContainsAny(s, " \t\r\n")
}

func constantNumber(t *Template) float64 {
	if t == nil {
		return 0
	}
	number, _ := t.value.(float64)
	return number
}

// ruleSelectors are the ways to say when a rule matches; all but the last belong to
// JSONPath.
var ruleSelectors = []string{"And", "Or", "Not", "Variable", "Condition"}

func (d *definitionReader) readChoice(f fields, state *State) {
	f.require("Choices")
	if items, ok := f.object.Get("Choices"); ok {
		if list, ok := items.([]any); ok && len(list) == 0 {
			d.report(codeSchema, f.at("Choices"), "Value cannot be empty")
		}
	}
	for _, rule := range f.children("Choices") {
		rule.allow("Condition", "Next", "Output", "Assign", "Comment")
		rule.require("Next")
		if !slices.ContainsFunc(ruleSelectors, func(name string) bool { _, set := rule.object.Get(name); return set }) {
			d.report(codeSchema, rule.location(), "The object must have only one of the following fields, [%s]", strings.Join(ruleSelectors, ", "))
		}
		rule.text("Comment")
		prefix := strings.TrimPrefix(rule.path, f.path+"/") + "/"
		state.Choices = append(state.Choices, Rule{
			Condition: d.condition(rule, prefix+"Condition"),
			Next:      rule.target("Next"),
			Output:    d.template(rule, "Output", prefix+"Output", place{}),
			Assign:    d.assign(rule, "Assign", prefix+"Assign", place{}),
		})
	}
	state.Default = f.target("Default")
}
