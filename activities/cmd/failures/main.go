// Command failures is the Lambda function of GET /api/failures. Configuration:
// package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/failures"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("failures", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Books(ctx, "failures")
		if err != nil {
			return nil, err
		}
		return failures.New(env, store), nil
	})
}
