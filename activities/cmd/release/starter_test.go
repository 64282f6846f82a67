package main

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/uuid"
)

// machine keeps the last start and answers it with err.
type machine struct {
	err error
	in  *sfn.StartExecutionInput
}

func (m *machine) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	m.in = in
	return &sfn.StartExecutionOutput{}, m.err
}

func TestStartDelivery_GivesTheInputOfLeadIntake(t *testing.T) {
	t.Parallel()
	m := &machine{}
	id, event := uuid.MustParse("01930000-0000-7000-8000-00000000000a"), uuid.MustParse("01930000-0000-7000-8000-00000000000b")
	if err := (deliveries{client: m, machine: "arn:m"}).StartDelivery(t.Context(), "lead-x", id, event); err != nil {
		t.Fatal(err)
	}
	if aws.ToString(m.in.StateMachineArn) != "arn:m" || aws.ToString(m.in.Name) != "lead-x" ||
		aws.ToString(m.in.Input) != `{"leadId":"`+id.String()+`","eventId":"`+event.String()+`"}` {
		t.Errorf("started %s with %s", aws.ToString(m.in.Name), aws.ToString(m.in.Input))
	}
}

func TestStartDelivery_ATakenNameIsSuccess(t *testing.T) {
	t.Parallel()
	away := errors.New("away")
	for err, want := range map[error]error{&types.ExecutionAlreadyExists{}: nil, away: away} {
		if got := (deliveries{client: &machine{err: err}}).StartDelivery(t.Context(), "lead-x", uuid.Nil, uuid.Nil); !errors.Is(got, want) {
			t.Errorf("%v becomes %v, want %v", err, got, want)
		}
	}
}
