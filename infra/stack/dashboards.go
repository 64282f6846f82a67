package stack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// The structure of a dashboard's body, as CloudWatch documents it ("Dashboard body
// structure and syntax").
type (
	board struct {
		Start   string   `json:"start"`
		Widgets []widget `json:"widgets"`
	}
	widget struct {
		Type       string         `json:"type"` // metric, text or alarm
		X          int            `json:"x"`
		Y          int            `json:"y"`
		Width      int            `json:"width"` // of 24
		Height     int            `json:"height"`
		Properties map[string]any `json:"properties"`
	}
)

// graph is a widget with lines over time.
type graph struct {
	title  string
	region string // empty: the dashboard's own
	lines  []line
	period int // seconds; 0: 300
	// stacked shows areas that add up.
	stacked bool
	// limit draws a line at a target, with its label.
	limit *limit
}

// line is a series, or an expression over hidden ones or over a search.
type line struct {
	label      string
	of         series
	expression string
	hidden     map[string]series // what expression uses, by id
}

type limit struct {
	value float64
	label string
}

// properties are those of a metric widget.
func (g graph) properties(region string) map[string]any {
	if g.region != "" {
		region = g.region
	}
	period := g.period
	if period == 0 {
		period = 5 * minute
	}
	metrics := []any{}
	for _, l := range g.lines {
		for _, id := range slices.Sorted(maps.Keys(l.hidden)) {
			metrics = append(metrics, l.hidden[id].row(map[string]any{"id": id, "visible": false}))
		}
		if l.expression != "" {
			metrics = append(metrics, []any{map[string]any{"expression": l.expression, "label": l.label}})
			continue
		}
		metrics = append(metrics, l.of.row(map[string]any{"label": l.label}))
	}
	out := map[string]any{
		"title": g.title, "region": region, "view": "timeSeries", "stacked": g.stacked, "period": period, "metrics": metrics,
		"yAxis": map[string]any{"left": map[string]any{"min": 0}},
	}
	if g.limit != nil {
		out["annotations"] = map[string]any{"horizontal": []any{map[string]any{"value": g.limit.value, "label": g.limit.label}}}
	}
	return out
}

// row is a series in the form of a dashboard: namespace, name, dimensions in pairs,
// options.
func (s series) row(options map[string]any) []any {
	row := []any{s.namespace, s.name}
	for _, name := range slices.Sorted(maps.Keys(s.dimensions)) {
		row = append(row, name, s.dimensions[name])
	}
	options["stat"] = s.stat
	return append(row, options)
}

// layout puts graphs into rows of three, below a row of text and alarms.
func layout(c *config.Config, text string, alarms []string, graphs []graph) board {
	const width, height = 8, 6
	b := board{Start: "-PT3H", Widgets: []widget{
		{Type: "text", Width: 12, Height: 6, Properties: map[string]any{"markdown": text}},
		{Type: "alarm", X: 12, Width: 12, Height: 6, Properties: map[string]any{"title": "Alarms", "alarms": alarms, "sortBy": "stateUpdatedTimestamp"}},
	}}
	for i, g := range graphs {
		b.Widgets = append(b.Widgets, widget{
			Type: "metric", X: i % 3 * width, Y: 6 + i/3*height, Width: width, Height: height, Properties: g.properties(c.Region),
		})
	}
	return b
}

func addDashboards(s awscdk.Stack, c *config.Config) {
	boards := map[string]board{"Core": coreBoard(c), "Agents": agentsBoard(c)}
	for _, name := range slices.Sorted(maps.Keys(boards)) {
		raw, err := json.Marshal(boards[name])
		if err != nil {
			panic("stack: a dashboard without a JSON form: " + err.Error())
		}
		awscloudwatch.NewCfnDashboard(s, jsii.String("Dashboard"+name), &awscloudwatch.CfnDashboardProps{
			DashboardName: jsii.String(c.Dashboard(name)), DashboardBody: jsii.String(string(raw)),
		})
	}
}

// alarmARNs gives alarms as a dashboard names them.
func alarmARNs(c *config.Config, alarms []alarm) []string {
	var arns []string
	for _, a := range alarms {
		arns = append(arns, alarmARN(c, c.Region, a.name))
	}
	return arns
}

func alarmARN(c *config.Config, region, name string) string {
	return fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:%s", region, c.Account, c.Alarm(name))
}
