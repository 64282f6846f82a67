// Command campaign is the Lambda function of the steps of redrive_campaign and
// redrive_batch. Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/campaign"
	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("campaign", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Books(ctx, "campaign")
		if err != nil {
			return nil, err
		}
		return campaign.New(env, store), nil
	})
}
