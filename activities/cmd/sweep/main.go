// Command sweep is the Lambda function behind Find Deliveries of delivery_sweep, deployed as Sweep. Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/sweep"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("sweep", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Books(ctx, "sweep")
		if err != nil {
			return nil, err
		}
		return sweep.New(env, store), nil
	})
}
