// Command stats is the Lambda function of GET /api/stats. Configuration: package
// setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/stats"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("stats", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Books(ctx, "stats")
		if err != nil {
			return nil, err
		}
		return stats.New(env, store), nil
	})
}
