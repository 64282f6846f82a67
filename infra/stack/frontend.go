package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// newFrontend adds the site: NigredoFrontendStack-<env>, in us-east-1 wherever the
// backend stands.
func newFrontend(app awscdk.App, in Inputs, back *core) {
	c := in.Config
	stack := awscdk.NewStack(app, jsii.String(c.FrontendStack()), &awscdk.StackProps{
		Env: environment(c, config.SiteRegion), CrossRegionReferences: jsii.Bool(true),
		TerminationProtection: jsii.Bool(c.Production()),
		Description:           jsii.String("Nigredo, the site: bucket, CloudFront and its firewall (" + c.Environment + ")"),
	})
	// S3 may write its logs by the bucket's policy; the older way is by an access list.
	stack.Node().SetContext(jsii.String("@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy"), true)
	tag(stack, c)
	built, err := readPages(in.Site)
	if err != nil {
		panic(err) // make synth builds the site first
	}
	key := siteKey(stack, c)
	logs := logBucket(stack, c)
	bucket := siteBucket(stack, c, key, logs)
	acl := guardSite(stack, c, key)
	distribution := newDistribution(stack, c, built, bucket, back.api, acl)
	logAccess(stack, c, distribution, logs)

	// The one distribution that may read it.
	bucket.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("Distribution"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudfront.amazonaws.com"), nil)},
		Actions:    jsii.Strings("s3:GetObject"), Resources: jsii.Strings(*bucket.ArnForObjects(jsii.String("*"))),
		Conditions: &map[string]any{"StringEquals": map[string]any{"AWS:SourceArn": distributionARN(c, distribution)}},
	}))

	address := "https://" + *distribution.AttrDomainName()
	if c.SiteOrigin() != "" {
		address = c.SiteOrigin()
		put(stack, "SiteDomainTarget", distribution.AttrDomainName(), "What the site's domain must point to (alias or CNAME)")
	}
	put(stack, "SiteUrl", jsii.String(address), "The site, and the API under it")
	put(stack, "SiteBucket", bucket.BucketName(), "The site's files")
	addSiteAlarms(stack, c, distribution.Ref())
	put(stack, "DistributionId", distribution.Ref(), "For invalidations")
	awsssm.NewStringParameter(stack, jsii.String("SiteUrlParameter"), &awsssm.StringParameterProps{
		ParameterName: jsii.String(c.Parameter("site-url")), StringValue: jsii.String(address), Description: jsii.String("The site's address"),
	})
	awsssm.NewStringParameter(stack, jsii.String("DistributionParameter"), &awsssm.StringParameterProps{
		ParameterName: jsii.String(c.Parameter("distribution-id")), StringValue: distribution.Ref(), Description: jsii.String("The site's distribution"),
	})
}

// siteKey encrypts the site's files and the firewall's log. The distribution cannot be
// named in it: its origin is the bucket, which needs the key first. Which distribution
// reads the bucket is in the bucket's policy.
func siteKey(stack awscdk.Stack, c *config.Config) awskms.IKey {
	key := newKey(stack, "SiteKey", c, "Nigredo "+c.Environment+": files of the site, log of its firewall")
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("Distribution"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudfront.amazonaws.com"), nil)},
		Actions:    jsii.Strings("kms:Decrypt"), Resources: jsii.Strings("*"),
		// The account is in the ARN; that CloudFront says aws:SourceAccount too is not documented.
		Conditions: &map[string]any{"ArnLike": map[string]any{"aws:SourceArn": "arn:aws:cloudfront::" + c.Account + ":distribution/*"}},
	}), jsii.Bool(false))
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("LogGroups"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logs."+config.SiteRegion+".amazonaws.com"), nil)},
		Actions: jsii.Strings("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
			"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"),
		Resources: jsii.Strings("*"),
		Conditions: &map[string]any{"ArnEquals": map[string]any{
			"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:" + config.SiteRegion + ":" + c.Account + ":log-group:" + c.FirewallLog(c.FrontendStack()),
		}},
	}), jsii.Bool(false))
	return key
}

// logBucket keeps access logs for 30 days. S3 writes its own to no bucket under a
// customer key.
func logBucket(stack awscdk.Stack, c *config.Config) awss3.Bucket {
	bucket := awss3.NewBucket(stack, jsii.String("SiteLogs"), &awss3.BucketProps{
		BucketName: jsii.String(c.SiteLogBucket()), Encryption: awss3.BucketEncryption_S3_MANAGED, EnforceSSL: jsii.Bool(true), MinimumTLSVersion: jsii.Number(1.2),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		LifecycleRules: &[]*awss3.LifecycleRule{{Id: jsii.String("30-days"), Expiration: awscdk.Duration_Days(jsii.Number(30)), AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1))}},
		RemovalPolicy:  removal(c),
	})
	accept(bucket, "AwsSolutions-S1", "It is where access logs go; its own would log themselves.")
	return bucket
}

func siteBucket(stack awscdk.Stack, c *config.Config, key awskms.IKey, logs awss3.IBucket) awss3.Bucket {
	return awss3.NewBucket(stack, jsii.String("SiteFiles"), &awss3.BucketProps{
		BucketName: jsii.String(c.SiteBucket()), Encryption: awss3.BucketEncryption_KMS, EncryptionKey: key, BucketKeyEnabled: jsii.Bool(true),
		EnforceSSL: jsii.Bool(true), MinimumTLSVersion: jsii.Number(1.2), Versioned: jsii.Bool(true),
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(), ObjectOwnership: awss3.ObjectOwnership_BUCKET_OWNER_ENFORCED,
		ServerAccessLogsBucket: logs, ServerAccessLogsPrefix: jsii.String("bucket/"),
		// A version before is what a rollback goes back to.
		LifecycleRules: &[]*awss3.LifecycleRule{{Id: jsii.String("old-versions"), NoncurrentVersionExpiration: awscdk.Duration_Days(jsii.Number(90)), AbortIncompleteMultipartUploadAfter: awscdk.Duration_Days(jsii.Number(1))}},
		RemovalPolicy:  removal(c),
	})
}
