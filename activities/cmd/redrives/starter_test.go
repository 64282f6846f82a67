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

func TestStartCampaign_NamesTheExecutionAfterThePart(t *testing.T) {
	t.Parallel()
	m := &machine{}
	id := uuid.MustParse("01930000-0000-7000-8000-00000000000a")
	if err := (campaigns{client: m, machine: "arn:m"}).StartCampaign(t.Context(), id, 3); err != nil {
		t.Fatal(err)
	}
	if aws.ToString(m.in.StateMachineArn) != "arn:m" || aws.ToString(m.in.Name) != "redrive-"+id.String()+"-3" ||
		aws.ToString(m.in.Input) != `{"campaignId":"`+id.String()+`","part":3}` {
		t.Errorf("started %s with %s", aws.ToString(m.in.Name), aws.ToString(m.in.Input))
	}
}

func TestStartCampaign_ATakenNameIsSuccess(t *testing.T) {
	t.Parallel()
	away := errors.New("away")
	for err, want := range map[error]error{&types.ExecutionAlreadyExists{}: nil, away: away} {
		if got := (campaigns{client: &machine{err: err}}).StartCampaign(t.Context(), uuid.Nil, 1); !errors.Is(got, want) {
			t.Errorf("%v becomes %v, want %v", err, got, want)
		}
	}
}
