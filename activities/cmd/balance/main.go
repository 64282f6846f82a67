// Command balance is the Lambda function of GET /api/balance, deployed as Balance. Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/balance"
	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("balance", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Books(ctx, "balance")
		if err != nil {
			return nil, err
		}
		return balance.New(env, store), nil
	})
}
