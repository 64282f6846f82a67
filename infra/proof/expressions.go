package proof

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	queryID = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)
	word    = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*(\s*\()?`)
)

// expressionItem: what CloudWatch would refuse of an alarm. SEARCH and whatever gives more
// than one series cannot be alarmed on.
func expressionItem() Item {
	alarms := func(t *Templates) []Resource {
		return slices.Concat(t.Monitoring.Resources("AWS::CloudWatch::Alarm"), t.Frontend.Resources("AWS::CloudWatch::Alarm"))
	}
	change := func(what string, do func(query map[string]any, of Resource)) Mutation {
		return Mutation{what, func(t *Templates) {
			for _, r := range alarms(t) {
				for _, q := range several(r.Get("Metrics")) {
					if asMap(q)["Expression"] != nil {
						do(asMap(q), r)
						return
					}
				}
			}
		}}
	}
	return Item{
		IDs:      []string{"S1.39"},
		Property: "CloudWatch takes every alarm: expressions of IF, FILL and MAX over series that it reads, one of them looked at, within a day or, by the hour, a week",
		Check: func(t *Templates) error {
			var errs []error
			for _, r := range alarms(t) {
				if want := expressions()[strings.TrimPrefix(fmt.Sprint(r.Get("AlarmName")), t.Config.Alarm(""))]; want != "" && !contains(r.Get("Metrics"), Text(want)) {
					errs = append(errs, fmt.Errorf("alarm %v does not reckon %s", r.Get("AlarmName"), want))
				}
				if err := alarmTaken(r); err != nil {
					errs = append(errs, fmt.Errorf("alarm %v: %w", r.Get("AlarmName"), err))
				}
			}
			return errors.Join(errs...)
		},
		Mutations: []Mutation{
			change("an expression names a series that the alarm does not read", func(q map[string]any, _ Resource) { q["Expression"] = "unheard + 1" }),
			change("an expression reckons otherwise", func(q map[string]any, _ Resource) {
				q["Expression"] = strings.Replace(q["Expression"].(string), "3", "3000", 1)
			}),
			change("an expression is a search", func(q map[string]any, _ Resource) { q["Expression"] = "SUM(SEARCH('a', 'Sum', 300))" }),
			change("a bracket is open", func(q map[string]any, _ Resource) { q["Expression"] = q["Expression"].(string) + "(" }),
			change("two values are looked at", func(_ map[string]any, r Resource) { r.Set("Metrics.0.ReturnData", true) }),
			change("no value is looked at", func(q map[string]any, _ Resource) { q["ReturnData"] = false }),
			change("an id begins with a capital", func(q map[string]any, _ Resource) { q["Id"] = "Value" }),
			change("it looks back further than it may", func(_ map[string]any, r Resource) { r.Set("EvaluationPeriods", 2000) }),
			change("a series of ours has dimensions", func(_ map[string]any, r Resource) {
				r.Set("Metrics.0.MetricStat.Metric.Dimensions", []any{map[string]any{"Name": "Environment", "Value": "prod"}})
			}),
			change("a period is no minute", func(_ map[string]any, r Resource) { r.Set("Metrics.0.MetricStat.Period", 90) }),
		},
	}
}

// expressions are those of the alarms on shares and percentiles, by name: in percent, and
// 0 while too few failed to say anything.
func expressions() map[string]string {
	const slowest = "IF(requests * slow / 100 >= 3, latency, 0)"
	return map[string]string{
		"api-error-rate": "IF(errors >= 3, 100 * errors / requests, 0)", "gateway-errors": "IF(errors >= 3, 100 * errors / requests, 0)",
		"webhook-failures": "IF((attempts - delivered) >= 4, 100 * (attempts - delivered) / attempts, 0)",
		"api-latency-p99":  slowest, "api-latency-p95": slowest, "site-errors": "IF(requests >= 20, rate, 0)",
	}
}

func alarmTaken(r Resource) error {
	ids, seen, shown := map[string]bool{}, map[string]bool{}, 0
	var expressions []string
	var errs []error
	periods := numberOf(r.Get("EvaluationPeriods"))
	for _, q := range several(r.Get("Metrics")) {
		id, _ := Get(q, "Id").(string)
		if !queryID.MatchString(id) || ids[id] {
			errs = append(errs, fmt.Errorf("id %q", id))
		}
		ids[id] = true
		if Get(q, "ReturnData") == true {
			shown++
			seen[id] = true
		}
		if e, ok := Get(q, "Expression").(string); ok {
			expressions = append(expressions, e)
			continue
		}
		if strings.HasPrefix(fmt.Sprint(Get(q, "MetricStat.Metric.Namespace")), "Nigredo/") && len(several(Get(q, "MetricStat.Metric.Dimensions"))) > 0 {
			errs = append(errs, fmt.Errorf("%s has dimensions, and what our code writes without them is what is watched", id))
		}
		period := numberOf(Get(q, "MetricStat.Period"))
		if period <= 0 || int(period)%60 != 0 {
			errs = append(errs, fmt.Errorf("a period of %g s", period))
		}
		most := 86400.0
		if period >= 3600 {
			most = 7 * 86400
		}
		if period*periods > most {
			errs = append(errs, fmt.Errorf("it looks back %g s, CloudWatch does %g", period*periods, most))
		}
	}
	if shown != 1 {
		errs = append(errs, fmt.Errorf("%d values are looked at", shown))
	}
	for _, e := range expressions {
		if strings.Count(e, "(") != strings.Count(e, ")") || strings.Count(e, "[") != strings.Count(e, "]") {
			errs = append(errs, fmt.Errorf("brackets of %s", e))
		}
		for _, w := range word.FindAllString(e, -1) {
			if name, calls := strings.CutSuffix(w, "("); calls {
				if !slices.Contains([]string{"IF", "FILL", "MAX"}, name) {
					errs = append(errs, fmt.Errorf("%s) in %s", w, e))
				}
				continue
			}
			if seen[w] = true; !ids[w] {
				errs = append(errs, fmt.Errorf("%s in %s is no series of it", w, e))
			}
		}
	}
	for id := range ids {
		if !seen[id] {
			errs = append(errs, fmt.Errorf("%s is read for nothing", id))
		}
	}
	return errors.Join(errs...)
}
