package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// monitoringItems are those of dashboards, alarms and queries.
func monitoringItems() []Item {
	return append(monitoringStackItems(), SiteAlarms(), Watched())
}

// monitoringStackItems read the monitoring stack alone.
func monitoringStackItems() []Item {
	return slices.Concat(alarmItems(), boardItems(), queryItems(), []Item{criticalAlarm(), traceGroup()})
}

// SiteAlarms is the item of the alarms on CloudFront, in the site's stack.
func SiteAlarms() Item {
	find := func(t *Templates, name string) []Resource {
		return Where(t.Frontend.Resources("AWS::CloudWatch::Alarm"), "AlarmName", t.Config.Alarm(name))
	}
	return Item{
		IDs:      []string{"S1.102", "S2.78b"},
		Property: "alarms cache-hit-ratio (below 80 % for three hours) and site-errors stand in the site's stack, and CloudFront writes the hit ratio",
		Check: func(t *Templates) error {
			ratio, errs := find(t, "cache-hit-ratio"), find(t, "site-errors")
			if len(ratio) != 1 || len(errs) != 1 {
				return fmt.Errorf("%d alarms on the hit ratio, %d on errors", len(ratio), len(errs))
			}
			if !Equal(errs[0].Get("Threshold"), 5) || !Equal(errs[0].Get("ComparisonOperator"), "GreaterThanThreshold") || !strings.Contains(Text(errs[0].Get("Metrics")), `"5xxErrorRate"`) {
				return errors.New("site-errors is not on above 5 % of 5xxErrorRate")
			}
			if !Equal(ratio[0].Get("Threshold"), 80) || !Equal(ratio[0].Get("ComparisonOperator"), "LessThanThreshold") || !strings.Contains(Text(ratio[0].Get("Metrics")), `"CacheHitRate"`) {
				return errors.New("cache-hit-ratio is not on below 80 % of CacheHitRate")
			}
			if len(Where(t.Frontend.Resources("AWS::CloudFront::MonitoringSubscription"), "MonitoringSubscription.RealtimeMetricsSubscriptionConfig.RealtimeMetricsSubscriptionStatus", "Enabled")) != 1 {
				return errors.New("CloudFront's additional metrics are off: there is no CacheHitRate")
			}
			return nil
		},
		Mutations: []Mutation{
			{"the alarm on the ratio is gone", func(t *Templates) { t.Frontend.Remove(find(t, "cache-hit-ratio")[0].ID) }},
			{"the alarm on errors is gone", func(t *Templates) { t.Frontend.Remove(find(t, "site-errors")[0].ID) }},
			{"the alarm on errors is on above 50 %", func(t *Templates) { find(t, "site-errors")[0].Set("Threshold", 50) }},
			{"it is on below 50 %", func(t *Templates) { find(t, "cache-hit-ratio")[0].Set("Threshold", 50) }},
			{"the additional metrics are off", func(t *Templates) {
				t.Frontend.Remove(t.Frontend.Resources("AWS::CloudFront::MonitoringSubscription")[0].ID)
			}},
		},
	}
}

// queryRule is a saved query of the production guide.
type queryRule struct {
	ids        []string
	name       string
	activities []string // none: all
	has        []string // in this order
}

func queryItems() []Item {
	var items []Item
	for _, q := range []queryRule{
		{[]string{"S1.40", "S2.36"}, "top lead sources", []string{"persist"}, []string{"source", "filter @message like /Lead created/", "| stats count(*) as submissions by source", "| sort submissions desc"}},
		{[]string{"S2.37"}, "error analysis", nil, []string{"error", "@message", "filter @message like /ERROR/", "| sort @timestamp desc", "| limit 100"}},
		{[]string{"S2.38"}, "webhook failures", []string{"deliver"}, []string{"lead_id", "error_message", "filter @message like /Webhook failed/", "| sort @timestamp desc"}},
	} {
		items = append(items, q.item())
	}
	return items
}

func (q queryRule) item() Item {
	find := func(t *Templates) []Resource {
		return Where(t.Monitoring.Resources("AWS::Logs::QueryDefinition"), "Name", "Nigredo/"+t.Config.Environment+"/"+q.name)
	}
	item := Item{
		IDs:      q.ids,
		Property: fmt.Sprintf("saved query %q with %s, over the log groups of its functions", q.name, strings.Join(q.has, " ")),
		Check: func(t *Templates) error {
			found := find(t)
			if len(found) != 1 {
				return fmt.Errorf("%d queries %q", len(found), q.name)
			}
			rest := fmt.Sprint(found[0].Get("QueryString"))
			for _, part := range q.has {
				_, after, ok := strings.Cut(rest, part)
				if !ok {
					return fmt.Errorf("the query lacks %q in its place", part)
				}
				rest = after
			}
			var groups []string
			for _, f := range config.All() {
				if len(q.activities) == 0 || slices.Contains(q.activities, f.Activity) {
					groups = append(groups, t.Config.FunctionLog(f))
				}
			}
			if !Equal(found[0].Get("LogGroupNames"), groups) {
				return fmt.Errorf("it reads %v, not %v", found[0].Get("LogGroupNames"), groups)
			}
			return nil
		},
		Mutations: []Mutation{
			{"it is gone", func(t *Templates) { t.Monitoring.Remove(find(t)[0].ID) }},
			{"it reads another log", func(t *Templates) { find(t)[0].Set("LogGroupNames", []any{"/aws/lambda/other"}) }},
		},
	}
	for _, part := range q.has {
		item.Mutations = append(item.Mutations, Mutation{"it lacks " + part, func(t *Templates) {
			r := find(t)[0]
			r.Set("QueryString", strings.ReplaceAll(r.Get("QueryString").(string), part, ""))
		}})
	}
	return item
}

// criticalAlarm covers every alarm that pages, so that a look at one is a look at all.
func criticalAlarm() Item {
	find := func(t *Templates) []Resource {
		return Where(t.Monitoring.Resources("AWS::CloudWatch::CompositeAlarm"), "AlarmName", t.Config.Alarm("critical"))
	}
	return Item{
		IDs:      []string{"S1.122c"},
		Property: "alarm critical is on when any alarm of this stack is that pages",
		Check: func(t *Templates) error {
			found := find(t)
			if len(found) != 1 {
				return fmt.Errorf("%d composite alarms", len(found))
			}
			rule := fmt.Sprint(found[0].Get("AlarmRule"))
			var errs []error
			for _, r := range t.Monitoring.Resources("AWS::CloudWatch::Alarm") {
				pages := strings.Contains(Text(r.Get("AlarmActions")), t.Config.TopicARN("oncall"))
				if in := strings.Contains(rule, fmt.Sprintf("ALARM(%q)", r.Get("AlarmName"))); in != pages {
					errs = append(errs, fmt.Errorf("%v pages: %v, is in the rule: %v", r.Get("AlarmName"), pages, in))
				}
			}
			return errors.Join(errs...)
		},
		Mutations: []Mutation{
			{"it leaves one out", func(t *Templates) {
				r := find(t)[0]
				r.Set("AlarmRule", strings.Replace(r.Get("AlarmRule").(string), "api-error-rate", "other", 1))
			}},
			{"another alarm pages", func(t *Templates) {
				mustAlarm(t, "rate-limit-hits").Set("AlarmActions", []any{t.Config.TopicARN("oncall")})
			}},
		},
	}
}

func traceGroup() Item {
	find := func(t *Templates) []Resource { return t.Monitoring.Resources("AWS::XRay::Group") }
	return Item{
		IDs:      []string{"S2.39", "S1.122b"},
		Property: "an X-Ray group of the traces through the API's stage and the machines on a lead's way",
		Check: func(t *Templates) error {
			found := find(t)
			if len(found) != 1 {
				return fmt.Errorf("%d groups", len(found))
			}
			filter := fmt.Sprint(found[0].Get("FilterExpression"))
			for _, service := range []string{t.Config.APIName() + "/" + config.APIStage, t.Config.Machine("lead_intake"), t.Config.Machine("fibonacci_delivery")} {
				if !strings.Contains(filter, fmt.Sprintf("service(%q)", service)) {
					return fmt.Errorf("the filter does not name %s", service)
				}
			}
			return nil
		},
		Mutations: []Mutation{
			{"it is gone", func(t *Templates) { t.Monitoring.Remove(find(t)[0].ID) }},
			{"it names no machine", func(t *Templates) { find(t)[0].Set("FilterExpression", `service("other")`) }},
		},
	}
}
