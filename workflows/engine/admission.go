package engine

import (
	"strconv"

	"github.com/alquimista-ai/nigredo/workflows/asl"
)

// codeSchema is AWS's code for a task that no integration takes.
const codeSchema = "SCHEMA_VALIDATION_FAILED"

// admitter is an Integration that takes some tasks only.
type admitter interface {
	// admit answers what is wrong with a task of a machine of that type. The
	// locations are those inside the state ("/Resource").
	admit(kind MachineType, state *asl.State) []asl.Problem
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
	integration, ok := a.integrationOf(state.Resource)
	if !ok {
		a.problems = append(a.problems, asl.Problem{
			Code: codeSchema,
			Message: "The resource provided " + state.Resource +
				" is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.",
			Location: location + "/Resource",
		})
		return
	}
	a.tasks[state.Resource] = integration
	if choosy, ok := integration.(admitter); ok {
		for _, problem := range choosy.admit(a.kind, state) {
			problem.Location = location + problem.Location
			a.problems = append(a.problems, problem)
		}
	}
}
