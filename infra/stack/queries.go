package stack

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// query is a saved query of CloudWatch Logs Insights over the logs of functions.
type query struct {
	name       string
	activities []string // none: all
	text       string
}

// queries are the three of the production guide, and what an incident asks for.
// The texts in the filters are those that the activities log.
func queries() []query {
	return []query{
		{"top lead sources", []string{"persist"}, `fields @timestamp, source
| filter @message like /Lead created/
| stats count(*) as submissions by source
| sort submissions desc`},
		{"error analysis", nil, `fields @timestamp, activity, message, error, error_message, lead_id, execution_arn, @message
| filter @message like /ERROR/
| sort @timestamp desc
| limit 100`},
		{"webhook failures", []string{"deliver"}, `fields @timestamp, lead_id, error_message, error, status_code, attempt_number, execution_arn
| filter @message like /Webhook failed/
| sort @timestamp desc`},
		{"one lead", nil, `fields @timestamp, activity, level, message, error, error_message, execution_arn
| filter lead_id = "put the id here"
| sort @timestamp asc`},
		{"sweeps", []string{"settle"}, `fields @timestamp, level, restored, started, recorded, unchanged, unclear, accepted, delivered, failed, withheld, quarantined, in_flight, unaccounted
| filter message = "Sweep: books settled"
| sort @timestamp desc
| limit 100`},
	}
}

func addQueries(s awscdk.Stack, c *config.Config) {
	for _, q := range queries() {
		var groups []any
		for _, f := range config.All() {
			if len(q.activities) == 0 || slices.Contains(q.activities, f.Activity) {
				groups = append(groups, jsii.String(c.FunctionLog(f)))
			}
		}
		awslogs.NewCfnQueryDefinition(s, jsii.String("Query "+q.name), &awslogs.CfnQueryDefinitionProps{
			Name:          jsii.String("Nigredo/" + c.Environment + "/" + q.name),
			QueryString:   jsii.String(q.text),
			LogGroupNames: &groups,
		})
	}
}
