// Command list is the Lambda function of GET /api/leads, deployed as ListLeads.
// Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/list"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("list", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Store(ctx, "list")
		if err != nil {
			return nil, err
		}
		return list.New(env, store), nil
	})
}
