package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// core is the backend: NigredoStack-<env>.
type core struct {
	stack     awscdk.Stack
	ground    *ground
	functions *functions
	machines  *machines
	api       *gateway
}

func newCore(app awscdk.App, in Inputs) *core {
	c := in.Config
	stack := awscdk.NewStack(app, jsii.String(c.CoreStack()), &awscdk.StackProps{
		Env: environment(c, c.Region), CrossRegionReferences: jsii.Bool(true),
		TerminationProtection: jsii.Bool(c.Production()),
	})
	tag(stack, c)
	g := newGround(stack, in)
	f := newFunctions(stack, in, g)
	m := newMachines(stack, in, g, f)
	a := newAPI(stack, in, g, f, m)
	return &core{stack: stack, ground: g, functions: f, machines: m, api: a}
}
