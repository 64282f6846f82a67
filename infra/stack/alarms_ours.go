package stack

import (
	"fmt"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// The series that our own code writes (activities/task/metrics.go), and whose
// absence of dimensions is what the alarms watch. They carry no environment: one
// account holds one environment.
func ours(namespace, name, stat string) series {
	return series{namespace: "Nigredo/" + namespace, name: name, stat: stat}
}

// serviceAlarms are those of the requirements, on what our own code counts.
func serviceAlarms(c *config.Config) []alarm {
	all := []alarm{
		{
			name: "api-error-rate", page: true,
			says:   "More than 5 % of the API's answers in 5 minutes were ours to blame (500 and above), and at least 3.",
			of:     map[string]series{"errors": ours("API", "ApiErrors", "Sum"), "requests": ours("API", "ApiErrors", "SampleCount")},
			value:  share("errors", "requests", fewest),
			period: 5 * minute, periods: 1, is: above, threshold: 5, withoutData: fine,
		},
		{
			name:   "api-errors-in-an-hour",
			says:   "More than 5 % of the API's answers in an hour were ours to blame, and at least 3: too slow for api-error-rate to see.",
			of:     map[string]series{"errors": ours("API", "ApiErrors", "Sum"), "requests": ours("API", "ApiErrors", "SampleCount")},
			value:  share("errors", "requests", fewest),
			period: hour, periods: 1, is: above, threshold: 5, withoutData: fine,
		},
		{
			name: "api-latency-p99", page: true,
			says:   "The slowest hundredth of the API's answers took more than 1000 ms over 5 minutes, and at least 3 of them did.",
			of:     latency("p99", 1000),
			value:  slowest,
			period: 5 * minute, periods: 1, is: above, threshold: 1000, withoutData: fine,
		},
		{
			name:   "api-latency-p95",
			says:   "The slowest twentieth of the API's answers took more than 500 ms over 10 minutes, and at least 3 of them did.",
			of:     latency("p95", 500),
			value:  slowest,
			period: 10 * minute, periods: 1, is: above, threshold: 500, withoutData: fine,
		},
		{
			name: "webhook-failures", page: true,
			says: "More than 10 % of the attempts to deliver to Fibonacci in 5 minutes failed, and at least 4: more than one lead's three.",
			of: map[string]series{
				"delivered": ours("Webhooks", "NigredoWebhookSuccess", "Sum"), "attempts": ours("Webhooks", "NigredoWebhookSuccess", "SampleCount"),
			},
			value:  share("(attempts - delivered)", "attempts", 4),
			period: 5 * minute, periods: 1, is: above, threshold: 10, withoutData: fine,
		},
		{
			name:   "rate-limit-hits",
			says:   "More than 100 posts in an hour were refused because their address had used its ten.",
			of:     map[string]series{"hits": ours("API", "RateLimitHits", "Sum")},
			value:  "hits",
			period: hour, periods: 1, is: above, threshold: 100, withoutData: fine,
		},
		{
			name: "unaccounted-leads", page: true,
			says:   "After a sweep there are accepted leads that nothing explains: somebody got 201 and may never be called.",
			of:     map[string]series{"unaccounted": ours("Webhooks", "Unaccounted", "Maximum")},
			value:  "unaccounted",
			period: 5 * minute, periods: 1, is: above, threshold: 0, withoutData: asBefore,
		},
		{
			name: "sweep-not-run", page: true,
			says:   "No sweep ended in 15 minutes, of three that were due: nobody sees lost leads or late answers to data subjects.",
			of:     map[string]series{"runs": ours("Webhooks", "NigredoSweepRun", "Sum")},
			value:  "runs",
			period: 5 * minute, periods: 3, is: below, threshold: 1, withoutData: wrong,
		},
		rights("rights-requests-due", "RightsDueIn5Days", false, "A data subject's request must be answered within 5 days (LGPD, article 19, II)."),
		rights("rights-requests-urgent", "RightsDueIn2Days", true, "A data subject's request must be answered within 2 days (LGPD, article 19, II)."),
		rights("rights-requests-overdue", "RightsOverdue", true, "A data subject's request was not answered within the law's 15 days (LGPD, article 19, II)."),
	}
	if hours := c.Monitoring.SilenceHours; hours > 0 {
		all = append(all, alarm{
			name:   "silence",
			says:   fmt.Sprintf("No lead was accepted for %d hours, and none of the other alarms need have noticed: look whether the form still works.", hours),
			of:     map[string]series{"leads": ours("API", "NigredoLeadSubmissions", "Sum")},
			value:  "leads",
			period: hour, periods: hours, is: below, threshold: 1, withoutData: wrong,
		})
	}
	return all
}

// latency gives the series of an alarm on a percentile: itself, how many requests
// there were, and the percentage of them that took longer than the limit in ms.
func latency(percentile string, limit int) map[string]series {
	return map[string]series{
		"latency": ours("API", "ApiLatency", percentile), "requests": ours("API", "ApiLatency", "SampleCount"),
		"slow": ours("API", "ApiLatency", fmt.Sprintf("PR(%d:)", limit)),
	}
}

// slowest is the percentile, or 0 while fewer than three requests were slow: the p99
// of ten requests is the slowest of them, and one cold start is no incident.
const slowest = "IF(requests * slow / 100 >= 3, latency, 0)"

func rights(name, metric string, page bool, says string) alarm {
	return alarm{
		name: name, page: page, says: says,
		of:     map[string]series{"requests": ours("Privacy", metric, "Maximum")},
		value:  "requests",
		period: 5 * minute, periods: 1, is: above, threshold: 0, withoutData: asBefore,
	}
}
