// Command release is the Lambda function of POST /api/leads/{id}/release.
// Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/release"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("release", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Store(ctx, "release")
		if err != nil {
			return nil, err
		}
		machine, err := setting.Required("FIBONACCI_DELIVERY_ARN")
		if err != nil {
			return nil, err
		}
		// A start that fails is the sweep's.
		account, err := setting.Account()
		if err != nil {
			return nil, err
		}
		return release.New(env, store, deliveries{client: sfn.NewFromConfig(account), machine: machine}, uuid.NewV7), nil
	})
}
