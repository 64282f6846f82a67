package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// behaviourItems say how CloudFront reaches its two origins, property by property.
func behaviourItems() []Item {
	const d, headers, delivery = "AWS::CloudFront::Distribution", "AWS::CloudFront::ResponseHeadersPolicy", "AWS::Logs::Delivery"
	const c, site, h = "DistributionConfig.", "DistributionConfig.DefaultCacheBehavior.", "ResponseHeadersPolicyConfig.SecurityHeadersConfig."
	everything := []any{"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
	behaviours := []pin{
		{c + "Origins.0.OriginAccessControlId", attribute("SiteAccess", "Id")},
		{c + "Origins.1.OriginPath", "/" + config.APIStage},
		{c + "Origins.1.CustomOriginConfig.OriginReadTimeout", 30},
		{site + "AllowedMethods", []any{"GET", "HEAD"}},
		{site + "CachePolicyId", attribute("SiteCache", "Id")},
		{site + "ResponseHeadersPolicyId", attribute("SiteHeaders", "Id")},
		{site + "FunctionAssociations.1", map[string]any{"EventType": "viewer-response", "FunctionARN": attribute("SiteResponse", "FunctionARN")}},
		{c + "Aliases", func(c *config.Config) any {
			if c.Site.Domain == "" {
				return nil
			}
			return []string{c.Site.Domain}
		}},
	}
	for _, api := range []string{c + "CacheBehaviors.0.", c + "CacheBehaviors.1."} {
		behaviours = append(behaviours, pin{api + "AllowedMethods", everything}, pin{api + "ViewerProtocolPolicy", "https-only"}, pin{api + "CachePolicyId", attribute("ApiCache", "Id")},
			pin{api + "OriginRequestPolicyId", attribute("ApiRequest", "Id")}, pin{api + "ResponseHeadersPolicyId", attribute("SiteHeaders", "Id")})
	}
	return []Item{
		pinned([]string{"S1.71", "S2.8"}, "pages are read with CloudFront's signature and answered with the site's headers; the API's paths go to its stage, by every method, uncached and with their headers", ofFrontend, d, behaviours...),
		pinned([]string{"S1.72"}, "CloudFront signs each request to the bucket", ofFrontend, "AWS::CloudFront::OriginAccessControl",
			pin{"OriginAccessControlConfig.SigningBehavior", "always"}, pin{"OriginAccessControlConfig.SigningProtocol", "sigv4"}, pin{"OriginAccessControlConfig.OriginAccessControlOriginType", "s3"}),
		pinned([]string{"S1.71"}, "the functions are published, for the runtime that they are written in", ofFrontend, "AWS::CloudFront::Function",
			pin{"AutoPublish", true}, pin{"FunctionConfig.Runtime", "cloudfront-js-2.0"}),
		pinned([]string{"S1.121d"}, "https is remembered for two years, no page is framed, no type is guessed", ofFrontend, headers,
			pin{h + "StrictTransportSecurity.AccessControlMaxAgeSec", 2 * 365 * 86400}, pin{h + "FrameOptions.FrameOption", "DENY"}, pin{h + "ContentTypeOptions.Override", true}),
		{IDs: []string{"S1.121d"}, Property: "nothing is loaded, and nothing runs, but what the content security policy names", Check: func(t *Templates) error {
			p, err := only(t.Frontend, headers)
			if err != nil {
				return err
			}
			policy, _ := p.Get(h + "ContentSecurityPolicy.ContentSecurityPolicy").(string)
			for _, directive := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
				if !slices.Contains(strings.Split(policy, "; "), directive) {
					return fmt.Errorf("the policy lacks %s", directive)
				}
			}
			return nil
		}, Mutations: []Mutation{set(ofFrontend, headers, h+"ContentSecurityPolicy.ContentSecurityPolicy", "default-src *"), without(ofFrontend, headers)}},
		pinned([]string{"S1.121c"}, "no cookie reaches the API", ofFrontend, "AWS::CloudFront::OriginRequestPolicy",
			pin{"OriginRequestPolicyConfig.CookiesConfig.CookieBehavior", "none"}),
		{IDs: []string{"S1.121c", "D.no-personal-data-in-logs"}, Property: "what was asked for and how it was answered is logged, for 30 days, and nothing of who asked", Check: func(t *Templates) error {
			log, err := only(t.Frontend, delivery)
			if err != nil {
				return err
			}
			for _, field := range several(log.Get("RecordFields")) {
				if name := fmt.Sprint(field); strings.HasPrefix(name, "c-") || strings.Contains(name, "(") || slices.Contains([]string{"cs-uri-query", "x-forwarded-for", "asn"}, name) {
					return fmt.Errorf("%s has %s", log.ID, name)
				}
			}
			buckets := Where(t.Frontend.Resources("AWS::S3::Bucket"), "BucketName", t.Config.SiteLogBucket())
			if len(buckets) != 1 || len(several(log.Get("RecordFields"))) == 0 {
				return errors.New("no bucket for the logs, or no field")
			}
			return wants(buckets[0], "LifecycleConfiguration.Rules.0.ExpirationInDays", 30, "LifecycleConfiguration.Rules.0.Status", "Enabled",
				"PublicAccessBlockConfiguration", map[string]any{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true})
		}, Mutations: []Mutation{
			without(ofFrontend, delivery), set(ofFrontend, delivery, "RecordFields", []any{"date", "c-ip"}), set(ofFrontend, delivery, "RecordFields", []any{"cs(User-Agent)"}),
			set(ofFrontend, delivery, "RecordFields", []any{"cs-uri-query"}), logBucketMutation("LifecycleConfiguration"), logBucketMutation("PublicAccessBlockConfiguration"),
		}},
		{IDs: []string{"S1.81", "S1.72"}, Property: "CloudFront may decrypt the site's files for this account, reads them for this distribution alone, and the firewall's log may be encrypted", Check: siteRights, Mutations: []Mutation{
			siteStatement("the key refuses CloudFront", "AWS::KMS::Key", "KeyPolicy", "Distribution", "Effect", "Deny"), siteStatement("the key refuses the log", "AWS::KMS::Key", "KeyPolicy", "LogGroups", "Effect", "Deny"),
			siteStatement("any distribution may decrypt", "AWS::KMS::Key", "KeyPolicy", "Distribution", "Condition", map[string]any{}),
			siteStatement("any distribution may read", "AWS::S3::BucketPolicy", "PolicyDocument", "Distribution", "Condition", map[string]any{"StringLike": map[string]any{"AWS:SourceArn": "*"}}),
			siteStatement("the bucket may be written", "AWS::S3::BucketPolicy", "PolicyDocument", "Distribution", "Action", "s3:PutObject"),
		}},
	}
}

func logBucketMutation(member string) Mutation {
	return Mutation{"the bucket of logs has no " + member, func(t *Templates) {
		for _, b := range Where(t.Frontend.Resources("AWS::S3::Bucket"), "BucketName", t.Config.SiteLogBucket()) {
			b.Set(member, nil)
		}
	}}
}

// siteStatements gives the statements of a Sid in the policies of a type.
func siteStatements(t *Templates, typ, document, sid string) []map[string]any {
	var found []map[string]any
	for _, r := range t.Frontend.Resources(typ) {
		for _, s := range statements(r.Get(document)) {
			if s["Sid"] == sid {
				found = append(found, s)
			}
		}
	}
	return found
}

func siteStatement(what, typ, document, sid, member string, value any) Mutation {
	return Mutation{what, func(t *Templates) {
		for _, s := range siteStatements(t, typ, document, sid) {
			s[member] = value
		}
	}}
}

func siteRights(t *Templates) error {
	var errs []error
	one := func(typ, document, sid string, pairs ...any) {
		found := siteStatements(t, typ, document, sid)
		if len(found) != 1 {
			errs = append(errs, fmt.Errorf("%d statements %s in %s", len(found), sid, typ))
			return
		}
		errs = append(errs, same(found[0], append(pairs, "Effect", "Allow")...))
	}
	distribution, err := only(t.Frontend, "AWS::CloudFront::Distribution")
	if err != nil {
		return err
	}
	arn := "arn:aws:cloudfront::" + t.Config.Account + ":distribution/"
	one("AWS::KMS::Key", "KeyPolicy", "Distribution", "Action", "kms:Decrypt", "Principal.Service", "cloudfront.amazonaws.com", "Condition", map[string]any{"ArnLike": map[string]any{"aws:SourceArn": arn + "*"}})
	one("AWS::KMS::Key", "KeyPolicy", "LogGroups", "Principal.Service", "logs."+config.SiteRegion+".amazonaws.com")
	one("AWS::S3::BucketPolicy", "PolicyDocument", "Distribution", "Action", "s3:GetObject", "Principal.Service", "cloudfront.amazonaws.com",
		"Condition", map[string]any{"StringEquals": map[string]any{"AWS:SourceArn": map[string]any{"Fn::Join": []any{"", []any{arn, map[string]any{"Ref": distribution.ID}}}}}})
	return errors.Join(errs...)
}
