// Command migrate is the Lambda function that a deployment calls before traffic moves,
// deployed as Migrate: it brings the schema nigredo up to date and gives every function
// its grants. Nothing else calls it. Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("migrate", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		db, err := setting.Owner(ctx)
		if err != nil {
			return nil, err
		}
		return handler{env: env.For("migrate", ""), db: db}, nil
	})
}
