package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

// machineStarter is the one call of Step Functions that is used.
type machineStarter interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
}

// campaigns starts the deployed machine.
type campaigns struct {
	client  machineStarter
	machine string // ARN
}

// StartCampaign implements redrives.Starter.
func (c campaigns) StartCampaign(ctx context.Context, id lead.CampaignID, part int) error {
	_, err := c.client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: aws.String(c.machine),
		Name:            aws.String(fmt.Sprintf("redrive-%s-%d", id, part)),
		Input:           aws.String(fmt.Sprintf(`{"campaignId":%q,"part":%d}`, id, part)),
	})
	var taken *types.ExecutionAlreadyExists
	if errors.As(err, &taken) {
		return nil
	}
	return err
}
