package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// addSiteAlarms puts the alarms on CloudFront into the site's stack: an alarm stands
// where its series are, and CloudFront's are in us-east-1 alone. distribution is the
// distribution's id. An alarm tells topics of its own region only: those of the
// backend when it is there too, else two more of the same subscribers. It also asks
// CloudFront for the additional metrics, of which the hit ratio is one.
func addSiteAlarms(s awscdk.Stack, c *config.Config, distribution *string) {
	to := coreTopics(c)
	if c.Region != config.SiteRegion {
		to = siteTopics(s, c)
	}
	awscloudfront.NewCfnMonitoringSubscription(s, jsii.String("MoreMetrics"), &awscloudfront.CfnMonitoringSubscriptionProps{
		DistributionId: distribution,
		MonitoringSubscription: &awscloudfront.CfnMonitoringSubscription_MonitoringSubscriptionProperty{
			RealtimeMetricsSubscriptionConfig: &awscloudfront.CfnMonitoringSubscription_RealtimeMetricsSubscriptionConfigProperty{
				RealtimeMetricsSubscriptionStatus: jsii.String("Enabled"),
			},
		},
	})
	for _, a := range siteAlarms(c, *distribution) {
		a.add(s, c, to)
	}
}

// siteAlarms are those on CloudFront and on the site's certificate.
func siteAlarms(c *config.Config, distribution string) []alarm {
	of := func(name, stat string) series {
		return series{"AWS/CloudFront", name, map[string]string{"DistributionId": distribution, "Region": "Global"}, stat}
	}
	all := []alarm{
		{
			name: "site-errors", page: true,
			says:   "More than 5 % of CloudFront's answers in 5 minutes were 500 and above, of 20 or more: page or API are away for visitors.",
			of:     map[string]series{"rate": of("5xxErrorRate", "Average"), "requests": of("Requests", "Sum")},
			value:  "IF(requests >= 20, rate, 0)",
			period: 5 * minute, periods: 1, is: above, threshold: 5, withoutData: fine,
		},
		{
			name:   "cache-hit-ratio",
			says:   "CloudFront answered less than 80 % out of its cache for three hours with 100 requests or more each: every miss costs time and money.",
			of:     map[string]series{"ratio": of("CacheHitRate", "Average"), "requests": of("Requests", "Sum")},
			value:  "IF(requests >= 100, ratio, 100)",
			period: hour, periods: 3, is: below, threshold: 80, withoutData: fine,
		},
	}
	if c.Site.Certificate != "" {
		all = append(all, certificateAlarm("site-certificate-expiry", c.Site.Domain, c.Site.Certificate))
	}
	return all
}

// siteTopics adds the topics of us-east-1, under a key that CloudWatch may use: AWS's
// own key for SNS lets no alarm publish.
func siteTopics(s awscdk.Stack, c *config.Config) topics {
	key := awskms.NewKey(s, jsii.String("AlarmKey"), &awskms.KeyProps{
		Description: jsii.String("Messages of alarms on the site"), EnableKeyRotation: jsii.Bool(true),
	})
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("kms:Decrypt", "kms:GenerateDataKey"),
		Resources:  jsii.Strings("*"), // of a key's policy: this key
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": c.Account}},
	}), nil)
	add := func(id, audience string, addresses []string) *string {
		topic := awssns.NewTopic(s, jsii.String(id), &awssns.TopicProps{
			TopicName: jsii.String(c.FrontendStack() + "-" + audience), MasterKey: key, EnforceSSL: jsii.Bool(true),
		})
		topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
			Actions:    jsii.Strings("sns:Publish"), Resources: &[]*string{topic.TopicArn()},
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": c.Account}},
		}))
		for _, address := range addresses {
			awssns.NewSubscription(s, jsii.String(id+" "+address), &awssns.SubscriptionProps{
				Topic: topic, Protocol: awssns.SubscriptionProtocol_EMAIL, Endpoint: jsii.String(address),
			})
		}
		return topic.TopicArn()
	}
	return topics{onCall: add("OnCall", "oncall", c.Monitoring.OnCall), team: add("Team", "team", c.Monitoring.Team)}
}
