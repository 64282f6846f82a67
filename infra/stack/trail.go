package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// trailDays is how long calls of AWS's API are kept: a year and what a yearly audit
// takes.
const trailDays = 400

// addTrail records the calls of AWS's API in every region, reading a secret among
// them, in files that CloudTrail signs.
func (g *ground) addTrail(stack awscdk.Stack, c *config.Config) {
	kept := removal(c)
	if c.Production() {
		// CloudTrail writes at once: a deployment that failed could not delete it, and its
		// name is nobody's.
		kept = awscdk.RemovalPolicy_RETAIN
	}
	bucket := awss3.NewBucket(stack, jsii.String("TrailBucket"), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), EnforceSSL: jsii.Bool(true), MinimumTLSVersion: jsii.Number(1.2),
		ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED, Versioned: jsii.Bool(true),
		Encryption: awss3.BucketEncryption_KMS, EncryptionKey: g.dataKey, BucketKeyEnabled: jsii.Bool(true),
		RemovalPolicy: kept,
		LifecycleRules: &[]*awss3.LifecycleRule{{
			Id: jsii.String("keep"), Expiration: awscdk.Duration_Days(jsii.Number(trailDays)),
			NoncurrentVersionExpiration: awscdk.Duration_Days(jsii.Number(30)), AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(7)),
		}},
	})
	accept(bucket, "AwsSolutions-S1", "The trail itself records who reads and changes this bucket; a log of the log would need a bucket of its own.")
	source := map[string]any{"aws:SourceArn": "arn:aws:cloudtrail:" + c.Region + ":" + c.Account + ":trail/" + c.Trail()}
	service := awsiam.NewServicePrincipal(jsii.String("cloudtrail.amazonaws.com"), nil)
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("TrailLooks"), Principals: &[]awsiam.IPrincipal{service}, Actions: jsii.Strings("s3:GetBucketAcl"),
		Resources: jsii.Strings(*bucket.BucketArn()), Conditions: &map[string]any{"StringEquals": source},
	}))
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid: jsii.String("TrailWrites"), Principals: &[]awsiam.IPrincipal{service}, Actions: jsii.Strings("s3:PutObject"),
		Resources:  jsii.Strings(*bucket.ArnForObjects(jsii.String("AWSLogs/" + c.Account + "/*"))),
		Conditions: &map[string]any{"StringEquals": source},
	}))
	trail := awscloudtrail.NewCfnTrail(stack, jsii.String("Trail"), &awscloudtrail.CfnTrailProps{
		TrailName: jsii.String(c.Trail()), IsLogging: jsii.Bool(true), S3BucketName: bucket.BucketName(), KmsKeyId: g.dataKey.KeyArn(),
		EnableLogFileValidation: jsii.Bool(true), IsMultiRegionTrail: jsii.Bool(true), IncludeGlobalServiceEvents: jsii.Bool(true),
	})
	trail.Node().AddDependency(bucket.Policy())
}
