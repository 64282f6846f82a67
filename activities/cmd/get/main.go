// Command get is the Lambda function of GET /api/leads/{id}, deployed as
// GetLead. Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/get"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("get", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Store(ctx, "get")
		if err != nil {
			return nil, err
		}
		return get.New(env, store, uuid.NewV7), nil
	})
}
