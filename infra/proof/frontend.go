package proof

import (
	"errors"
	"fmt"
	"strings"
)

func frontendItems() []Item {
	const d, cache = "AWS::CloudFront::Distribution", "AWS::CloudFront::CachePolicy"
	return []Item{
		holds([]string{"S1.25", "S1.71", "S2.7", "S2.8", "S1.72"}, "CloudFront with its firewall serves the bucket and, below /api and /health, the API", ofFrontend, d,
			"DistributionConfig.DefaultCacheBehavior.TargetOriginId", "site", "DistributionConfig.CacheBehaviors.0.PathPattern", "/api/*", "DistributionConfig.CacheBehaviors.1.PathPattern", "/health*",
			"DistributionConfig.CacheBehaviors.0.TargetOriginId", "api", "DistributionConfig.CacheBehaviors.1.TargetOriginId", "api", "DistributionConfig.WebACLId", map[string]any{"Fn::GetAtt": []any{"SiteFirewall", "Arn"}}),
		holds([]string{"S1.82", "S2.63"}, "http is redirected or refused, and the API is reached by TLS 1.2", ofFrontend, d,
			"DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy", "redirect-to-https", "DistributionConfig.CacheBehaviors.0.ViewerProtocolPolicy", "https-only",
			"DistributionConfig.Origins.1.CustomOriginConfig.OriginProtocolPolicy", "https-only", "DistributionConfig.Origins.1.CustomOriginConfig.OriginSSLProtocols", []any{"TLSv1.2"}),
		{IDs: []string{"S1.82", "S2.63"}, Property: "under its own address the site has a certificate of ACM and takes TLS 1.2 and later; prod has one", Check: func(t *Templates) error {
			r, err := only(t.Frontend, d)
			if err != nil {
				return err
			}
			if t.Config.Site.Domain == "" {
				if t.Config.Production() {
					return errors.New("prod has no address of its own")
				}
				return wants(r, "DistributionConfig.ViewerCertificate.CloudFrontDefaultCertificate", true)
			}
			return wants(r, "DistributionConfig.ViewerCertificate.MinimumProtocolVersion", "TLSv1.2_2021", "DistributionConfig.ViewerCertificate.AcmCertificateArn", t.Config.Site.Certificate)
		}, Mutations: []Mutation{set(ofFrontend, d, "DistributionConfig.ViewerCertificate", map[string]any{"MinimumProtocolVersion": "TLSv1"})}},
		{IDs: []string{"D.error-pages"}, Property: "no error page of CloudFront's replaces an answer of the API, and no error is kept", Check: errorsPass, Mutations: []Mutation{
			set(ofFrontend, d, "DistributionConfig.CustomErrorResponses", nil),
			set(ofFrontend, d, "DistributionConfig.CustomErrorResponses.5.ErrorCachingMinTTL", 10),
			set(ofFrontend, d, "DistributionConfig.CustomErrorResponses.0.ResponsePagePath", "/404.html"),
		}},
		{IDs: []string{"D.error-pages"}, Property: "which page / is says the function before the cache: no default root object renames it first", Check: func(t *Templates) error {
			r, err := only(t.Frontend, d)
			if err != nil {
				return err
			}
			event := named(r.Get("DistributionConfig.DefaultCacheBehavior.FunctionAssociations"), "EventType", "viewer-request")
			return errors.Join(wants(r, "DistributionConfig.DefaultRootObject", nil), same(event, "FunctionARN", map[string]any{"Fn::GetAtt": []any{"SiteRequest", "FunctionARN"}}))
		}, Mutations: []Mutation{
			set(ofFrontend, d, "DistributionConfig.DefaultRootObject", "a.html"), set(ofFrontend, d, "DistributionConfig.DefaultCacheBehavior.FunctionAssociations", []any{}),
			set(ofFrontend, d, "DistributionConfig.DefaultCacheBehavior.FunctionAssociations.0.EventType", "viewer-response"),
		}},
		{IDs: []string{"D.one-origin"}, Property: "CloudFront proves itself by a secret that no template holds, and tells the API the caller's address", Check: func(t *Templates) error {
			r, err := only(t.Frontend, d)
			if err != nil {
				return err
			}
			request, err := only(t.Frontend, "AWS::CloudFront::OriginRequestPolicy")
			if err != nil {
				return err
			}
			if !contains(request.Get("OriginRequestPolicyConfig.HeadersConfig"), `"CloudFront-Viewer-Address"`) {
				return errors.New("the API is not told the caller's address")
			}
			return errors.Join(wants(r, "DistributionConfig.Origins.1.OriginCustomHeaders.0.HeaderName", "x-nigredo-origin"), notPlain(r.Get("DistributionConfig.Origins.1.OriginCustomHeaders.0.HeaderValue")))
		}, Mutations: []Mutation{
			set(ofFrontend, d, "DistributionConfig.Origins.1.OriginCustomHeaders.0.HeaderValue", "a plain secret"),
			set(ofFrontend, d, "DistributionConfig.Origins.1.OriginCustomHeaders.0.HeaderName", "x-other"),
			set(ofFrontend, "AWS::CloudFront::OriginRequestPolicy", "OriginRequestPolicyConfig.HeadersConfig.Headers", []any{"Content-Type"}),
		}},
		{IDs: []string{"S1.102", "S2.75a"}, Property: "a file is cached by its path alone and for a day at least; what the API answers is not cached", Check: func(t *Templates) error {
			for _, p := range t.Frontend.Resources(cache) {
				name, _ := p.Get("CachePolicyConfig.Name").(string)
				const key = "CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin."
				var err error
				if strings.HasSuffix(name, "-site") {
					err = wants(p, "CachePolicyConfig.MinTTL", 86400, key+"QueryStringsConfig.QueryStringBehavior", "none", key+"HeadersConfig.HeaderBehavior", "none", key+"CookiesConfig.CookieBehavior", "none")
				} else {
					err = wants(p, "CachePolicyConfig.MinTTL", 0, "CachePolicyConfig.DefaultTTL", 0, "CachePolicyConfig.MaxTTL", 1, key+"HeadersConfig.Headers", []any{"Authorization"}, key+"QueryStringsConfig.QueryStringBehavior", "all")
				}
				if err != nil {
					return err
				}
			}
			if n := len(t.Frontend.Resources(cache)); n != 2 {
				return fmt.Errorf("%d cache policies", n)
			}
			return nil
		}, Mutations: []Mutation{
			without(ofFrontend, cache), set(ofFrontend, cache, "CachePolicyConfig.MinTTL", 0), set(ofFrontend, cache, "CachePolicyConfig.MaxTTL", 60),
			set(ofFrontend, cache, "CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin.QueryStringsConfig.QueryStringBehavior", "all"),
		}},
		{IDs: []string{"S1.81", "S1.72", "S2.62"}, Property: "the site's bucket is under a KMS key, versioned, closed to the public and to plain http, and read by this distribution alone", Check: siteBucket, Mutations: []Mutation{
			bucketMutation("it is not encrypted by KMS", "BucketEncryption", nil), bucketMutation("it keeps no versions", "VersioningConfiguration", nil),
			bucketMutation("it can be public", "PublicAccessBlockConfiguration.RestrictPublicBuckets", false),
			without(ofFrontend, "AWS::S3::BucketPolicy"),
		}},
		{IDs: []string{"S2.45", "S2.7"}, Property: "the stack puts out what an upload and an invalidation need", Check: func(t *Templates) error {
			for _, key := range []string{"SiteUrl", "SiteBucket", "DistributionId", "StoppedSetId"} {
				if t.Frontend.Outputs()[key] == nil {
					return fmt.Errorf("no output %s", key)
				}
			}
			return nil
		}, Mutations: []Mutation{{"the distribution's id is not put out", func(t *Templates) { delete(t.Frontend.Outputs(), "DistributionId") }}}},
		{IDs: []string{"S1.94"}, Property: "countries are limited when the configuration names some", Check: func(t *Templates) error {
			r, err := only(t.Frontend, d)
			if err != nil {
				return err
			}
			var want any
			if len(t.Config.Firewall.Countries) > 0 {
				want = t.Config.Firewall.Countries
			}
			return wants(r, "DistributionConfig.Restrictions.GeoRestriction.Locations", want)
		}, Mutations: []Mutation{set(ofFrontend, d, "DistributionConfig.Restrictions", map[string]any{"GeoRestriction": map[string]any{"Locations": []any{"AQ"}}})}},
	}
}

// errorsPass: of the errors that CloudFront keeps whatever their Cache-Control says (all but
// 404, 410, 414 and 501), none is kept, and no error of the API becomes a page.
func errorsPass(t *Templates) error {
	r, err := only(t.Frontend, "AWS::CloudFront::Distribution")
	if err != nil {
		return err
	}
	all := r.Get("DistributionConfig.CustomErrorResponses")
	for _, status := range []int{400, 403, 405, 500, 502, 503, 504} {
		if err := same(named(all, "ErrorCode", status), "ErrorCachingMinTTL", 0); err != nil {
			return fmt.Errorf("an error %d: %w", status, err)
		}
	}
	if contains(all, "ResponsePagePath") {
		return errors.New("an error page is the whole distribution's")
	}
	return nil
}

func bucketMutation(what, at string, value any) Mutation {
	return Mutation{what, func(t *Templates) {
		for _, b := range Where(t.Frontend.Resources("AWS::S3::Bucket"), "BucketName", t.Config.SiteBucket()) {
			b.Set(at, value)
		}
	}}
}

func siteBucket(t *Templates) error {
	all := Where(t.Frontend.Resources("AWS::S3::Bucket"), "BucketName", t.Config.SiteBucket())
	if len(all) != 1 {
		return errors.New("no bucket for the site")
	}
	for _, p := range t.Frontend.Resources("AWS::S3::BucketPolicy") {
		if Equal(p.Get("Bucket"), map[string]any{"Ref": all[0].ID}) && contains(p.Get("PolicyDocument"), `"aws:SecureTransport":"false"`) && contains(p.Get("PolicyDocument"), `"AWS:SourceArn"`) {
			return wants(all[0], "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.SSEAlgorithm", "aws:kms", "VersioningConfiguration.Status", "Enabled",
				"PublicAccessBlockConfiguration", map[string]any{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true})
		}
	}
	return errors.New("the bucket's policy does not refuse plain http or name the distribution")
}
