// Command infra synthesises the CDK stacks of an environment, prod by default,
// into infra/cdk.out. It asks no AWS account. Run it by `make synth`, which builds
// the Lambdas and the site first.
package main

import (
	"cmp"
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/cost"
	"github.com/alquimista-ai/nigredo/infra/stack"
)

func main() {
	if err := run(cmp.Or(os.Getenv("ENV"), "prod")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(environment string) error {
	c, err := config.Load(environment)
	if err != nil {
		return err
	}
	if warning := cost.Warning(c); warning != "" {
		fmt.Fprintln(os.Stderr, "warning:", warning)
	}
	defer jsii.Close()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String("infra/cdk.out"), AnalyticsReporting: jsii.Bool(false)})
	stack.Add(app, stack.Inputs{Config: c, Lambdas: "bin/lambda", Site: "site/dist"})
	app.Synth(nil)
	return nil
}
