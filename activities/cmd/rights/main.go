// Command rights is the Lambda function of /api/rights-requests. Configuration: package
// setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/rights"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("rights", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Store(ctx, "rights")
		if err != nil {
			return nil, err
		}
		return rights.New(env, store), nil
	})
}
