package task

import (
	"context"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"go.uber.org/zap"
)

// Main runs an activity as a Lambda function and does not return. build reads
// the configuration and makes the handler; its error is logged and ends the
// process, which Lambda reports as a failed start. It must not quote a secret.
func Main(activity string, build func(context.Context, Env) (lambda.Handler, error)) {
	env := NewEnv(os.Stdout, time.Now)
	handler, err := build(context.Background(), env)
	if err != nil {
		env.Log.Error("Task: start failed", zap.String("activity", activity), zap.NamedError("error_message", err))
		os.Exit(1)
	}
	lambda.Start(handler)
}
