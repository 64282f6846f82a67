package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// forwarded are the headers of a request that the API is told. CloudFront writes the
// first itself, whatever the caller sent.
func forwarded() []string {
	return []string{"CloudFront-Viewer-Address", "Content-Type", "User-Agent", "Origin", "Idempotency-Key", "Accept", "Accept-Language", "Referer"}
}

// newDistribution is the one origin: pages by default, the API below /api and /health.
func newDistribution(stack awscdk.Stack, c *config.Config, built *pages, bucket awss3.IBucket, back *gateway, acl awswafv2.CfnWebACL) awscloudfront.CfnDistribution {
	access := awscloudfront.NewCfnOriginAccessControl(stack, jsii.String("SiteAccess"), &awscloudfront.CfnOriginAccessControlProps{
		OriginAccessControlConfig: &awscloudfront.CfnOriginAccessControl_OriginAccessControlConfigProperty{
			Name: jsii.String(c.FrontendStack()), OriginAccessControlOriginType: jsii.String("s3"), SigningBehavior: jsii.String("always"), SigningProtocol: jsii.String("sigv4"),
		},
	})
	request, err := built.requestCode()
	if err != nil {
		panic(err)
	}
	response, err := responseCode()
	if err != nil {
		panic(err)
	}
	headers := responseHeaders(stack, c, built.Headers)
	toAPI := &awscloudfront.CfnDistribution_CacheBehaviorProperty{
		TargetOriginId: jsii.String("api"), ViewerProtocolPolicy: jsii.String("https-only"), Compress: jsii.Bool(false),
		AllowedMethods: jsii.Strings("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"), CachedMethods: jsii.Strings("GET", "HEAD"),
		CachePolicyId: apiCache(stack, c), OriginRequestPolicyId: apiRequest(stack, c), ResponseHeadersPolicyId: headers,
	}
	behaviours := []any{}
	for _, pattern := range []string{"/api/*", "/health*"} {
		one := *toAPI
		one.PathPattern = jsii.String(pattern)
		behaviours = append(behaviours, &one)
	}
	values := originValues(c, c.SecretName("OriginSecret"))
	// CloudFront keeps an error for ten seconds, whatever the API says of it: one stamp
	// that failed would be everybody's, and /health would lag. No page is named here, so
	// that every answer stays the API's own.
	errors := []any{}
	for _, status := range []float64{400, 403, 405, 500, 502, 503, 504} {
		errors = append(errors, &awscloudfront.CfnDistribution_CustomErrorResponseProperty{ErrorCode: jsii.Number(status), ErrorCachingMinTtl: jsii.Number(0)})
	}
	// There is no default root object: request.js names the page for /, and must be told
	// that it was / which was asked for.
	props := &awscloudfront.CfnDistribution_DistributionConfigProperty{
		Enabled: jsii.Bool(true), Comment: jsii.String(c.FrontendStack()), HttpVersion: jsii.String("http2and3"), Ipv6Enabled: jsii.Bool(true),
		PriceClass: jsii.String("PriceClass_All"), WebAclId: acl.AttrArn(),
		DefaultCacheBehavior: &awscloudfront.CfnDistribution_DefaultCacheBehaviorProperty{
			TargetOriginId: jsii.String("site"), ViewerProtocolPolicy: jsii.String("redirect-to-https"), Compress: jsii.Bool(true),
			AllowedMethods: jsii.Strings("GET", "HEAD"), CachedMethods: jsii.Strings("GET", "HEAD"),
			CachePolicyId: siteCache(stack, c), ResponseHeadersPolicyId: headers,
			FunctionAssociations: &[]any{
				runs(stack, c, "SiteRequest", "viewer-request", request),
				runs(stack, c, "SiteResponse", "viewer-response", response),
			},
		},
		CacheBehaviors: &behaviours, CustomErrorResponses: &errors,
		Origins: &[]any{
			&awscloudfront.CfnDistribution_OriginProperty{
				Id: jsii.String("site"), DomainName: bucket.BucketRegionalDomainName(), OriginAccessControlId: access.AttrId(),
				S3OriginConfig: &awscloudfront.CfnDistribution_S3OriginConfigProperty{OriginAccessIdentity: jsii.String("")},
			},
			&awscloudfront.CfnDistribution_OriginProperty{
				Id: jsii.String("api"), DomainName: jsii.String(*back.api.Ref() + ".execute-api." + c.Region + ".amazonaws.com"), OriginPath: jsii.String("/" + config.APIStage),
				CustomOriginConfig: &awscloudfront.CfnDistribution_CustomOriginConfigProperty{
					OriginProtocolPolicy: jsii.String("https-only"), OriginSslProtocols: jsii.Strings("TLSv1.2"),
					OriginReadTimeout: jsii.Number(30), OriginKeepaliveTimeout: jsii.Number(60), // the API answers within 29
				},
				OriginCustomHeaders: &[]any{&awscloudfront.CfnDistribution_OriginCustomHeaderProperty{
					HeaderName: jsii.String(originHeader), HeaderValue: jsii.String(values[len(values)-1]),
				}},
			},
		},
		// CloudFront's own certificate comes with a policy that cannot be chosen.
		ViewerCertificate: &awscloudfront.CfnDistribution_ViewerCertificateProperty{CloudFrontDefaultCertificate: jsii.Bool(true)},
	}
	if c.Site.Domain != "" {
		props.Aliases = jsii.Strings(c.Site.Domain)
		props.ViewerCertificate = &awscloudfront.CfnDistribution_ViewerCertificateProperty{
			AcmCertificateArn: jsii.String(c.Site.Certificate), MinimumProtocolVersion: jsii.String("TLSv1.2_2021"), SslSupportMethod: jsii.String("sni-only"),
		}
	}
	if len(c.Firewall.Countries) > 0 {
		props.Restrictions = &awscloudfront.CfnDistribution_RestrictionsProperty{GeoRestriction: &awscloudfront.CfnDistribution_GeoRestrictionProperty{
			RestrictionType: jsii.String("whitelist"), Locations: jsii.Strings(c.Firewall.Countries...),
		}}
	}
	distribution := awscloudfront.NewCfnDistribution(stack, jsii.String("Distribution"), &awscloudfront.CfnDistributionProps{DistributionConfig: props})
	accept(distribution, "AwsSolutions-CFR1", "Countries are limited by configuration (firewall.countries): the site is for everybody.")
	accept(distribution, "AwsSolutions-CFR3", "Access is logged by standard logging v2, which leaves out who asked.")
	accept(distribution, "AwsSolutions-CFR4", "An environment without a domain has CloudFront's certificate; prod must have its own and speaks TLS 1.2 and later.")
	return distribution
}

// runs is a CloudFront function at its place.
func runs(stack awscdk.Stack, c *config.Config, id, event, code string) any {
	function := awscloudfront.NewCfnFunction(stack, jsii.String(id), &awscloudfront.CfnFunctionProps{
		Name: jsii.String(c.FrontendStack() + "-" + event), AutoPublish: jsii.Bool(true), FunctionCode: jsii.String(code),
		FunctionConfig: &awscloudfront.CfnFunction_FunctionConfigProperty{Runtime: jsii.String("cloudfront-js-2.0"), Comment: jsii.String("infra/stack/cdn")},
	})
	return &awscloudfront.CfnDistribution_FunctionAssociationProperty{EventType: jsii.String(event), FunctionArn: function.AttrFunctionArn()}
}

// siteCache keys a file by its path alone, which the function has chosen, and keeps it
// a day at least whatever its headers tell browsers: a deployment invalidates.
func siteCache(stack awscdk.Stack, c *config.Config) *string {
	none := jsii.String("none")
	return awscloudfront.NewCfnCachePolicy(stack, jsii.String("SiteCache"), &awscloudfront.CfnCachePolicyProps{
		CachePolicyConfig: &awscloudfront.CfnCachePolicy_CachePolicyConfigProperty{
			Name: jsii.String(c.FrontendStack() + "-site"), MinTtl: jsii.Number(day), DefaultTtl: jsii.Number(day), MaxTtl: jsii.Number(365 * day),
			ParametersInCacheKeyAndForwardedToOrigin: &awscloudfront.CfnCachePolicy_ParametersInCacheKeyAndForwardedToOriginProperty{
				CookiesConfig:            &awscloudfront.CfnCachePolicy_CookiesConfigProperty{CookieBehavior: none},
				HeadersConfig:            &awscloudfront.CfnCachePolicy_HeadersConfigProperty{HeaderBehavior: none},
				QueryStringsConfig:       &awscloudfront.CfnCachePolicy_QueryStringsConfigProperty{QueryStringBehavior: none},
				EnableAcceptEncodingGzip: jsii.Bool(true), EnableAcceptEncodingBrotli: jsii.Bool(true),
			},
		},
	}).AttrId()
}

// apiCache keeps nothing: the API says no-store. It lets a second pass because
// CloudFront forwards Authorization only as a part of a cache key, and takes no key
// from a policy that cannot cache.
func apiCache(stack awscdk.Stack, c *config.Config) *string {
	return awscloudfront.NewCfnCachePolicy(stack, jsii.String("ApiCache"), &awscloudfront.CfnCachePolicyProps{
		CachePolicyConfig: &awscloudfront.CfnCachePolicy_CachePolicyConfigProperty{
			Name: jsii.String(c.FrontendStack() + "-api"), MinTtl: jsii.Number(0), DefaultTtl: jsii.Number(0), MaxTtl: jsii.Number(1),
			ParametersInCacheKeyAndForwardedToOrigin: &awscloudfront.CfnCachePolicy_ParametersInCacheKeyAndForwardedToOriginProperty{
				CookiesConfig:            &awscloudfront.CfnCachePolicy_CookiesConfigProperty{CookieBehavior: jsii.String("none")},
				HeadersConfig:            &awscloudfront.CfnCachePolicy_HeadersConfigProperty{HeaderBehavior: jsii.String("whitelist"), Headers: jsii.Strings("Authorization")},
				QueryStringsConfig:       &awscloudfront.CfnCachePolicy_QueryStringsConfigProperty{QueryStringBehavior: jsii.String("all")},
				EnableAcceptEncodingGzip: jsii.Bool(false), EnableAcceptEncodingBrotli: jsii.Bool(false),
			},
		},
	}).AttrId()
}

func apiRequest(stack awscdk.Stack, c *config.Config) *string {
	return awscloudfront.NewCfnOriginRequestPolicy(stack, jsii.String("ApiRequest"), &awscloudfront.CfnOriginRequestPolicyProps{
		OriginRequestPolicyConfig: &awscloudfront.CfnOriginRequestPolicy_OriginRequestPolicyConfigProperty{
			Name:               jsii.String(c.FrontendStack() + "-api"),
			CookiesConfig:      &awscloudfront.CfnOriginRequestPolicy_CookiesConfigProperty{CookieBehavior: jsii.String("none")},
			HeadersConfig:      &awscloudfront.CfnOriginRequestPolicy_HeadersConfigProperty{HeaderBehavior: jsii.String("whitelist"), Headers: jsii.Strings(forwarded()...)},
			QueryStringsConfig: &awscloudfront.CfnOriginRequestPolicy_QueryStringsConfigProperty{QueryStringBehavior: jsii.String("all")},
		},
	}).AttrId()
}

// responseHeaders are those of the built site, and what is left to whoever ends TLS.
// What S3 tells of key and bucket is taken away.
func responseHeaders(stack awscdk.Stack, c *config.Config, given map[string]string) *string {
	security := &awscloudfront.CfnResponseHeadersPolicy_SecurityHeadersConfigProperty{
		StrictTransportSecurity: &awscloudfront.CfnResponseHeadersPolicy_StrictTransportSecurityProperty{
			AccessControlMaxAgeSec: jsii.Number(2 * 365 * day), IncludeSubdomains: jsii.Bool(true), Override: jsii.Bool(true),
		},
	}
	custom := []any{}
	for _, name := range sorted(given) {
		value := jsii.String(given[name])
		switch name {
		case "Content-Security-Policy":
			security.ContentSecurityPolicy = &awscloudfront.CfnResponseHeadersPolicy_ContentSecurityPolicyProperty{ContentSecurityPolicy: value, Override: jsii.Bool(true)}
		case "X-Content-Type-Options":
			security.ContentTypeOptions = &awscloudfront.CfnResponseHeadersPolicy_ContentTypeOptionsProperty{Override: jsii.Bool(true)}
		case "X-Frame-Options":
			security.FrameOptions = &awscloudfront.CfnResponseHeadersPolicy_FrameOptionsProperty{FrameOption: value, Override: jsii.Bool(true)}
		case "Referrer-Policy":
			security.ReferrerPolicy = &awscloudfront.CfnResponseHeadersPolicy_ReferrerPolicyProperty{ReferrerPolicy: value, Override: jsii.Bool(true)}
		default:
			custom = append(custom, &awscloudfront.CfnResponseHeadersPolicy_CustomHeaderProperty{Header: jsii.String(name), Value: value, Override: jsii.Bool(true)})
		}
	}
	removed := []any{}
	for _, name := range []string{"Server", "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-bucket-key-enabled", "x-amz-version-id"} {
		removed = append(removed, &awscloudfront.CfnResponseHeadersPolicy_RemoveHeaderProperty{Header: jsii.String(name)})
	}
	return awscloudfront.NewCfnResponseHeadersPolicy(stack, jsii.String("SiteHeaders"), &awscloudfront.CfnResponseHeadersPolicyProps{
		ResponseHeadersPolicyConfig: &awscloudfront.CfnResponseHeadersPolicy_ResponseHeadersPolicyConfigProperty{
			Name: jsii.String(c.FrontendStack()), SecurityHeadersConfig: security,
			CustomHeadersConfig: &awscloudfront.CfnResponseHeadersPolicy_CustomHeadersConfigProperty{Items: &custom},
			RemoveHeadersConfig: &awscloudfront.CfnResponseHeadersPolicy_RemoveHeadersConfigProperty{Items: &removed},
		},
	}).AttrId()
}

func distributionARN(c *config.Config, distribution awscloudfront.CfnDistribution) *string {
	return jsii.String("arn:aws:cloudfront::" + c.Account + ":distribution/" + *distribution.Ref())
}

// logAccess writes what was asked for and how it was answered, without address, user
// agent, query and cookies.
func logAccess(stack awscdk.Stack, c *config.Config, distribution awscloudfront.CfnDistribution, logs awss3.Bucket) {
	source := awslogs.NewCfnDeliverySource(stack, jsii.String("SiteLogSource"), &awslogs.CfnDeliverySourceProps{
		Name: jsii.String(c.FrontendStack()), LogType: jsii.String("ACCESS_LOGS"), ResourceArn: distributionARN(c, distribution),
	})
	destination := awslogs.NewCfnDeliveryDestination(stack, jsii.String("SiteLogDestination"), &awslogs.CfnDeliveryDestinationProps{
		Name: jsii.String(c.FrontendStack()), DestinationResourceArn: logs.BucketArn(), OutputFormat: jsii.String("json"),
	})
	delivery := awslogs.NewCfnDelivery(stack, jsii.String("SiteLogDelivery"), &awslogs.CfnDeliveryProps{
		DeliverySourceName: source.Ref(), DeliveryDestinationArn: destination.AttrArn(),
		RecordFields: jsii.Strings("date", "time", "x-edge-location", "sc-bytes", "cs-method", "cs-uri-stem", "sc-status", "x-edge-result-type",
			"x-edge-request-id", "cs-protocol", "time-taken", "ssl-protocol", "x-edge-response-result-type", "cs-protocol-version", "time-to-first-byte", "x-edge-detailed-result-type"),
	})
	delivery.AddResourceDependency(source, nil)
	logs.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:        jsii.String("LogDelivery"),
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("delivery.logs.amazonaws.com"), nil)},
		Actions:    jsii.Strings("s3:PutObject"), Resources: jsii.Strings(*logs.ArnForObjects(jsii.String("*"))),
		Conditions: &map[string]any{
			"StringEquals": map[string]any{"aws:SourceAccount": c.Account, "s3:x-amz-acl": "bucket-owner-full-control"},
			"ArnLike":      map[string]any{"aws:SourceArn": "arn:aws:logs:" + config.SiteRegion + ":" + c.Account + ":delivery-source:" + c.FrontendStack()},
		},
	}))
	delivery.Node().AddDependency(logs.Policy())
}

// maintenance is what everybody sees while the site is stopped; both languages, since
// nobody has asked for one yet.
const maintenance = `<!doctype html><html lang="pt-BR"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Alquimista</title>` +
	`<main><h1>Voltamos já</h1><p>O site está em manutenção. Tente novamente em alguns minutos.</p>` +
	`<div lang="en"><h2>Back soon</h2><p>The site is being maintained. Try again in a few minutes.</p></div></main></html>`

// guardSite puts the firewall before CloudFront, where the caller's address is known.
func guardSite(stack awscdk.Stack, c *config.Config, key awskms.IKey) awswafv2.CfnWebACL {
	const api = `^/(api|health)(/|$)`
	w := newWall(stack, c, c.FrontendStack(), "CLOUDFRONT")
	w.say("stopped", "TEXT_HTML", maintenance)
	w.say("stopped-api", "APPLICATION_JSON", stoppedProblem)
	w.say("too-many", "APPLICATION_JSON", tooManyProblem)
	w.add("stopped-api", answer(503, "stopped-api", "Retry-After", "600"), and(w.stopped(), route(api)))
	w.add("stopped", answer(503, "stopped", "Retry-After", "600"), w.stopped())
	w.add("rate-api", answer(429, "too-many", "Retry-After", "300"), rate(c.Firewall.Rate, route(api)))
	// A page is half a dozen files, and an office has one address.
	w.add("rate", answer(429, "too-many", "Retry-After", "300"), rate(10*c.Firewall.Rate, nil))
	w.managed("reputation", "AWSManagedRulesAmazonIpReputationList", nil)
	if c.Firewall.Bots {
		w.managedFor("bots", "AWSManagedRulesBotControlRuleSet", nil, route(`^/api/`), []any{
			&awswafv2.CfnWebACL_ManagedRuleGroupConfigProperty{AwsManagedRulesBotControlRuleSet: &awswafv2.CfnWebACL_AWSManagedRulesBotControlRuleSetProperty{InspectionLevel: jsii.String("COMMON")}},
		})
	}
	acl := w.build("SiteFirewall", key)
	put(stack, "StoppedSetId", w.set4.AttrId(), "The address set that stops the site (IPv4)")
	put(stack, "StoppedSet6Id", w.set6.AttrId(), "The address set that stops the site (IPv6)")
	return acl
}
