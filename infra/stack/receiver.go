package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// newReceiver adds the receiving side of the webhook: NigredoFibonacciReceiverStack-<env>.
func newReceiver(app awscdk.App, in Inputs) {
	c := in.Config
	awscdk.NewStack(app, jsii.String(c.ReceiverStack()), &awscdk.StackProps{Env: environment(c, c.Region)})
}
