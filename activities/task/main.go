package task

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/task/tracing"
)

// Main runs an activity as a Lambda function and does not return. build reads
// the configuration and makes the handler; its error is logged and ends the
// process, which Lambda reports as a failed start. It must not quote a secret. Where
// NIGREDO_TRACES_ENDPOINT is set every invocation gives a span, see package tracing.
func Main(activity string, build func(context.Context, Env) (lambda.Handler, error)) {
	env := NewEnv(os.Stdout, time.Now)
	ctx := context.Background()
	handler, err := build(ctx, env)
	if err == nil {
		handler, err = tracing.Wrap(ctx, handler, activity, os.Getenv("NIGREDO_TRACES_ENDPOINT"), env.Log)
	}
	if err != nil {
		env.Log.Error("Task: start failed", zap.String("activity", activity), zap.NamedError("error_message", err))
		os.Exit(1)
	}
	lambda.Start(handler)
}
