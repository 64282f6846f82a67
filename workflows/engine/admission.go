package engine

import (
	"strconv"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// codeSchema is AWS's code for a task that no integration takes.
const codeSchema = "SCHEMA_VALIDATION_FAILED"

// admitter is an Integration that takes some arguments only.
type admitter interface {
	// admit answers what is wrong with a task, as far as its definition says it. The
	// locations are those inside the state ("/Arguments").
	admit(state *asl.State) []asl.Problem
	// refuse says what is wrong with the arguments of a task that is about to be
	// scheduled; empty: nothing.
	refuse(arguments any) string
}

// admission holds the tasks of one definition against the integrations.
type admission struct {
	kind          MachineType
	integrationOf func(resource string) (Integration, bool)
	tasks         map[string]Integration // by Resource
	problems      []asl.Problem
}

// flow goes through the states of a machine, a branch or a processor, in the order
// of the definition.
func (a *admission) flow(at string, flow *asl.Flow) {
	for _, name := range flow.Order {
		state := flow.States[name]
		if state == nil {
			continue
		}
		location := at + "/States/" + name
		if state.Type == asl.Task {
			a.task(location, state)
		}
		for i, branch := range state.Branches {
			a.flow(location+"/Branches["+strconv.Itoa(i)+"]", branch)
		}
		if state.Processor != nil {
			a.flow(location+"/ItemProcessor", state.Processor)
		}
	}
}

func (a *admission) task(location string, state *asl.State) {
	if pattern := waitPattern(state.Resource); pattern != "" && a.kind == Express {
		a.report(location+"/Resource", "Express state machine does not support '"+pattern+"' service integration")
		return
	}
	integration, ok := a.integrationOf(state.Resource)
	if !ok {
		a.report(location+"/Resource", "The resource provided "+state.Resource+
			" is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.")
		return
	}
	a.tasks[state.Resource] = integration
	if choosy, ok := integration.(admitter); ok {
		for _, problem := range choosy.admit(state) {
			problem.Location = location + problem.Location
			a.problems = append(a.problems, problem)
		}
	}
}

func (a *admission) report(location, message string) {
	a.problems = append(a.problems, asl.Problem{Code: codeSchema, Message: message, Location: location})
}
