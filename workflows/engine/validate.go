package engine

import "context"

// maxDiagnostics bounds the answer of ValidateStateMachineDefinition, and is its
// default (API Reference).
const maxDiagnostics = 100

// ValidateStateMachineDefinition says what is wrong with a definition: with nothing
// wrong, CreateStateMachine takes it. There are no warnings here.
func (e *Engine) ValidateStateMachineDefinition(_ context.Context, in ValidateInput) (ValidateOutput, error) {
	if in.Type == "" {
		in.Type = Standard
	}
	if in.MaxResults == 0 {
		in.MaxResults = maxDiagnostics
	}
	_, problems, err := e.programs.examine(StateMachine{Type: in.Type, Definition: in.Definition})
	if err != nil {
		return ValidateOutput{}, within("validate definition", err)
	}
	out := ValidateOutput{Diagnostics: []Diagnostic{}}
	for _, problem := range problems {
		if len(out.Diagnostics) == in.MaxResults {
			out.Truncated = true
			break
		}
		out.Diagnostics = append(out.Diagnostics, Diagnostic{Code: problem.Code, Message: problem.Message, Location: problem.Location})
	}
	return out, nil
}
