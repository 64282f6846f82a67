package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// machineStarter is the one call of Step Functions that is used.
type machineStarter interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
}

// deliveries starts the deployed machine.
type deliveries struct {
	client  machineStarter
	machine string // ARN
}

// StartDelivery implements release.Starter.
func (d deliveries) StartDelivery(ctx context.Context, name string, id lead.ID, event uuid.UUID) error {
	_, err := d.client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(d.machine),
		Name:            aws.String(name),
		Input:           aws.String(fmt.Sprintf(`{"leadId":%q,"eventId":%q}`, id, event)),
	})
	var taken *types.ExecutionAlreadyExists
	if errors.As(err, &taken) {
		return nil
	}
	return err
}
