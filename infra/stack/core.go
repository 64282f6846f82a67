package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// core is the backend: NigredoStack-<env>.
type core struct {
	stack awscdk.Stack
}

func newCore(app awscdk.App, in Inputs) *core {
	c := in.Config
	stack := awscdk.NewStack(app, jsii.String(c.CoreStack()), &awscdk.StackProps{
		Env: environment(c, c.Region), CrossRegionReferences: jsii.Bool(true),
		TerminationProtection: jsii.Bool(c.Production()),
	})
	g := newGround(stack, in)
	f := newFunctions(stack, in, g)
	newMachines(stack, in, g, f)
	return &core{stack: stack}
}
