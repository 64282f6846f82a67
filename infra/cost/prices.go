package cost

// Price is a list price in USD.
type Price struct {
	Unit   string
	USD    float64
	Source string
	Date   string // as of when
	// Sure is false for a price that was not read at AWS's own page but in a guide
	// that quotes it ("by"), or is remembered: look it up before you rely on the line.
	Sure bool
}

const today = "2026-11-28"

// prices are those of us-east-1; what CloudFront hands out is priced for visitors in
// South America.
func prices() map[string]Price {
	return map[string]Price{
		"api":            {"1M requests", 3.50, "aws.amazon.com/api-gateway/pricing, from memory", today, false},
		"waf.acl":        {"web ACL", 5.00, "aws.amazon.com/waf/pricing, by c3x.dev/blog/aws-waf-cost-explained", today, false},
		"waf.rule":       {"rule", 1.00, "aws.amazon.com/waf/pricing, by c3x.dev/blog/aws-waf-cost-explained", today, false},
		"waf.request":    {"1M requests", 0.60, "aws.amazon.com/waf/pricing, by c3x.dev/blog/aws-waf-cost-explained", today, false},
		"waf.bots":       {"web ACL", 10.00, "aws.amazon.com/waf/pricing, by c3x.dev/blog/aws-waf-cost-explained", today, false},
		"waf.botRequest": {"1M requests", 1.00, "aws.amazon.com/waf/pricing, by c3x.dev/blog/aws-waf-cost-explained", today, false},
		"express.start":  {"1M executions", 1.00, "aws.amazon.com/step-functions/pricing", "2026-11-21", true},
		"express.memory": {"GB-second", 0.00001667, "aws.amazon.com/step-functions/pricing", "2026-11-21", true},
		"transition":     {"1,000 transitions", 0.025, "aws.amazon.com/step-functions/pricing", "2026-11-21", true},
		"lambda.request": {"1M requests", 0.20, "aws.amazon.com/lambda/pricing, by cloudchipr.com/blog/aws-lambda-pricing", today, false},
		"lambda.time":    {"GB-second, arm64", 0.0000133334, "aws.amazon.com/lambda/pricing, by cloudchipr.com/blog/aws-lambda-pricing", today, false},
		"lambda.warm":    {"GB-second of provisioned concurrency, arm64", 0.0000033334, "aws.amazon.com/lambda/pricing, from memory", today, false},
		"aurora.acu":     {"ACU-hour", 0.12, "aws.amazon.com/rds/aurora/pricing, by c3x.dev/blog/aws-aurora-serverless-v2-cost", today, false},
		"aurora.io":      {"1M requests", 0.20, "aws.amazon.com/rds/aurora/pricing, from memory", today, false},
		"aurora.storage": {"GB-month", 0.10, "aws.amazon.com/rds/aurora/pricing, by awsnegotiations.com/blog/aurora-serverless-v2-pricing.html", today, false},
		"aurora.backup":  {"GB-month beyond the size of the cluster", 0.021, "aws.amazon.com/rds/aurora/pricing, from memory", today, false},
		"proxy":          {"ACU-hour, 8 at least", 0.015, "aws.amazon.com/rds/proxy/pricing, from memory", today, false},
		"address":        {"hour of a public IPv4 address", 0.005, "aws.amazon.com/vpc/pricing, from memory", today, false},
		"cdn.function":   {"1M calls of a CloudFront function", 0.10, "aws.amazon.com/cloudfront/pricing, from memory", today, false},
		"nat.hour":       {"hour", 0.045, "aws.amazon.com/vpc/pricing, from memory", today, false},
		"nat.data":       {"GB", 0.045, "aws.amazon.com/vpc/pricing, from memory", today, false},
		"key":            {"key", 1.00, "aws.amazon.com/kms/pricing, from memory", today, false},
		"key.request":    {"10,000 requests", 0.03, "aws.amazon.com/kms/pricing, from memory", today, false},
		"secret":         {"secret", 0.40, "aws.amazon.com/secrets-manager/pricing, from memory", today, false},
		"log":            {"GB taken in", 0.50, "aws.amazon.com/cloudwatch/pricing, by factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards", today, false},
		"log.kept":       {"GB-month", 0.03, "aws.amazon.com/cloudwatch/pricing, by factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards", today, false},
		"metric":         {"series of ours", 0.30, "aws.amazon.com/cloudwatch/pricing, by signoz.io/guides/cloudwatch-pricing", today, false},
		"alarm":          {"series in an alarm", 0.10, "aws.amazon.com/cloudwatch/pricing, from memory", today, false},
		"alarm.of":       {"composite alarm", 0.50, "aws.amazon.com/cloudwatch/pricing, from memory", today, false},
		"dashboard":      {"dashboard", 3.00, "aws.amazon.com/cloudwatch/pricing, by factualminds.com", today, false},
		"cdn.request":    {"10,000 HTTPS requests, South America", 0.022, "aws.amazon.com/cloudfront/pricing, from memory", today, false},
		"cdn.data":       {"GB to viewers, South America", 0.110, "aws.amazon.com/cloudfront/pricing, from memory", today, false},
		"s3.storage":     {"GB-month", 0.023, "aws.amazon.com/s3/pricing, from memory", today, false},
		"s3.put":         {"1,000 requests", 0.005, "aws.amazon.com/s3/pricing, from memory", today, false},
		"schedule":       {"1M invocations", 1.00, "aws.amazon.com/eventbridge/pricing, from memory", today, false},
		"trace":          {"1M traces", 5.00, "aws.amazon.com/xray/pricing, from memory", today, false},
		"mail":           {"100,000 e-mails", 2.00, "aws.amazon.com/sns/pricing, from memory", today, false},
		"transfer":       {"GB to the internet", 0.09, "aws.amazon.com/ec2/pricing/on-demand, from memory", today, false},
	}
}

// regionFactor is how much more a region costs than us-east-1, over all services; no
// exact figure: compute in sa-east-1 is listed between 1.3 and 1.9 times as high.
func regionFactor(region string) (factor float64, known bool) {
	switch region {
	case "us-east-1":
		return 1, true
	case "sa-east-1":
		return 1.6, true
	}
	return 1.2, false
}
