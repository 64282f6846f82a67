package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// keyLetters is the length of a generated key: 44 letters and digits are base64
// without padding of 33 bytes, and hold 262 bits.
const keyLetters = 44

// addSecrets makes the secrets that are ours. CloudFormation writes a value when a
// secret is made and not again, so that a later deployment leaves a rotated value
// alone.
func (g *ground) addSecrets(stack awscdk.Stack, c *config.Config) {
	g.stampKey = g.secret(stack, c, "StampKey", generated(), nil, "Signs the stamps of forms: base64")
	var replicas []string
	if c.Region != config.SiteRegion {
		replicas = []string{config.SiteRegion} // CloudFront's stack reads it there
	}
	g.originSecret = g.secret(stack, c, "OriginSecret", generated(), replicas, "CloudFront proves itself to the API with it")

	// Secrets Manager cannot generate a value with a prefix. The first value is made in
	// a secret of its own, and CloudFormation puts the prefix before it without ever
	// showing it; the second secret is the one in force, and the one that is rotated.
	seed := g.secret(stack, c, "WebhookSeed", generated(), nil, "What the first webhook secret was made of; not in force")
	value := jsii.String("whsec_{{resolve:secretsmanager:" + *seed.SecretArn() + ":SecretString}}")
	g.webhookSecret = g.secret(stack, c, "WebhookSecret", awssecretsmanager.CfnSecretProps{SecretString: value}, nil,
		"Signs webhooks: whsec_ and base64, two with a blank between them while one is replaced")

	put(stack, "WebhookSecretArn", g.webhookSecret.SecretArn(), "The secret that the receiver of webhooks must be given")
	put(stack, "StampKeyArn", g.stampKey.SecretArn(), "The key of the forms' stamps")
	put(stack, "OriginSecretArn", g.originSecret.SecretArn(), "The secret between CloudFront and the API")
}

// generated is a value of letters and digits.
func generated() awssecretsmanager.CfnSecretProps {
	return awssecretsmanager.CfnSecretProps{GenerateSecretString: &awssecretsmanager.CfnSecret_GenerateSecretStringProperty{
		PasswordLength: jsii.Number(keyLetters), ExcludePunctuation: jsii.Bool(true), IncludeSpace: jsii.Bool(false),
	}}
}

// secret makes one under the customer key. A replica is under the key that Secrets
// Manager has in its region, because ours does not leave its own.
func (g *ground) secret(stack awscdk.Stack, c *config.Config, id string, props awssecretsmanager.CfnSecretProps, replicas []string, description string) awssecretsmanager.ISecret {
	props.Name, props.Description, props.KmsKeyId = jsii.String(c.SecretName(id)), jsii.String(description), g.dataKey.KeyArn()
	if len(replicas) > 0 {
		var regions []any
		for _, region := range replicas {
			regions = append(regions, &awssecretsmanager.CfnSecret_ReplicaRegionProperty{Region: jsii.String(region)})
		}
		props.ReplicaRegions = &regions
	}
	secret := awssecretsmanager.NewCfnSecret(stack, jsii.String(id), &props)
	secret.ApplyRemovalPolicy(removal(c), nil)
	accept(secret, "AwsSolutions-SMG4", "Two sides share the value and must change it in turn: by the runbook rotate-secrets, of which the team is reminded each quarter. The database's password is rotated by RDS.")
	return awssecretsmanager.Secret_FromSecretAttributes(stack, jsii.String(id+"Reference"), &awssecretsmanager.SecretAttributes{
		SecretCompleteArn: secret.Ref(), EncryptionKey: g.dataKey,
	})
}

// addRotationReminder tells the team each quarter that the secrets which two sides
// share are due. A rotation by itself would cut the receiver off: it must be given
// the new secret while the old one is still in force.
func (g *ground) addRotationReminder(stack awscdk.Stack, c *config.Config) {
	role := awsiam.NewRole(stack, jsii.String("ReminderRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": c.Account}},
		}),
		Description: jsii.String("Reminds the team of secrets to rotate"),
	})
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("sns:Publish"), Resources: jsii.Strings(*g.team.TopicArn()),
	}))
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"), Resources: jsii.Strings(*g.dataKey.KeyArn()),
	}))
	awsscheduler.NewCfnSchedule(stack, jsii.String("RotationReminder"), &awsscheduler.CfnScheduleProps{
		Name: jsii.String(c.CoreStack() + "-rotate-secrets"), Description: jsii.String("Tells the team that secrets are due to be rotated"),
		ScheduleExpression: jsii.String("cron(0 13 1 1,4,7,10 ? *)"), ScheduleExpressionTimezone: jsii.String("UTC"),
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn: g.team.TopicArn(), RoleArn: role.RoleArn(),
			Input: jsii.String("The webhook secret, the origin secret and the stamp key of nigredo " + c.Environment +
				" are due to be rotated: infra/runbooks/rotate-secrets.md"),
		},
	})
}
