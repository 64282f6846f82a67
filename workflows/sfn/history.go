package sfn

import (
	"context"
	"encoding/json"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

func (h *Handler) getExecutionHistory(ctx context.Context, r *request) (any, error) {
	in := engine.HistoryInput{
		ExecutionARN:         r.required("executionArn", arnMember()...),
		MaxResults:           pageSize(r),
		NextToken:            pageToken(r, 1024),
		ReverseOrder:         r.boolean("reverseOrder", false),
		IncludeExecutionData: r.boolean("includeExecutionData", true),
	}
	if err := r.err(); err != nil {
		return nil, err
	}
	page, err := h.engine.GetExecutionHistory(ctx, in)
	if err != nil {
		return nil, err
	}
	out := struct {
		Events    []event `json:"events"`
		NextToken string  `json:"nextToken,omitempty"`
	}{make([]event, len(page.Events)), page.NextToken}
	for i, e := range page.Events {
		out.Events[i] = event(e)
	}
	return out, nil
}

// event is a history event on the wire: the engine keeps its details in the
// service's form already, under a member that depends on the type.
type event engine.Event

// MarshalJSON writes the event with its details under DetailsKey.
func (e event) MarshalJSON() ([]byte, error) {
	members := map[string]any{
		"__type": markerOf("HistoryEvent"),
		"id":     e.ID, "previousEventId": e.PreviousID, "timestamp": timestamp(e.Timestamp), "type": e.Type,
	}
	if e.Details != nil {
		members[e.DetailsKey] = e.Details
	}
	return json.Marshal(members)
}
