package config

import "fmt"

// The names that stacks, alarms, queries and whoever operates share. They follow
// from the environment alone, so that one stack can name a thing of another
// without a reference that would tie their deployments together.

// Project is the value of the tag Project on everything that is deployed.
const Project = "nigredo"

// The audiences of the topics.
const (
	OnCall = "oncall"
	Team   = "team"
)

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

// Bus is the event bus of our own events and of Fibonacci's. Status changes of
// executions come on the account's default bus: AWS sends them nowhere else.
func (c *Config) Bus() string { return "nigredo-" + c.Environment }

// The sources of dead letters: what a rule or Lambda could not hand to Track, and
// what Scheduler could not start.
const (
	DeadEvents    = "events"
	DeadSchedules = "schedules"
)

// DeadLetters is the name of the queue that keeps what could not be handed on; source
// is DeadEvents or DeadSchedules. It is empty unless something is wrong.
func (c *Config) DeadLetters(source string) string { return c.CoreStack() + "-" + source + "-dead" }

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

// AlarmARN is the ARN of an alarm in the backend's region; "*": of all of ours.
func (c *Config) AlarmARN(alarm string) string {
	return fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:%s", c.Region, c.Account, c.Alarm(alarm))
}

// FlowLog is the log group of an own VPC's flow log.
func (c *Config) FlowLog() string { return "/nigredo/" + c.Environment + "/flow" }

// DatabaseLog is the log group that RDS writes a log of an own cluster to.
func (c *Config) DatabaseLog(log string) string {
	return "/aws/rds/cluster/" + c.Cluster() + "/" + log
}

// LogGroupARNs are patterns of all log groups of the backend's region that are ours:
// what the key of logs is for, and what operators read. A log group that has none of
// these beginnings cannot be encrypted with our key.
func (c *Config) LogGroupARNs() []string {
	var arns []string
	for _, name := range []string{
		"/aws/lambda/" + c.CoreStack() + "-*", "/aws/vendedlogs/states/" + c.CoreStack() + "-*", "/aws/apigateway/" + c.CoreStack() + "*",
		"/aws/rds/cluster/" + c.Cluster() + "/*", "/aws/vendedlogs/events/" + c.CoreStack() + "*", "aws-waf-logs-" + c.CoreStack() + "*",
		"/nigredo/" + c.Environment + "/*", "/aws/lambda/" + c.ReceiverStack() + "-*",
	} {
		arns = append(arns, fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", c.Region, c.Account, name))
	}
	return arns
}

// KeyAlias is the alias of a KMS key.
func (c *Config) KeyAlias(key string) string { return "alias/nigredo/" + c.Environment + "/" + key }

// SecretName is a secret's name: WebhookSecret, OriginSecret, StampKey.
func (c *Config) SecretName(secret string) string {
	return "nigredo/" + c.Environment + "/" + secret
}

// Trail is the name of the trail of AWS's API calls.
func (c *Config) Trail() string { return c.CoreStack() }

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

// StateMachineARN is the ARN of a state machine, a dimension of its metrics.
func (c *Config) StateMachineARN(name string) string {
	return fmt.Sprintf("arn:aws:states:%s:%s:stateMachine:%s", c.Region, c.Account, c.Machine(name))
}
