package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// addKey makes the customer key of logs, secrets, topics, queues and the trail. The
// database has a key of its own: whoever may read a log group must not thereby
// read a snapshot.
func (g *ground) addKey(stack awscdk.Stack, c *config.Config) {
	key := newKey(stack, "DataKey", c, "Nigredo "+c.Environment+": logs, secrets, topics, queues and the trail")
	account := map[string]any{"aws:SourceAccount": c.Account}

	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("LogGroups"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logs."+c.Region+".amazonaws.com"), nil)},
		Actions: jsii.Strings("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
			"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"),
		Resources: jsii.Strings("*"),
		Conditions: &map[string]any{"ArnLike": map[string]any{
			"kms:EncryptionContext:aws:logs:arn": c.LogGroupARNs(),
		}},
	}), jsii.Bool(false))
	// Without these an alarm or an event reaches an encrypted topic or queue and is
	// dropped without a word to anybody. Alarms can be told apart by their names;
	// EventBridge names no source when it publishes to an encrypted topic, so that the
	// account is all a condition can say of it.
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("Alarms"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"),
		Resources:  jsii.Strings("*"),
		Conditions: &map[string]any{"StringEquals": account, "ArnLike": map[string]any{"aws:SourceArn": c.AlarmARN("*")}},
	}), jsii.Bool(false))
	if !c.People.TrailElsewhere {
		trail := "arn:aws:cloudtrail:" + c.Region + ":" + c.Account + ":trail/" + c.Trail()
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String("Trail"),
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudtrail.amazonaws.com"), nil)},
			Actions:    jsii.Strings("kms:GenerateDataKey", "kms:DescribeKey"),
			Resources:  jsii.Strings("*"),
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceArn": trail}},
		}), jsii.Bool(false))
	}
	if c.Receiver.Deploy {
		// EventBridge makes no bus under a key that it may not use.
		bus := "arn:aws:events:" + c.Region + ":" + c.Account + ":event-bus/" + c.ReceiverStack()
		by := &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil)}
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String("ReceiverBusKey"), Principals: by, Actions: jsii.Strings("kms:DescribeKey"), Resources: jsii.Strings("*"),
			Conditions: &map[string]any{"StringEquals": account},
		}), jsii.Bool(false))
		key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String("ReceiverBus"), Principals: by, Actions: jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"), Resources: jsii.Strings("*"),
			Conditions: &map[string]any{"StringEquals": map[string]any{
				"aws:SourceAccount": c.Account, "kms:EncryptionContext:aws:events:event-bus:arn": bus,
			}},
		}), jsii.Bool(false))
	}
	g.dataKey = key
}

// newKey makes a key that is rotated each year. Its policy leaves it to the
// account's own policies who may use it, with the actions spelled out: a role of
// ours has only the ones that its policy names.
func newKey(stack awscdk.Stack, id string, c *config.Config, description string) awskms.Key {
	return awskms.NewKey(stack, jsii.String(id), &awskms.KeyProps{
		Description: jsii.String(description), Alias: jsii.String(c.KeyAlias(id)),
		EnableKeyRotation: jsii.Bool(true), RemovalPolicy: removal(c), PendingWindow: awscdk.Duration_Days(jsii.Number(30)),
		Policy: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Sid:        jsii.String("Account"),
				Principals: &[]awsiam.IPrincipal{awsiam.NewAccountPrincipal(jsii.String(c.Account))},
				Actions: jsii.Strings(
					"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:CreateGrant", "kms:Decrypt", "kms:DeleteAlias", "kms:DescribeKey",
					"kms:DisableKey", "kms:EnableKey", "kms:EnableKeyRotation", "kms:Encrypt", "kms:GenerateDataKey",
					"kms:GenerateDataKeyWithoutPlaintext", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants",
					"kms:ListKeyPolicies", "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:ReEncryptFrom",
					"kms:ReEncryptTo", "kms:RetireGrant", "kms:RevokeGrant", "kms:RotateKeyOnDemand", "kms:ScheduleKeyDeletion",
					"kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription"),
				Resources: jsii.Strings("*"),
			}),
		}}),
	})
}
