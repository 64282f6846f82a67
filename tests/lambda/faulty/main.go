// Command faulty is a Lambda function that goes wrong on demand, by the contract of every
// other one (task.Main): what its process does then, theirs does. Its payload is
// {"do": "panic", "hang", "large", "echo" or "goroutine"}; large answers size bytes.
package main

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/activities/task"
)

type input struct {
	Do   string `json:"do"`
	Size int    `json:"size"`
	Fill string `json:"fill"`
}

func main() {
	task.Main("faulty", func(_ context.Context, env task.Env) (lambda.Handler, error) {
		env = env.For("faulty", "")
		return task.New(env, func(_ context.Context, in input) (string, error) {
			switch in.Do {
			case "panic":
				panic(in.Fill)
			case "goroutine":
				go func() { panic(in.Fill) }()
				select {}
			case "hang":
				env.Log.Info("Faulty: hangs", zap.String("execution_arn", "x"))
				select {}
			case "large":
				return strings.Repeat("x", in.Size), nil
			}
			return "done", nil
		}), nil
	})
}
