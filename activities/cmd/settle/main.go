// Command settle is the Lambda function behind Settle Books of delivery_sweep, deployed as Settle. Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/settle"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("settle", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Books(ctx, "settle")
		if err != nil {
			return nil, err
		}
		return settle.New(env, store), nil
	})
}
