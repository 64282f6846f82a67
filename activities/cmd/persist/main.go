// Command persist is the Lambda function of the state Persist Lead, deployed as
// CreateLead. Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/persist"
	"github.com/alquimista-ai/nigredo/activities/task"
)

func main() {
	task.Main("persist", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Store(ctx, "persist")
		if err != nil {
			return nil, err
		}
		return persist.New(env, store, uuid.NewV7), nil
	})
}
