// Command ratelimit is the Lambda function of the state Check Rate Limit.
// Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/ratelimit"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("ratelimit", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Store(ctx, "ratelimit")
		if err != nil {
			return nil, err
		}
		quota, err := setting.Quota()
		if err != nil {
			return nil, err
		}
		return ratelimit.New(env, store, quota), nil
	})
}
