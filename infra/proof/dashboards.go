package proof

import (
	"errors"
	"fmt"
	"strings"
)

// boardRule is a widget that a dashboard must have: the series that it shows.
type boardRule struct {
	ids   []string
	board string
	wants []string // namespace, name and, of a row, the statistic
}

func boardRules() []boardRule {
	return []boardRule{
		{[]string{"S1.106a", "S2.25"}, "Core", []string{"Nigredo/API NigredoLeadSubmissions Sum"}},
		{[]string{"S1.106b"}, "Core", []string{"Nigredo/API ApiLatency p50", "Nigredo/API ApiLatency p95", "Nigredo/API ApiLatency p99"}},
		{[]string{"S1.106c"}, "Core", []string{`SEARCH('{Nigredo/API,endpoint} MetricName="ApiErrors"', 'Average', 300)`}},
		{[]string{"S1.106d"}, "Core", []string{"Nigredo/API RateLimitHits Sum"}},
		{[]string{"S1.107a"}, "Agents", []string{"Nigredo/Webhooks NigredoWebhookSuccess Sum", "Nigredo/Webhooks NigredoWebhookSuccess SampleCount"}},
		{[]string{"S1.107b"}, "Agents", []string{"Nigredo/Webhooks NigredoWebhookRetries Sum"}},
		{[]string{"S1.107c"}, "Agents", []string{"Nigredo/Webhooks NigredoWebhookDuration p99", "AWS/States ExecutionsSucceeded Sum", "AWS/States ExecutionsFailed Sum"}},
		{[]string{"S1.38", "S2.23", "S1.122d"}, "Core", []string{"Nigredo/Webhooks Unaccounted Maximum", "AWS/RDS ServerlessDatabaseCapacity Average", "AWS/RDS DatabaseConnections Maximum"}},
		{[]string{"S2.24", "S1.122d"}, "Agents", []string{"AWS/Lambda Duration p95", "AWS/Lambda Errors Sum", "AWS/States ExecutionsTimedOut Sum", "AWS/States ExecutionThrottled Sum", "Nigredo/Webhooks NigredoSweepRun Sum"}},
	}
}

func boardItems() []Item {
	var items []Item
	for _, rule := range boardRules() {
		items = append(items, rule.item())
	}
	return items
}

func (b boardRule) item() Item {
	item := Item{
		IDs:      b.ids,
		Property: fmt.Sprintf("dashboard Nigredo-%s-<env> shows %s", b.board, strings.Join(b.wants, ", ")),
		Check:    b.check,
		Mutations: []Mutation{{"the dashboard is named otherwise", func(t *Templates) {
			mustBoard(t, b.board).Set("DashboardName", "Other")
		}}},
	}
	for _, want := range b.wants {
		item.Mutations = append(item.Mutations, Mutation{"it does not show " + want, func(t *Templates) {
			r := mustBoard(t, b.board)
			words := strings.Fields(want)
			name := strings.Trim(words[1], `'`)
			if strings.HasPrefix(want, "SEARCH") {
				name = "ApiErrors"
			}
			r.Set("DashboardBody", strings.ReplaceAll(r.Get("DashboardBody").(string), name, "Other"))
		}})
	}
	return item
}

func (b boardRule) check(t *Templates) error {
	r, err := boardOf(t, b.board)
	if err != nil {
		return err
	}
	list, err := widgets(r)
	if err != nil {
		return err
	}
	shown := map[string]bool{}
	for _, w := range list {
		rows, _ := Get(w, "properties.metrics").([]any)
		for _, row := range rows {
			cells, _ := row.([]any)
			if len(cells) == 1 {
				shown[fmt.Sprint(Get(cells[0], "expression"))] = true
				continue
			}
			shown[fmt.Sprintf("%v %v %v", cells[0], cells[1], Get(cells[len(cells)-1], "stat"))] = true
		}
	}
	var errs []error
	for _, want := range b.wants {
		if !shown[want] {
			errs = append(errs, fmt.Errorf("dashboard %s does not show %s", b.board, want))
		}
	}
	return errors.Join(errs...)
}

func boardOf(t *Templates, name string) (Resource, error) {
	found := Where(t.Monitoring.Resources("AWS::CloudWatch::Dashboard"), "DashboardName", t.Config.Dashboard(name))
	if len(found) != 1 {
		return Resource{}, fmt.Errorf("%d dashboards %s", len(found), t.Config.Dashboard(name))
	}
	return found[0], nil
}

func mustBoard(t *Templates, name string) Resource {
	r, err := boardOf(t, name)
	if err != nil {
		panic("proof: " + err.Error())
	}
	return r
}
