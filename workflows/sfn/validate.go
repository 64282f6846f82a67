package sfn

import (
	"context"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

type diagnostic struct {
	Code     string `json:"code"`
	Location string `json:"location,omitempty"`
	Message  string `json:"message"`
	Severity string `json:"severity"`
}

// validateStateMachineDefinition answers errors only: the engine knows no warnings,
// so that the least severity asked for makes no difference.
func (h *Handler) validateStateMachineDefinition(ctx context.Context, r *request) (any, error) {
	in := engine.ValidateInput{
		Definition: r.demand("definition", r.secret("definition", definitionMember()...)),
		Type:       machineType(r),
		MaxResults: r.integer("maxResults", 0, 100),
	}
	r.text("severity", oneOf("ERROR", "WARNING"))
	if err := r.err(); err != nil {
		return nil, err
	}
	found, err := h.engine.ValidateStateMachineDefinition(ctx, in)
	if err != nil {
		return nil, err
	}
	out := struct {
		Diagnostics []diagnostic `json:"diagnostics"`
		Result      string       `json:"result"`
		Truncated   bool         `json:"truncated"`
	}{make([]diagnostic, len(found.Diagnostics)), "OK", found.Truncated}
	for i, d := range found.Diagnostics {
		out.Diagnostics[i] = diagnostic{d.Code, d.Location, d.Message, "ERROR"}
		out.Result = "FAIL"
	}
	return out, nil
}
