package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// hostImage is Amazon Linux 2023 for arm64 with SSM's agent. CloudFormation looks it
// up when it deploys.
const hostImage = "{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64}}"

// addForwarding makes a way for psql without a bastion: a host that nothing can
// connect to opens a connection to Systems Manager, and who may take the role
// forwards a port of the own machine through it, to the database and nowhere else.
// The document fixes host and port, because AWS's own takes any.
func (g *ground) addForwarding(stack awscdk.Stack, c *config.Config, n *network) {
	group := g.group(stack, "ForwardingGroup", "the host that forwards a port to the database")
	https(stack, "ForwardingHTTPS", group, "Systems Manager")
	connect(group, n.database, n.port, "PostgreSQL, forwarded")

	hostRole := awsiam.NewRole(stack, jsii.String("ForwardingHostRole"), &awsiam.RoleProps{
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("ec2.amazonaws.com"), nil),
		Description: jsii.String("Keeps the forwarding host in touch with Systems Manager, and nothing else"),
	})
	// What AmazonSSMManagedInstanceCore has for sessions alone: no parameters, no
	// commands, no inventory.
	hostRole.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"),
		Resources: jsii.Strings("*"),
	}))
	accept(hostRole, "AwsSolutions-IAM5", "Systems Manager's channels have no resource that a policy could name.")
	profile := awsiam.NewCfnInstanceProfile(stack, jsii.String("ForwardingProfile"), &awsiam.CfnInstanceProfileProps{
		Roles: &[]any{hostRole.RoleName()},
	})
	host := awsec2.NewCfnInstance(stack, jsii.String("ForwardingHost"), &awsec2.CfnInstanceProps{
		ImageId: jsii.String(hostImage), InstanceType: jsii.String("t4g.nano"), IamInstanceProfile: profile.Ref(),
		SubnetId: n.egress[0], SecurityGroupIds: references([]*string{group.SecurityGroupId()}),
		MetadataOptions: &awsec2.CfnInstance_MetadataOptionsProperty{HttpTokens: jsii.String("required"), HttpPutResponseHopLimit: jsii.Number(1)},
		BlockDeviceMappings: &[]any{&awsec2.CfnInstance_BlockDeviceMappingProperty{
			DeviceName: jsii.String("/dev/xvda"),
			Ebs: &awsec2.CfnInstance_EbsProperty{
				Encrypted: jsii.Bool(true), VolumeType: jsii.String("gp3"), VolumeSize: jsii.Number(8), DeleteOnTermination: jsii.Bool(true),
			},
		}},
		Tags: &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: jsii.String(c.CoreStack() + "-forwarding")}},
	})
	accept(host, "AwsSolutions-EC28", "It forwards a port now and then; what it does is in the trail, and its minute metrics tell nobody anything.")
	accept(host, "AwsSolutions-EC29", "It holds nothing and is made anew at any time; a protection against deletion would protect nothing.")

	document := awsssm.NewCfnDocument(stack, jsii.String("ForwardingDocument"), &awsssm.CfnDocumentProps{
		Name: jsii.String(c.CoreStack() + "-database"), DocumentType: jsii.String("Session"), UpdateMethod: jsii.String("NewVersion"),
		Content: map[string]any{
			"schemaVersion": "1.0", "sessionType": "Port",
			"description": "Forward a port of this machine to the database",
			"parameters": map[string]any{"localPortNumber": map[string]any{
				"type": "String", "description": "Port on this machine; 0 takes a free one", "default": "0", "allowedPattern": "^[0-9]{1,5}$",
			}},
			"properties": map[string]any{
				"type": "LocalPortForwarding", "host": g.ownerHost, "portNumber": g.ownerPort, "localPortNumber": "{{ localPortNumber }}",
			},
		},
	})

	role := awsiam.NewRole(stack, jsii.String("ForwardingRole"), &awsiam.RoleProps{
		RoleName: jsii.String(c.CoreStack() + "-forwarding"), AssumedBy: withMFA(c, c.People.Forwarding),
		Description: jsii.String("Forwards a port to the database and reads its owner's password"), MaxSessionDuration: awscdk.Duration_Hours(jsii.Number(1)),
	})
	instance := "arn:aws:ec2:" + c.Region + ":" + c.Account + ":instance/" + *host.Ref()
	may := func(resources []string, when map[string]any, actions ...string) {
		role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings(actions...), Resources: jsii.Strings(resources...), Conditions: &when,
		}))
	}
	may([]string{instance, "arn:aws:ssm:" + c.Region + ":" + c.Account + ":document/" + *document.Ref()},
		map[string]any{"BoolIfExists": map[string]any{"ssm:SessionDocumentAccessCheck": "true"}}, "ssm:StartSession")
	may([]string{"arn:aws:ssm:" + c.Region + ":" + c.Account + ":session/${aws:userid}-*"}, map[string]any{}, "ssm:ResumeSession", "ssm:TerminateSession")
	may([]string{*g.ownerSecret.SecretArn()}, map[string]any{}, "secretsmanager:GetSecretValue")
	may([]string{*g.dataKey.KeyArn()},
		map[string]any{"StringEquals": map[string]any{"kms:ViaService": "secretsmanager." + c.Region + ".amazonaws.com"}}, "kms:Decrypt")
	accept(role, "AwsSolutions-IAM5", "A session is named after who opened it and a number; each may resume and end the own ones alone.")
	put(stack, "ForwardingInstance", host.Ref(), "The instance through which a port to the database is forwarded")
	put(stack, "ForwardingDocumentName", document.Ref(), "The Session Manager document that does it")
	put(stack, "ForwardingRoleArn", role.RoleArn(), "The role that may, with MFA")
}
