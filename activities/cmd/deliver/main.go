// Command deliver is the Lambda function of the state Deliver Webhook.
// Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/deliver"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("deliver", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		var target deliver.Target
		var err error
		if target.Secrets, err = setting.Secrets(ctx, env); err != nil {
			return nil, err
		}
		if target.URL, err = setting.Required("FIBONACCI_WEBHOOK_URL"); err != nil {
			return nil, err
		}
		if target.Private, err = setting.Bool("FIBONACCI_WEBHOOK_PRIVATE"); err != nil {
			return nil, err
		}
		sender, err := deliver.NewSender(target, env.Now)
		if err != nil {
			return nil, err
		}
		store, err := setting.Store(ctx, "deliver")
		if err != nil {
			return nil, err
		}
		return deliver.New(env, store, sender), nil
	})
}
