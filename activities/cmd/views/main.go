// Command views is the Lambda function of POST /api/views. Configuration: package
// setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/views"
)

func main() {
	task.Main("views", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Store(ctx, "views")
		if err != nil {
			return nil, err
		}
		return views.New(env, store), nil
	})
}
