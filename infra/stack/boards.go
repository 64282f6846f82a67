package stack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/states"
)

// search is an expression for every series of a metric under the given dimensions:
// a new endpoint or function is a new line without a change here.
func search(namespace, dimensions, filter, stat string) string {
	return fmt.Sprintf(`SEARCH('{%s,%s} %s', '%s', 300)`, namespace, dimensions, filter, stat)
}

// blockedBy filters for what the rules of a web ACL refused; each is named for the
// stack that it stands in.
func blockedBy(acl string) string {
	return fmt.Sprintf("MetricName=%q WebACL=%q", "BlockedRequests", acl)
}

// coreBoard is Nigredo-Core: what visitors get.
func coreBoard(c *config.Config) board {
	graphs := []graph{
		{title: "Lead submissions", stacked: true, lines: []line{{label: "accepted", of: ours("API", "NigredoLeadSubmissions", "Sum")}}},
		{
			title: "API latency", limit: &limit{1000, "p99"},
			lines: []line{
				{label: "p50", of: ours("API", "ApiLatency", "p50")},
				{label: "p95", of: ours("API", "ApiLatency", "p95")},
				{label: "p99", of: ours("API", "ApiLatency", "p99")},
			},
		},
		{title: "Latency at API Gateway", lines: []line{
			{label: "p50", of: apiSeries(c, "Latency", "p50")},
			{label: "p95", of: apiSeries(c, "Latency", "p95")},
			{label: "p99", of: apiSeries(c, "Latency", "p99")},
			{label: "integration p99", of: apiSeries(c, "IntegrationLatency", "p99")},
		}},
		{
			title: "Error rate (%)", limit: &limit{5, "error rate"},
			lines: []line{
				{
					label: "answered by our code", expression: "100 * errors / requests",
					hidden: map[string]series{"errors": ours("API", "ApiErrors", "Sum"), "requests": ours("API", "ApiErrors", "SampleCount")},
				},
				{
					label: "answered by API Gateway", expression: "100 * gatewayErrors / gatewayRequests",
					hidden: map[string]series{"gatewayErrors": apiSeries(c, "5XXError", "Sum"), "gatewayRequests": apiSeries(c, "Count", "Sum")},
				},
			},
		},
		{title: "Errors by endpoint (share of its answers)", lines: []line{{label: "", expression: search("Nigredo/API", "endpoint", `MetricName="ApiErrors"`, "Average")}}},
		{title: "Latency by endpoint (p99, ms)", lines: []line{{label: "", expression: search("Nigredo/API", "endpoint", `MetricName="ApiLatency"`, "p99")}}},
		{title: "Rate-limit hits", period: hour, limit: &limit{100, "an hour"}, lines: []line{{label: "hits in an hour", of: ours("API", "RateLimitHits", "Sum")}}},
		{title: "Conversion (%)", period: hour, lines: []line{{
			label: "accepted leads of page views", expression: "100 * leads / views",
			hidden: map[string]series{"leads": ours("API", "NigredoLeadSubmissions", "Sum"), "views": ours("API", "NigredoPageViews", "Sum")},
		}}},
		{title: "Leads that nothing explains", limit: &limit{0, "must be 0"}, lines: []line{{label: "unaccounted", of: ours("Webhooks", "Unaccounted", "Maximum")}}},
		{title: "Database: capacity (ACU)", lines: []line{
			{label: "capacity", of: databaseSeries(c, "ServerlessDatabaseCapacity", "Average")}, {label: "used of the largest (%)", of: databaseSeries(c, "ACUUtilization", "Average")},
		}},
		{title: "Database: connections", limit: &limit{float64(c.Database.Connections), "ours"}, lines: []line{{label: "connections", of: databaseSeries(c, "DatabaseConnections", "Maximum")}}},
		{title: "Database: processors (%)", lines: []line{{label: "CPU", of: databaseSeries(c, "CPUUtilization", "Average")}}},
		{title: "Requests refused by WAF, before the API", lines: []line{{label: "", expression: search("AWS/WAFV2", "Region,Rule,WebACL", blockedBy(c.CoreStack()), "Sum")}}},
		{title: "Requests refused by WAF, before the site", region: config.SiteRegion, lines: []line{{label: "", expression: search("AWS/WAFV2", "Rule,WebACL", blockedBy(c.FrontendStack()), "Sum")}}},
		{title: "Site: errors and cache hits (%)", region: config.SiteRegion, lines: []line{
			{label: "5xx", expression: search("AWS/CloudFront", "DistributionId,Region", `MetricName="5xxErrorRate"`, "Average")},
			{label: "cache hits", expression: search("AWS/CloudFront", "DistributionId,Region", `MetricName="CacheHitRate"`, "Average")},
		}},
		{title: "Requests of data subjects", lines: []line{
			{label: "open", of: ours("Privacy", "RightsOpen", "Maximum")},
			{label: "due in 5 days", of: ours("Privacy", "RightsDueIn5Days", "Maximum")},
			{label: "due in 2 days", of: ours("Privacy", "RightsDueIn2Days", "Maximum")},
			{label: "overdue", of: ours("Privacy", "RightsOverdue", "Maximum")},
		}},
	}
	alarms := append(serviceAlarms(c), slices.Concat(gatewayAlarms(c), databaseAlarms(c))...)
	arns := alarmARNs(c, alarms)
	for _, name := range []string{"site-errors", "cache-hit-ratio"} {
		arns = append(arns, alarmARN(c, config.SiteRegion, name))
	}
	return layout(c, coreText(c), arns, graphs)
}

// agentsBoard is Nigredo-Agents: what works for a lead after the answer, and the
// functions ("agents") themselves.
func agentsBoard(c *config.Config) board {
	graphs := []graph{
		{title: "Webhook attempts (%)", stacked: true, limit: &limit{90, "at least"}, lines: []line{
			{
				label: "delivered", expression: "100 * delivered / attempts",
				hidden: map[string]series{"delivered": ours("Webhooks", "NigredoWebhookSuccess", "Sum"), "attempts": ours("Webhooks", "NigredoWebhookSuccess", "SampleCount")},
			},
			{label: "failed", expression: "100 * (attempts - delivered) / attempts"},
		}},
		{title: "Webhook attempts", lines: []line{
			{label: "attempts", of: ours("Webhooks", "NigredoWebhookSuccess", "SampleCount")}, {label: "repeats", of: ours("Webhooks", "NigredoWebhookRetries", "Sum")},
		}},
		{title: "Integration health: Fibonacci's answers (ms)", lines: []line{
			{label: "p50", of: ours("Webhooks", "NigredoWebhookDuration", "p50")}, {label: "p99", of: ours("Webhooks", "NigredoWebhookDuration", "p99")},
		}},
		{title: "Integration health: deliveries", lines: []line{
			{label: "started", of: machineSeries(c, "fibonacci_delivery", "ExecutionsStarted", "Sum")},
			{label: "succeeded", of: machineSeries(c, "fibonacci_delivery", "ExecutionsSucceeded", "Sum")},
			{label: "exhausted", of: machineSeries(c, "fibonacci_delivery", "ExecutionsFailed", "Sum")},
		}},
		{title: "Sweeps", lines: []line{{label: "runs", of: ours("Webhooks", "NigredoSweepRun", "Sum")}}},
	}
	for _, of := range []struct{ title, metric, stat string }{
		{"Executions failed", "ExecutionsFailed", "Sum"},
		{"Executions timed out", "ExecutionsTimedOut", "Sum"},
		{"Executions throttled", "ExecutionThrottled", "Sum"},
		{"Executions: time (p99, ms)", "ExecutionTime", "p99"},
	} {
		g := graph{title: of.title}
		for _, machine := range states.Machines() {
			g.lines = append(g.lines, line{label: machine.Name, of: machineSeries(c, machine.Name, of.metric, of.stat)})
		}
		graphs = append(graphs, g)
	}
	duration, errors, throttles, concurrent := graph{title: "Agents: duration (p95, ms)"}, graph{title: "Agents: error rate (%)"}, graph{title: "Agents: throttles"}, graph{title: "Agents: instances at work"}
	for i, f := range config.All() {
		label := f.Activity
		duration.lines = append(duration.lines, line{label: label, of: functionSeries(c, f.Activity, "Duration", "p95")})
		failed, all := fmt.Sprintf("e%d", i), fmt.Sprintf("i%d", i)
		errors.lines = append(errors.lines, line{label: label, expression: fmt.Sprintf("100 * %s / %s", failed, all), hidden: map[string]series{
			failed: functionSeries(c, f.Activity, "Errors", "Sum"), all: functionSeries(c, f.Activity, "Invocations", "Sum"),
		}})
		throttles.lines = append(throttles.lines, line{label: label, of: functionSeries(c, f.Activity, "Throttles", "Sum")})
		concurrent.lines = append(concurrent.lines, line{label: label, of: functionSeries(c, f.Activity, "ConcurrentExecutions", "Maximum")})
	}
	graphs = append(graphs, duration, errors, throttles, concurrent)
	alarms := slices.Concat(machineAlarms(c), functionAlarms(c))
	for _, a := range serviceAlarms(c) {
		if strings.HasPrefix(a.name, "webhook") || strings.HasPrefix(a.name, "sweep") || strings.HasPrefix(a.name, "unaccounted") {
			alarms = append(alarms, a)
		}
	}
	return layout(c, agentsText(c), alarmARNs(c, alarms), graphs)
}

// coreText says whom to call, out of the configuration and of nothing else.
func coreText(c *config.Config) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Nigredo, %s\n\nAn alarm is on: its message names its runbook, `infra/runbooks/<alarm>.md`.\n\n**Escalation**\n\n", c.Environment)
	for i, role := range config.EscalationRoles() {
		fmt.Fprintf(&b, "%d. %s: %s\n", i+1, role, reach(c, role))
	}
	return b.String()
}

func reach(c *config.Config, role string) string {
	for _, contact := range c.Monitoring.Escalation {
		if contact.Role != role {
			continue
		}
		var parts []string
		for _, part := range []string{contact.Name, contact.Phone, contact.Email} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		if len(parts) > 0 {
			return strings.Join(parts, ", ")
		}
	}
	return "not named yet (monitoring.escalation)"
}

func agentsText(c *config.Config) string {
	return fmt.Sprintf(`# Agents of Nigredo, %s

An agent is a function of the backend. A declared error (the receiver answered 500) counts as an error of the function too.

- What failed and waits: `+"`nigredo failures`"+`
- The books: `+"`nigredo leads balance`"+`
- One lead: the saved query `+"`Nigredo/%s/one lead`"+`, or `+"`nigredo executions history <lead id>`", c.Environment, c.Environment)
}
