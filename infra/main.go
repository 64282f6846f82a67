// Command infra synthesises the CDK stacks of an environment, prod by default,
// into infra/cdk.out. It asks no AWS account. Run it by `make synth`, which builds
// the Lambdas and the site first.
package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/cost"
	"github.com/alquimista-ai/nigredo/infra/stack"
)

// out is the cloud assembly: templates, what they refer to, and a manifest.
const out = "infra/cdk.out"

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
	// Templates of another environment would lie beside a manifest that does not name them.
	if err := os.RemoveAll(out); err != nil {
		return fmt.Errorf("clear %s: %w", out, err)
	}
	defer jsii.Close()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(out), AnalyticsReporting: jsii.Bool(false)})
	stack.Add(app, stack.Inputs{Config: c, Lambdas: "bin/lambda", Site: "site/dist"})
	stack.Inspect(app)
	app.Synth(nil)
	if err := stack.Findings(out); err != nil {
		return err
	}
	return list()
}

// list says what was written.
func list() error {
	templates, err := filepath.Glob(filepath.Join(out, "*.template.json"))
	if err != nil {
		return err
	}
	for _, template := range templates {
		info, err := os.Stat(template)
		if err != nil {
			return err
		}
		fmt.Printf("%-64s %4d kB\n", template, info.Size()/1000)
	}
	return nil
}
