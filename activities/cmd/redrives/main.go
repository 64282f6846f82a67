// Command redrives is the Lambda function of /api/redrives and POST
// /api/leads/{id}/redrive, deployed as Redrives. Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/redrives"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("redrives", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Books(ctx, "redrives")
		if err != nil {
			return nil, err
		}
		machine, err := setting.Required("REDRIVE_CAMPAIGN_ARN")
		if err != nil {
			return nil, err
		}
		// A start that fails is told to the caller, who resumes the campaign.
		account, err := setting.Account()
		if err != nil {
			return nil, err
		}
		return redrives.New(env, store, campaigns{client: sfn.NewFromConfig(account), machine: machine}), nil
	})
}
