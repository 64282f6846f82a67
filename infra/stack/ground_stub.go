package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// ground stands in for the network, the database, keys and secrets.
type ground struct {
	vpc                                                awsec2.IVpc
	isolated, egress                                   *awsec2.SubnetSelection
	isolatedGroup, egressGroup                         awsec2.ISecurityGroup
	dataKey                                            awskms.IKey
	host, ownerHost, port, clusterResource             *string
	ownerSecret, webhookSecret, stampKey, originSecret awssecretsmanager.ISecret
}

func newGround(stack awscdk.Stack, _ Inputs) *ground {
	vpc := awsec2.NewVpc(stack, jsii.String("Network"), &awsec2.VpcProps{
		NatGateways: jsii.Number(1), AvailabilityZones: jsii.Strings("us-east-1a", "us-east-1b"),
		RestrictDefaultSecurityGroup: jsii.Bool(false),
		SubnetConfiguration: &[]*awsec2.SubnetConfiguration{
			{Name: jsii.String("public"), SubnetType: awsec2.SubnetType_PUBLIC},
			{Name: jsii.String("isolated"), SubnetType: awsec2.SubnetType_PRIVATE_ISOLATED},
			{Name: jsii.String("egress"), SubnetType: awsec2.SubnetType_PRIVATE_WITH_EGRESS},
		},
	})
	key := awskms.NewKey(stack, jsii.String("DataKey"), &awskms.KeyProps{EnableKeyRotation: jsii.Bool(true)})
	secret := func(id string) awssecretsmanager.ISecret {
		return awssecretsmanager.NewSecret(stack, jsii.String(id), &awssecretsmanager.SecretProps{EncryptionKey: key})
	}
	group := func(id string) awsec2.ISecurityGroup {
		return awsec2.NewSecurityGroup(stack, jsii.String(id), &awsec2.SecurityGroupProps{Vpc: vpc})
	}
	return &ground{
		vpc: vpc, isolated: &awsec2.SubnetSelection{Subnets: vpc.IsolatedSubnets()},
		egress:        &awsec2.SubnetSelection{Subnets: vpc.PrivateSubnets()},
		isolatedGroup: group("IsolatedGroup"), egressGroup: group("EgressGroup"), dataKey: key,
		host: jsii.String("db.example"), ownerHost: jsii.String("db.example"), port: jsii.String("5432"), clusterResource: jsii.String("cluster-STUB"),
		ownerSecret: secret("OwnerSecret"), webhookSecret: secret("WebhookSecret"), stampKey: secret("StampKey"), originSecret: secret("OriginSecret"),
	}
}

func accept(constructs.IConstruct, string, string) {}

func put(stack awscdk.Stack, key string, value *string, description string) {
	awscdk.NewCfnOutput(stack, jsii.String(key), &awscdk.CfnOutputProps{Value: value, Description: jsii.String(description)})
}

func newKey(stack awscdk.Stack, id string, _ *config.Config, description string) awskms.Key {
	return awskms.NewKey(stack, jsii.String(id), &awskms.KeyProps{Description: jsii.String(description), EnableKeyRotation: jsii.Bool(true)})
}
