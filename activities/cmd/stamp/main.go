// Command stamp is the Lambda function of GET /api/stamp. Configuration: package
// setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/stamp"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("stamp", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		stamps, err := setting.Stamper(ctx)
		if err != nil {
			return nil, err
		}
		return stamp.New(env, stamps), nil
	})
}
