// Command validate is the Lambda function of the state Validate Lead.
// Configuration: package setting.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/alquimista-ai/nigredo/activities/cmd/internal/setting"
	"github.com/alquimista-ai/nigredo/activities/task"
	"github.com/alquimista-ai/nigredo/activities/validate"
	"github.com/alquimista-ai/nigredo/states"
)

func main() {
	task.Main("validate", func(ctx context.Context, env task.Env) (lambda.Handler, error) {
		form, err := states.Schema("lead-form")
		if err != nil {
			return nil, err
		}
		schema, err := validate.NewSchema(form)
		if err != nil {
			return nil, err
		}
		stamps, err := setting.Stamper(ctx)
		if err != nil {
			return nil, err
		}
		return validate.New(env, schema, stamps), nil
	})
}
