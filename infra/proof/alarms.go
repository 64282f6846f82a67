package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// alarmRule is what an alarm of the requirements must be. Window is period times
// periods, in seconds.
type alarmRule struct {
	ids       []string
	name      string
	metric    string // namespace and name of a series it must read
	stat      string
	threshold float64
	window    float64
	audience  string // oncall or team
	missing   string
	compares  string // ComparisonOperator; empty: GreaterThanThreshold
}

func alarmRules() []alarmRule {
	const minutes = 60.0
	return []alarmRule{
		{[]string{"S1.39", "S1.108", "S2.28", "S2.29"}, "api-error-rate", "Nigredo/API ApiErrors", "Sum", 5, 5 * minutes, "oncall", "notBreaching", ""},
		{[]string{"S1.109", "S2.26", "S2.30"}, "api-latency-p99", "Nigredo/API ApiLatency", "p99", 1000, 5 * minutes, "oncall", "notBreaching", ""},
		{[]string{"S1.110", "S2.27", "S2.31"}, "webhook-failures", "Nigredo/Webhooks NigredoWebhookSuccess", "Sum", 10, 5 * minutes, "oncall", "notBreaching", ""},
		{[]string{"S1.111", "S2.32"}, "api-latency-p95", "Nigredo/API ApiLatency", "p95", 500, 10 * minutes, "team", "notBreaching", ""},
		{[]string{"S1.112"}, "rate-limit-hits", "Nigredo/API RateLimitHits", "Sum", 100, 60 * minutes, "team", "notBreaching", ""},
		{[]string{"D.books"}, "unaccounted-leads", "Nigredo/Webhooks Unaccounted", "Maximum", 0, 5 * minutes, "oncall", "ignore", ""},
		{[]string{"D.books"}, "deliveries-exhausted", "AWS/States ExecutionsFailed", "Sum", 0, 5 * minutes, "team", "notBreaching", ""},
		{[]string{"D.books"}, "sweep-not-run", "Nigredo/Webhooks NigredoSweepRun", "Sum", 1, 15 * minutes, "oncall", "breaching", "LessThanThreshold"},
		{[]string{"D.books"}, "rights-requests-due", "Nigredo/Privacy RightsDueIn5Days", "Maximum", 0, 5 * minutes, "team", "ignore", ""},
		{[]string{"D.books"}, "rights-requests-urgent", "Nigredo/Privacy RightsDueIn2Days", "Maximum", 0, 5 * minutes, "oncall", "ignore", ""},
		{[]string{"D.books"}, "rights-requests-overdue", "Nigredo/Privacy RightsOverdue", "Maximum", 0, 5 * minutes, "oncall", "ignore", ""},
		{[]string{"D.dead"}, "dead-events", "AWS/SQS ApproximateNumberOfMessagesVisible", "Maximum", 0, 5 * minutes, "team", "ignore", ""},
		{[]string{"D.dead"}, "dead-schedules", "AWS/SQS ApproximateNumberOfMessagesVisible", "Maximum", 0, 5 * minutes, "team", "ignore", ""},
		{[]string{"S1.39"}, "gateway-errors", "AWS/ApiGateway 5XXError", "Sum", 5, 5 * minutes, "oncall", "notBreaching", ""},
		{[]string{"S1.39"}, "intake-failed", "AWS/States ExecutionsTimedOut", "Sum", 0, 5 * minutes, "oncall", "notBreaching", ""},
		{[]string{"S1.39"}, "function-throttles", "AWS/Lambda Throttles", "Sum", 0, 5 * minutes, "oncall", "notBreaching", ""},
		{[]string{"S1.39"}, "machine-throttles", "AWS/States ExecutionThrottled", "Sum", 0, 10 * minutes, "team", "notBreaching", ""},
		{[]string{"S1.39"}, "database-capacity", "AWS/RDS ACUUtilization", "Average", 95, 15 * minutes, "team", "missing", ""},
	}
}

// alarmItems binds each alarm of the requirements, and what holds for all of them.
func alarmItems() []Item {
	items := []Item{allAlarms(), expressionItem(), silenceAlarm()}
	for _, rule := range alarmRules() {
		items = append(items, rule.item())
	}
	return items
}

func (a alarmRule) item() Item {
	at := func(t *Templates) Resource { return mustAlarm(t, a.name) }
	if a.compares == "" {
		a.compares = "GreaterThanThreshold"
	}
	return Item{
		IDs:      a.ids,
		Property: fmt.Sprintf("alarm %s: %s %s, %s %g over %g s, to %s, without data %s", a.name, a.metric, a.stat, a.compares, a.threshold, a.window, a.audience, a.missing),
		Check:    a.check,
		Mutations: []Mutation{
			{"the alarm is gone", func(t *Templates) { t.Monitoring.Remove(at(t).ID) }},
			{"it has another threshold", func(t *Templates) { at(t).Set("Threshold", a.threshold+1) }},
			{"it compares the other way round", func(t *Templates) { at(t).Set("ComparisonOperator", "LessThanOrEqualToThreshold") }},
			{"it waits for one period more", func(t *Templates) { at(t).Set("EvaluationPeriods", 99) }},
			{"it tells nobody", func(t *Templates) { at(t).Set("AlarmActions", []any{}) }},
			{"it takes missing data otherwise", func(t *Templates) { at(t).Set("TreatMissingData", "other") }},
			{"it reads another series", func(t *Templates) {
				for _, q := range at(t).Get("Metrics").([]any) {
					if metric, ok := Get(q, "MetricStat.Metric").(map[string]any); ok {
						metric["MetricName"] = "Other"
					}
				}
			}},
		},
	}
}

func (a alarmRule) check(t *Templates) error {
	r, err := alarmOf(t, a.name)
	if err != nil {
		return err
	}
	var window float64
	found := false
	queries, _ := r.Get("Metrics").([]any)
	for _, q := range queries {
		metric := fmt.Sprint(Get(q, "MetricStat.Metric.Namespace"), " ", Get(q, "MetricStat.Metric.MetricName"))
		if metric == a.metric && Equal(Get(q, "MetricStat.Stat"), a.stat) {
			found = true
			period, _ := Get(q, "MetricStat.Period").(float64)
			periods, _ := r.Get("EvaluationPeriods").(float64)
			window = period * periods
		}
	}
	var errs []error
	if !found {
		errs = append(errs, fmt.Errorf("it does not read %s %s", a.metric, a.stat))
	}
	for what, pair := range map[string][2]any{
		"window": {window, a.window}, "threshold": {r.Get("Threshold"), a.threshold}, "comparison": {r.Get("ComparisonOperator"), a.compares},
		"missing data": {r.Get("TreatMissingData"), a.missing}, "actions": {r.Get("AlarmActions"), []string{t.Config.TopicARN(a.audience)}},
	} {
		if !Equal(pair[0], pair[1]) {
			errs = append(errs, fmt.Errorf("%s is %v, not %v", what, pair[0], pair[1]))
		}
	}
	return errors.Join(errs...)
}

// allAlarms is what every alarm must have, whoever added it: a name of ours, a
// runbook in its text, somebody to tell when it comes and goes, at most ten series.
func allAlarms() Item {
	some := func(t *Templates) Resource { return t.Monitoring.Resources("AWS::CloudWatch::Alarm")[0] }
	return Item{
		IDs:      []string{"S1.39", "S1.122c"},
		Property: "every alarm is named nigredo-<env>-…, its text names its runbook, it tells a topic when it comes and goes, and reads at most ten series",
		Check: func(t *Templates) error {
			alarms := slices.Concat(t.Monitoring.Resources("AWS::CloudWatch::Alarm"), t.Frontend.Resources("AWS::CloudWatch::Alarm"))
			if len(alarms) == 0 {
				return errors.New("there is no alarm")
			}
			var errs []error
			for _, r := range alarms {
				name, named := strings.CutPrefix(fmt.Sprint(r.Get("AlarmName")), t.Config.Alarm(""))
				text := fmt.Sprint(r.Get("AlarmDescription"))
				queries, _ := r.Get("Metrics").([]any)
				told, _ := r.Get("AlarmActions").([]any)
				calmed, _ := r.Get("OKActions").([]any)
				if !named || !strings.HasSuffix(text, "Runbook: infra/runbooks/"+name+".md") || len(told) != 1 || len(calmed) != 1 ||
					Equal(r.Get("ActionsEnabled"), false) || len(queries) == 0 || len(queries) > 11 {
					errs = append(errs, fmt.Errorf("alarm %v", r.Get("AlarmName")))
				}
			}
			return errors.Join(errs...)
		},
		Mutations: []Mutation{
			{"one is named otherwise", func(t *Templates) { some(t).Set("AlarmName", "errors") }},
			{"one has no runbook", func(t *Templates) { some(t).Set("AlarmDescription", "Something is wrong.") }},
			{"one tells nobody that it is over", func(t *Templates) { some(t).Set("OKActions", nil) }},
			{"the actions of one are off", func(t *Templates) { some(t).Set("ActionsEnabled", false) }},
		},
	}
}

func silenceAlarm() Item {
	return Item{
		IDs:      []string{"D.books"},
		Property: "alarm silence: no NigredoLeadSubmissions for monitoring.silenceHours, none where that is 0",
		Check: func(t *Templates) error {
			r, err := alarmOf(t, "silence")
			hours := t.Config.Monitoring.SilenceHours
			if hours == 0 {
				if err == nil {
					return errors.New("there is one, and the configuration wants none")
				}
				return nil
			}
			if err != nil {
				return err
			}
			if !Equal(r.Get("EvaluationPeriods"), hours) || !Equal(r.Get("TreatMissingData"), "breaching") || !Equal(r.Get("ComparisonOperator"), "LessThanThreshold") {
				return fmt.Errorf("it is not on for %d hours without data", hours)
			}
			return nil
		},
		Mutations: []Mutation{
			{"the setting and the alarm differ", func(t *Templates) {
				changed := *t.Config
				changed.Monitoring.SilenceHours = 7
				t.Config = &changed
			}},
		},
	}
}

// alarmOf gives an alarm of the monitoring stack.
func alarmOf(t *Templates, name string) (Resource, error) {
	found := Where(t.Monitoring.Resources("AWS::CloudWatch::Alarm"), "AlarmName", t.Config.Alarm(name))
	if len(found) != 1 {
		return Resource{}, fmt.Errorf("%d alarms %s", len(found), t.Config.Alarm(name))
	}
	return found[0], nil
}

// mustAlarm is alarmOf for a mutation, which runs after its check passed.
func mustAlarm(t *Templates, name string) Resource {
	r, err := alarmOf(t, name)
	if err != nil {
		panic("proof: " + err.Error())
	}
	return r
}
