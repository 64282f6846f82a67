package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// newFrontend adds the site: NigredoFrontendStack-<env>.
func newFrontend(app awscdk.App, in Inputs, _ *core) {
	c := in.Config
	awscdk.NewStack(app, jsii.String(c.FrontendStack()), &awscdk.StackProps{
		Env: environment(c, config.SiteRegion), CrossRegionReferences: jsii.Bool(true),
		TerminationProtection: jsii.Bool(c.Production()),
	})
}
