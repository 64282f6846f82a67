// Command track is the Lambda function behind the rule for status changes of
// executions. Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/track"
)

func main() {
	task.Main("track", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		store, err := setting.Store(ctx, "track")
		if err != nil {
			return nil, err
		}
		return track.New(env, store), nil
	})
}
