package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
)

// ground is what the backend stands on: network, database, keys, secrets and the
// people who are told.
type ground struct {
	vpc           awsec2.IVpc
	isolated      *awsec2.SubnetSelection // no route out
	egress        *awsec2.SubnetSelection // route to the NAT gateway
	isolatedGroup awsec2.ISecurityGroup   // of functions in isolated subnets
	egressGroup   awsec2.ISecurityGroup   // of functions in egress subnets

	dataKey awskms.IKey // logs, secrets, topics and queues

	host            *string // of the writer, or of the proxy when there is one
	port            *string
	clusterResource *string // cluster-… or prx-…, as rds-db:connect names it
	// ownerHost is the writer itself. Migrations go there: a proxy pins a connection
	// that holds advisory locks, and takes IAM authentication alone.
	ownerHost   *string
	ownerPort   *string
	ownerSecret awssecretsmanager.ISecret

	webhookSecret awssecretsmanager.ISecret // whsec_…, one or two with a blank in between
	stampKey      awssecretsmanager.ISecret
	originSecret  awssecretsmanager.ISecret // CloudFront proves itself to the API with it

	onCall, team awssns.ITopic
}

func newGround(stack awscdk.Stack, in Inputs) *ground {
	c := in.Config
	g := &ground{}
	g.addKey(stack, c)
	n := g.addNetwork(stack, c)
	g.addSecrets(stack, c)
	g.addPeople(stack, c)
	g.addDatabase(stack, c, n)
	if len(c.People.Forwarding) > 0 {
		g.addForwarding(stack, c, n)
	}
	return g
}
