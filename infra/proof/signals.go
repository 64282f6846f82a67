package proof

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Signal is a series that an alarm or a dashboard names.
type Signal struct {
	Namespace, Name string
	// Dimensions are the values by name; of a search the names alone are known.
	Dimensions map[string]string
	Search     bool
	// By is the alarm or the dashboard and its widget.
	By string
}

// DimensionNames gives the names of the dimensions, sorted.
func (s Signal) DimensionNames() []string {
	names := make([]string, 0, len(s.Dimensions))
	for name := range s.Dimensions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Signals lists every series that the alarms and dashboards of a template name.
func Signals(t *Template) ([]Signal, error) {
	var all []Signal
	for _, r := range t.Resources("AWS::CloudWatch::Alarm") {
		queries, _ := r.Get("Metrics").([]any)
		for _, q := range queries {
			metric, ok := Get(q, "MetricStat.Metric").(map[string]any)
			if !ok {
				continue
			}
			s := Signal{Namespace: fmt.Sprint(metric["Namespace"]), Name: fmt.Sprint(metric["MetricName"]), By: fmt.Sprint(r.Get("AlarmName")), Dimensions: map[string]string{}}
			dimensions, _ := metric["Dimensions"].([]any)
			for _, d := range dimensions {
				s.Dimensions[fmt.Sprint(Get(d, "Name"))] = fmt.Sprint(Get(d, "Value"))
			}
			all = append(all, s)
		}
	}
	for _, r := range t.Resources("AWS::CloudWatch::Dashboard") {
		of, err := boardSignals(r)
		if err != nil {
			return nil, err
		}
		all = append(all, of...)
	}
	return all, nil
}

// widgets gives the widgets of a dashboard.
func widgets(r Resource) ([]any, error) {
	text, _ := r.Get("DashboardBody").(string)
	var body any
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		return nil, fmt.Errorf("read dashboard %v: %w", r.Get("DashboardName"), err)
	}
	list, _ := Get(body, "widgets").([]any)
	return list, nil
}

func boardSignals(r Resource) ([]Signal, error) {
	list, err := widgets(r)
	if err != nil {
		return nil, err
	}
	var all []Signal
	for _, w := range list {
		by := fmt.Sprintf("%v, %v", r.Get("DashboardName"), Get(w, "properties.title"))
		rows, _ := Get(w, "properties.metrics").([]any)
		for _, row := range rows {
			cells, _ := row.([]any)
			if len(cells) == 1 {
				s, ok := searched(fmt.Sprint(Get(cells[0], "expression")))
				if ok {
					s.By = by
					all = append(all, s)
				}
				continue
			}
			s := Signal{Namespace: fmt.Sprint(cells[0]), Name: fmt.Sprint(cells[1]), Dimensions: map[string]string{}, By: by}
			for i := 2; i+1 < len(cells); i += 2 { // the last cell is the options
				s.Dimensions[fmt.Sprint(cells[i])] = fmt.Sprint(cells[i+1])
			}
			all = append(all, s)
		}
	}
	return all, nil
}

var searchForm = regexp.MustCompile(`^SEARCH\('\{([^,}]+)((?:,[^,}]+)*)\} MetricName="([^"]+)"`)

// searched reads a search expression; not ok: it is another expression.
func searched(expression string) (Signal, bool) {
	m := searchForm.FindStringSubmatch(expression)
	if m == nil {
		return Signal{}, false
	}
	s := Signal{Namespace: m[1], Name: m[3], Dimensions: map[string]string{}, Search: true}
	for _, name := range strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' }) {
		s.Dimensions[name] = ""
	}
	return s, true
}

// LogQuery is a saved query of CloudWatch Logs Insights.
type LogQuery struct {
	Name   string
	Text   string
	Groups []string
}

// LogQueries lists the saved queries of a template.
func LogQueries(t *Template) []LogQuery {
	var all []LogQuery
	for _, r := range t.Resources("AWS::Logs::QueryDefinition") {
		q := LogQuery{Name: fmt.Sprint(r.Get("Name")), Text: fmt.Sprint(r.Get("QueryString"))}
		groups, _ := r.Get("LogGroupNames").([]any)
		for _, group := range groups {
			q.Groups = append(q.Groups, fmt.Sprint(group))
		}
		all = append(all, q)
	}
	return all
}
