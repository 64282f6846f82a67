package stack

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/states"
)

// The series of AWS's services, with the dimensions under which they write them.

func apiSeries(c *config.Config, name, stat string) series {
	return series{"AWS/ApiGateway", name, map[string]string{"ApiName": c.APIName(), "Stage": config.APIStage}, stat}
}

func machineSeries(c *config.Config, machine, name, stat string) series {
	return series{"AWS/States", name, map[string]string{"StateMachineArn": c.StateMachineARN(machine)}, stat}
}

func functionSeries(c *config.Config, activity, name, stat string) series {
	f, ok := config.FunctionOf(activity)
	if !ok {
		panic("stack: no function of activity " + activity)
	}
	return series{"AWS/Lambda", name, map[string]string{"FunctionName": c.Function(f)}, stat}
}

func databaseSeries(c *config.Config, name, stat string) series {
	return series{"AWS/RDS", name, map[string]string{"DBClusterIdentifier": cluster(c)}, stat}
}

// cluster is the identifier of the database cluster, ours or Fibonacci's.
func cluster(c *config.Config) string {
	if c.Database.Import != nil {
		return c.Database.Import.Cluster
	}
	return c.Cluster()
}

// platformAlarms are those on what AWS's services count.
func platformAlarms(c *config.Config) []alarm {
	return slices.Concat(gatewayAlarms(c), machineAlarms(c), functionAlarms(c), databaseAlarms(c), letterAlarms(c))
}

func gatewayAlarms(c *config.Config) []alarm {
	all := []alarm{{
		name: "gateway-errors", page: true,
		says:   "More than 5 % of what API Gateway answered in 5 minutes was 500 and above, and at least 3: also what never reached our code.",
		of:     map[string]series{"errors": apiSeries(c, "5XXError", "Sum"), "requests": apiSeries(c, "Count", "Sum")},
		value:  share("errors", "requests", fewest),
		period: 5 * minute, periods: 1, is: above, threshold: 5, withoutData: fine,
	}}
	if c.API.Certificate != "" {
		all = append(all, certificateAlarm("certificate-expiry", c.API.Domain, c.API.Certificate))
	}
	return all
}

// certificateAlarm is for ACM's own renewal having failed: it renews 60 days ahead.
func certificateAlarm(name, domain, certificate string) alarm {
	return alarm{
		name:   name,
		says:   fmt.Sprintf("The certificate of %s ends within 30 days: ACM has not renewed it, as it does 60 days ahead.", domain),
		of:     map[string]series{"days": {"AWS/CertificateManager", "DaysToExpiry", map[string]string{"CertificateArn": certificate}, "Minimum"}},
		value:  "days",
		period: day, periods: 1, is: below, threshold: 30, withoutData: unknown, // ACM writes once a day
	}
}

// machineAlarms count executions. A failed lead_intake is a defect, because every
// refusal is a success; a failed delivery is a lead that waits for somebody.
func machineAlarms(c *config.Config) []alarm {
	ended := func(machine string) map[string]series {
		return map[string]series{
			"failed": machineSeries(c, machine, "ExecutionsFailed", "Sum"), "late": machineSeries(c, machine, "ExecutionsTimedOut", "Sum"),
			"aborted": machineSeries(c, machine, "ExecutionsAborted", "Sum"),
		}
	}
	const unsuccessful = "FILL(failed, 0) + FILL(late, 0) + FILL(aborted, 0)"
	throttled := map[string]series{}
	for _, machine := range states.Machines() {
		throttled[strings.ReplaceAll(machine.Name, "_", "")] = machineSeries(c, machine.Name, "ExecutionThrottled", "Sum")
	}
	campaign := map[string]series{}
	for _, machine := range []string{"redrive_campaign", "redrive_batch"} {
		for id, of := range ended(machine) {
			campaign[strings.TrimPrefix(machine, "redrive_")+id] = of
		}
	}
	return []alarm{
		{
			name: "intake-failed", page: true,
			says:   "An execution of lead_intake failed or took too long. Every refusal is a success there: this is a defect, and a visitor got 502 or 504.",
			of:     ended("lead_intake"),
			value:  unsuccessful,
			period: 5 * minute, periods: 1, is: above, threshold: 0, withoutData: fine,
		},
		{
			name:   "deliveries-exhausted",
			says:   "A delivery used up its attempts, or Fibonacci rejected it: the lead waits for a redrive, 14 days at most.",
			of:     ended("fibonacci_delivery"),
			value:  unsuccessful,
			period: 5 * minute, periods: 1, is: above, threshold: 0, withoutData: fine,
		},
		{
			name:   "campaign-failed",
			says:   "An execution of a redrive campaign failed: the campaign is paused, and what it had not sent waits.",
			of:     campaign,
			value:  sumOf(campaign),
			period: 5 * minute, periods: 1, is: above, threshold: 0, withoutData: fine,
		},
		{
			name:   "machine-throttles",
			says:   "Step Functions held executions back for 10 minutes: a quota of the account is reached.",
			of:     throttled,
			value:  sumOf(throttled),
			period: 5 * minute, periods: 2, is: above, threshold: 0, withoutData: fine,
		},
	}
}

// way are the functions that a lead passes, on which a lead waits.
func way() []string { return []string{"validate", "ratelimit", "persist", "deliver"} }

func functionAlarms(c *config.Config) []alarm {
	throttles, used := map[string]series{}, map[string]series{}
	var shares []string
	for _, activity := range way() {
		f, _ := config.FunctionOf(activity)
		throttles[activity] = functionSeries(c, activity, "Throttles", "Sum")
		used[activity] = functionSeries(c, activity, "ConcurrentExecutions", "Maximum")
		shares = append(shares, fmt.Sprintf("FILL(%s, 0) / %d", activity, f.Concurrency))
	}
	return []alarm{
		{
			name: "function-throttles", page: true,
			says:   "Lambda turned away calls on a lead's way for 5 minutes: its functions have no instance left.",
			of:     throttles,
			value:  sumOf(throttles),
			period: minute, periods: 5, is: above, threshold: 0, withoutData: fine,
		},
		{
			name:   "function-concurrency",
			says:   "A function on a lead's way used more than 80 % of its reserved concurrency for 15 minutes.",
			of:     used,
			value:  "100 * MAX([" + strings.Join(shares, ", ") + "])",
			period: 5 * minute, periods: 3, is: above, threshold: 80, withoutData: fine,
		},
	}
}

func databaseAlarms(c *config.Config) []alarm {
	all := []alarm{
		{
			name:   "database-capacity",
			says:   "The database used more than 95 % of its largest capacity for 15 minutes: it cannot grow any more.",
			of:     map[string]series{"used": databaseSeries(c, "ACUUtilization", "Average")},
			value:  "used",
			period: 5 * minute, periods: 3, is: above, threshold: 95, withoutData: unknown,
		},
		{
			name:   "database-cpu",
			says:   "The database used more than 80 % of its processors for 15 minutes.",
			of:     map[string]series{"used": databaseSeries(c, "CPUUtilization", "Average")},
			value:  "used",
			period: 5 * minute, periods: 3, is: above, threshold: 80, withoutData: unknown,
		},
		{
			name:   "database-storage",
			says:   fmt.Sprintf("The database holds more than %d GB: look at what grows.", c.Monitoring.StorageGB),
			of:     map[string]series{"bytes": databaseSeries(c, "VolumeBytesUsed", "Average")},
			value:  "bytes",
			period: hour, periods: 1, is: above, threshold: float64(c.Monitoring.StorageGB) * 1e9, withoutData: unknown,
		},
	}
	if c.Database.Import == nil { // of a shared cluster the others' connections are counted too
		all = append(all, alarm{
			name:   "database-connections",
			says:   fmt.Sprintf("More than 90 %% of the %d connections are taken for 5 minutes: the functions may reserve four fifths.", c.Database.Connections),
			of:     map[string]series{"connections": databaseSeries(c, "DatabaseConnections", "Maximum")},
			value:  "connections",
			period: minute, periods: 5, is: above, threshold: float64(c.Database.Connections) * 0.9, withoutData: unknown,
		})
	}
	return all
}

// letterAlarms are for what could not be handed on. Both are repaired by the next
// sweep as far as leads are concerned; why they are there is the question.
func letterAlarms(c *config.Config) []alarm {
	of := func(source string) map[string]series {
		return map[string]series{"letters": {
			"AWS/SQS", "ApproximateNumberOfMessagesVisible", map[string]string{"QueueName": c.DeadLetters(source)}, "Maximum",
		}}
	}
	return []alarm{
		{
			name:   "dead-events",
			says:   "News of an execution could not be written down: it waits in the queue of dead events, 14 days at most.",
			of:     of(config.DeadEvents),
			value:  "letters",
			period: 5 * minute, periods: 1, is: above, threshold: 0, withoutData: asBefore,
		},
		{
			name:   "dead-schedules",
			says:   "Scheduler could not start a machine: what it would have started waits in the queue of dead schedules.",
			of:     of(config.DeadSchedules),
			value:  "letters",
			period: 5 * minute, periods: 1, is: above, threshold: 0, withoutData: asBefore,
		},
	}
}

// sumOf adds up series of which some may be missing.
func sumOf(of map[string]series) string {
	var terms []string
	for _, id := range slices.Sorted(maps.Keys(of)) {
		terms = append(terms, "FILL("+id+", 0)")
	}
	return strings.Join(terms, " + ")
}
