// Command health is the Lambda function of GET /health and GET /health/ready.
// Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/health"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("health", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Store(ctx, "health")
		if err != nil {
			return nil, err
		}
		return health.New(env, health.Check{Name: "database", Ask: store.Ping}), nil
	})
}
