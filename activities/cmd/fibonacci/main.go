// Command fibonacci is the Lambda function that receives the webhook and puts
// its events on EventBridge. Configuration: package setting.
//
// Ids are remembered by each instance for itself, so an event can be put twice.
// EventBridge delivers at least once anyway: who consumes an event de-duplicates
// by webhookId in its detail.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/fibonacci"
	"github.com/alquimista-ai/nigredo/activities/task"
)

// remembered is how many ids an instance keeps: those of some days.
const remembered = 10_000

func main() {
	task.Main("fibonacci", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		bus, err := setting.Required("FIBONACCI_EVENT_BUS")
		if err != nil {
			return nil, err
		}
		secrets, err := setting.Secrets(ctx, env)
		if err != nil {
			return nil, err
		}
		// Trying again is the sender's business, which has its schedule in a file.
		account, err := setting.Account()
		if err != nil {
			return nil, err
		}
		return fibonacci.New(env, secrets, fibonacci.NewMemory(remembered), eventBus{client: eventbridge.NewFromConfig(account), name: bus})
	})
}
