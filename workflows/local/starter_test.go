package local

import (
	"context"
	"testing"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/workflows/engine"
)

func TestStarter_NamesACampaignAfterItsPart(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("01930000-0000-7000-8000-00000000000a")
	s := &starter{}
	if err := s.StartCampaign(t.Context(), id, 1); err == nil {
		t.Error("started without an engine")
	}
	var got engine.StartInput
	var refusal error
	s.bind(func(_ context.Context, in engine.StartInput) (engine.StartOutput, error) {
		got = in
		return engine.StartOutput{}, refusal
	})
	if err := s.StartCampaign(t.Context(), id, 2); err != nil {
		t.Fatal(err)
	}
	want := engine.StartInput{
		StateMachineARN: machineARN("redrive_campaign"), Name: "redrive-" + id.String() + "-2", Input: `{"campaignId":"` + id.String() + `","part":2}`,
	}
	if got != want {
		t.Errorf("started %+v, want %+v", got, want)
	}
	for kind, taken := range map[string]bool{"ExecutionAlreadyExists": true, "StateMachineDoesNotExist": false} {
		refusal = &engine.APIError{Type: kind}
		if err := s.StartCampaign(t.Context(), id, 2); (err == nil) != taken {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestStarter_GivesADeliveryTheInputOfLeadIntake(t *testing.T) {
	t.Parallel()
	id, event := uuid.MustParse("01930000-0000-7000-8000-00000000000a"), uuid.MustParse("01930000-0000-7000-8000-00000000000b")
	s := &starter{}
	if err := s.StartDelivery(t.Context(), "lead-x", id, event); err == nil {
		t.Error("started without an engine")
	}
	var got engine.StartInput
	s.bind(func(_ context.Context, in engine.StartInput) (engine.StartOutput, error) {
		got = in
		return engine.StartOutput{}, nil
	})
	if err := s.StartDelivery(t.Context(), "lead-x", id, event); err != nil {
		t.Fatal(err)
	}
	want := engine.StartInput{
		StateMachineARN: machineARN("fibonacci_delivery"), Name: "lead-x", Input: `{"leadId":"` + id.String() + `","eventId":"` + event.String() + `"}`,
	}
	if got != want {
		t.Errorf("started %+v, want %+v", got, want)
	}
}
