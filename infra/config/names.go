package config

import "fmt"

// The names that stacks, alarms, queries and whoever operates share. They follow
// from the environment alone, so that one stack can name a thing of another
// without a reference that would tie their deployments together.

// Alias is the alias of every function and state machine that is called.
const Alias = "live"

// CoreStack is the name of the backend's stack.
func (c *Config) CoreStack() string { return "NigredoStack-" + c.Environment }

// FrontendStack is the name of the site's stack.
func (c *Config) FrontendStack() string { return "NigredoFrontendStack-" + c.Environment }

// MonitoringStack is the name of the stack of dashboards and alarms.
func (c *Config) MonitoringStack() string { return "NigredoMonitoringStack-" + c.Environment }

// ReceiverStack is the name of the stack of the webhook's receiving side.
func (c *Config) ReceiverStack() string { return "NigredoFibonacciReceiverStack-" + c.Environment }

// Function is a function's name in AWS.
func (c *Config) Function(f Function) string { return c.CoreStack() + "-" + f.Name }

// FunctionLog is the log group of a function.
func (c *Config) FunctionLog(f Function) string { return "/aws/lambda/" + c.Function(f) }

// Machine is a state machine's name in AWS, by the name of its file.
func (c *Config) Machine(name string) string { return c.CoreStack() + "-" + name }

// MachineLog is the log group of a state machine.
func (c *Config) MachineLog(name string) string {
	return "/aws/vendedlogs/states/" + c.Machine(name)
}

// APIName is the REST API's name, a dimension of its metrics.
func (c *Config) APIName() string { return c.CoreStack() }

// APIStage is the one stage of the REST API.
const APIStage = "live"

// APILog is the log group of the API's access log.
func (c *Config) APILog() string { return "/aws/apigateway/" + c.CoreStack() }

// Cluster is the identifier of an own database cluster.
func (c *Config) Cluster() string { return "nigredo-" + c.Environment }

// Topic is the name of an SNS topic; audience is oncall or team.
func (c *Config) Topic(audience string) string { return c.CoreStack() + "-" + audience }

// TopicARN is the ARN of an SNS topic in the backend's region.
func (c *Config) TopicARN(audience string) string {
	return fmt.Sprintf("arn:aws:sns:%s:%s:%s", c.Region, c.Account, c.Topic(audience))
}

// Alarm is the name of an alarm in AWS; the runbook is infra/runbooks/<alarm>.md.
func (c *Config) Alarm(alarm string) string { return "nigredo-" + c.Environment + "-" + alarm }

// Dashboard is the name of a dashboard: Core or Agents.
func (c *Config) Dashboard(name string) string { return "Nigredo-" + name + "-" + c.Environment }

// StoppedSet is the WAF address set that stops all traffic while it holds every
// address; empty, it stops nothing. One stands before the API, one before the site.
func (c *Config) StoppedSet(stack string) string { return stack + "-stopped" }

// StoppedSet6 is the same for IPv6: a set of WAF holds addresses of one family.
func (c *Config) StoppedSet6(stack string) string { return stack + "-stopped-6" }

// FirewallLog is the log group of a stack's web ACL. WAF writes to no other name.
func (c *Config) FirewallLog(stack string) string { return "aws-waf-logs-" + stack }

// SiteBucket holds the files of the site, SiteLogBucket who asked for them.
func (c *Config) SiteBucket() string { return "nigredo-" + c.Environment + "-site-" + c.Account }

// SiteLogBucket holds the access logs of distribution and bucket, for 30 days.
func (c *Config) SiteLogBucket() string {
	return "nigredo-" + c.Environment + "-site-logs-" + c.Account
}

// SiteOrigin is the site's origin, empty while it has no address of its own: then
// pages and API have CloudFront's, which is known after the deployment only.
func (c *Config) SiteOrigin() string {
	if c.Site.Domain == "" {
		return ""
	}
	return "https://" + c.Site.Domain
}

// Parameter is the path of a parameter in Systems Manager.
func (c *Config) Parameter(name string) string { return "/nigredo/" + c.Environment + "/" + name }
