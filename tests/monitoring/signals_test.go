package monitoring

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/proof"
)

// template reads the golden template of the monitoring stack in prod.
func template(t *testing.T) (*config.Config, *proof.Template) {
	t.Helper()
	c, err := config.Load("prod")
	if err != nil {
		t.Fatal(err)
	}
	read, err := proof.ReadTemplate(filepath.Join("..", "..", "infra", "stack", "testdata", "golden", c.MonitoringStack()+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return c, read
}

// series names a series by namespace, metric and the names of its dimensions.
func series(namespace, name string, dimensions []string) string {
	return namespace + " " + name + " " + strings.Join(dimensions, ",")
}

// written gives the series that lines in the Embedded Metric Format declare and have
// a number for.
func written(t *testing.T, lines []line) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, l := range lines {
		var doc struct {
			AWS struct {
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct{ Name string }
				}
			} `json:"_aws"`
		}
		if err := json.Unmarshal([]byte(l.text), &doc); err != nil {
			t.Fatal(err)
		}
		for _, directive := range doc.AWS.CloudWatchMetrics {
			for _, metric := range directive.Metrics {
				if _, ok := l.fields[metric.Name].(float64); !ok {
					t.Errorf("the line declares %s and has no number for it: %s", metric.Name, l.text)
				}
				for _, dimensions := range directive.Dimensions {
					for _, name := range dimensions {
						if value, ok := l.fields[name].(string); !ok || value == "" {
							t.Errorf("the line declares dimension %s and has no value for it: %s", name, l.text)
						}
					}
					out[series(directive.Namespace, metric.Name, slices.Sorted(slices.Values(dimensions)))] = true
				}
			}
		}
	}
	return out
}

func TestSignals_EverySeriesOfOursIsWrittenAndWatched(t *testing.T) {
	t.Parallel()
	_, monitoring := template(t)
	signals, err := proof.Signals(monitoring)
	if err != nil {
		t.Fatal(err)
	}
	have, asked := written(t, run(t)), map[string]bool{}
	ours := 0
	for _, s := range signals {
		if !strings.HasPrefix(s.Namespace, "Nigredo/") {
			continue
		}
		ours++
		key := series(s.Namespace, s.Name, s.DimensionNames())
		asked[s.Namespace+" "+s.Name] = true
		if !have[key] {
			t.Errorf("%s asks for %q, which the program does not write", s.By, key)
		}
	}
	if ours < 20 {
		t.Errorf("%d series of ours in the template: it was not read", ours)
	}
	for key := range have {
		if words := strings.Fields(key); !asked[words[0]+" "+words[1]] {
			t.Errorf("the program writes %s, and nothing shows it", key)
		}
	}
}

// documented are the series of AWS's services, as their user guides list them:
// namespace and metric, then each set of dimensions.
var documented = map[string][]string{
	"AWS/ApiGateway 4XXError": {"ApiName,Stage"}, "AWS/ApiGateway 5XXError": {"ApiName,Stage"}, "AWS/ApiGateway Count": {"ApiName,Stage"},
	"AWS/ApiGateway Latency": {"ApiName,Stage"}, "AWS/ApiGateway IntegrationLatency": {"ApiName,Stage"},
	"AWS/States ExecutionsStarted": {"StateMachineArn"}, "AWS/States ExecutionsSucceeded": {"StateMachineArn"}, "AWS/States ExecutionsFailed": {"StateMachineArn"},
	"AWS/States ExecutionsTimedOut": {"StateMachineArn"}, "AWS/States ExecutionsAborted": {"StateMachineArn"}, "AWS/States ExecutionThrottled": {"StateMachineArn"},
	"AWS/States ExecutionTime": {"StateMachineArn"},
	"AWS/Lambda Invocations":   {"FunctionName"}, "AWS/Lambda Errors": {"FunctionName"}, "AWS/Lambda Throttles": {"FunctionName"}, "AWS/Lambda Duration": {"FunctionName"},
	"AWS/Lambda ConcurrentExecutions": {"FunctionName"},
	"AWS/RDS ACUUtilization":          {"DBClusterIdentifier"}, "AWS/RDS ServerlessDatabaseCapacity": {"DBClusterIdentifier"}, "AWS/RDS CPUUtilization": {"DBClusterIdentifier"},
	"AWS/RDS DatabaseConnections": {"DBClusterIdentifier"}, "AWS/RDS VolumeBytesUsed": {"DBClusterIdentifier"},
	"AWS/SQS ApproximateNumberOfMessagesVisible": {"QueueName"},
	"AWS/WAFV2 BlockedRequests":                  {"Region,Rule,WebACL", "Rule,WebACL"}, // before CloudFront there is no Region
	"AWS/CloudFront 5xxErrorRate":                {"DistributionId,Region"}, "AWS/CloudFront CacheHitRate": {"DistributionId,Region"}, "AWS/CloudFront Requests": {"DistributionId,Region"},
	"AWS/CertificateManager DaysToExpiry": {"CertificateArn"},
}

func TestSignals_EverySeriesOfAWSIsDocumentedAndNamesAThingOfOurs(t *testing.T) {
	t.Parallel()
	c, monitoring := template(t)
	signals, err := proof.Signals(monitoring)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{c.APIName(): true, config.APIStage: true, c.Cluster(): true, c.DeadLetters(config.DeadEvents): true, c.DeadLetters(config.DeadSchedules): true, c.API.Certificate: true}
	for _, f := range config.All() {
		names[c.Function(f)] = true
	}
	for _, machine := range machines() {
		names[c.StateMachineARN(machine)] = true
	}
	aws := 0
	for _, s := range signals {
		if !strings.HasPrefix(s.Namespace, "AWS/") {
			continue
		}
		aws++
		if sets := documented[s.Namespace+" "+s.Name]; !slices.Contains(sets, strings.Join(s.DimensionNames(), ",")) {
			t.Errorf("%s asks for %s %s by %v, documented by %q", s.By, s.Namespace, s.Name, s.DimensionNames(), sets)
		}
		for _, name := range slices.Sorted(maps.Keys(s.Dimensions)) {
			if value := s.Dimensions[name]; !s.Search && !names[value] {
				t.Errorf("%s: %s %s is nothing that is deployed", s.By, name, value)
			}
		}
	}
	if aws < 100 {
		t.Errorf("%d series of AWS in the template: it was not read", aws)
	}
}

func TestQueries_FindWhatTheProgramLogs(t *testing.T) {
	t.Parallel()
	c, monitoring := template(t)
	lines := run(t)
	activities := map[string]string{}
	for _, f := range config.All() {
		activities[f.Activity] = c.FunctionLog(f)
	}
	queries := proof.LogQueries(monitoring)
	if len(queries) < 3 {
		t.Fatalf("%d queries in the template", len(queries))
	}
	results := map[string][]map[string]any{}
	for _, q := range queries {
		asked, err := parse(q.Text)
		if err != nil {
			t.Errorf("%s: %v", q.Name, err)
			continue
		}
		var inGroups []line
		for _, l := range lines {
			if group, ok := activities[fmt.Sprint(l.fields["activity"])]; ok && slices.Contains(q.Groups, group) {
				inGroups = append(inGroups, l)
			}
		}
		rows := asked.run(inGroups)
		if len(rows) == 0 {
			t.Errorf("%s finds nothing in the logs of %v", q.Name, q.Groups)
		}
		for _, field := range asked.fields {
			if !strings.HasPrefix(field, "@") && !slices.ContainsFunc(asked.matching(inGroups), func(l line) bool { _, ok := l.fields[field]; return ok }) {
				t.Errorf("%s shows %s, which no line it finds has", q.Name, field)
			}
		}
		results[strings.TrimPrefix(q.Name, "Nigredo/prod/")] = rows
	}
	if got, want := fmt.Sprint(results["top lead sources"]), fmt.Sprint([]map[string]any{{"source": "feira", "submissions": 2}, {"source": "direct", "submissions": 1}}); got != want {
		t.Errorf("top lead sources: %s, want %s", got, want)
	}
	failed := results["webhook failures"]
	if len(failed) != 1 {
		t.Fatalf("webhook failures: %v, want the one rejected attempt", failed)
	}
	for _, field := range []string{"lead_id", "error_message"} {
		if text, _ := failed[0][field].(string); text == "" {
			t.Errorf("webhook failures: no %s in %v", field, failed[0])
		}
	}
}
