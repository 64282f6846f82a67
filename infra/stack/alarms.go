package stack

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// series is one series of CloudWatch.
type series struct {
	namespace, name string
	dimensions      map[string]string // none: the series without dimensions
	stat            string
}

// alarm is one alarm. Its name is that of its runbook too.
type alarm struct {
	name string
	// says is the sentence that the message begins with.
	says string
	// page tells whom: true the person on call, at any hour; false the team.
	page bool
	// of are the series by the names that value uses, at most ten (CloudWatch's limit);
	// value is "m" or an expression over them.
	of    map[string]series
	value string

	period      int // seconds
	periods     int // how many of them in a row must breach
	is          comparison
	threshold   float64
	withoutData missing
}

// comparison is how the value breaches the threshold.
type comparison string

const (
	above   comparison = "GreaterThanThreshold"
	atLeast comparison = "GreaterThanOrEqualToThreshold"
	below   comparison = "LessThanThreshold"
)

// missing is what a period without a value means.
type missing string

const (
	// fine: the service writes nothing while nothing goes wrong.
	fine missing = "notBreaching"
	// asBefore: only a run of something writes the value. Until the next one it is
	// not known to have changed; that the runs stay away is another alarm.
	asBefore missing = "ignore"
	// wrong: what should write every period does not, which is what the alarm is for.
	wrong missing = "breaching"
	// unknown: the alarm goes to INSUFFICIENT_DATA, which is neither good nor bad.
	unknown missing = "missing"
)

const (
	minute = 60
	hour   = 60 * minute
	day    = 24 * hour
)

// fewest is how many failures a share of failures needs before it is an alarm: one
// of three requests is 33 %, and says nothing.
const fewest = 3

// share is the expression for "failed, in percent of all", 0 while fewer than at
// least failed.
func share(failed, all string, least int) string {
	return fmt.Sprintf("IF(%s >= %d, 100 * %s / %s, 0)", failed, least, failed, all)
}

// add puts the alarm into a stack, in whose region its series must be.
func (a alarm) add(s awscdk.Stack, c *config.Config, topics topics) awscloudwatch.CfnAlarm {
	audience := topics.team
	if a.page {
		audience = topics.onCall
	}
	actions := []any{audience}
	queries := make([]any, 0, len(a.of)+1)
	for _, id := range slices.Sorted(maps.Keys(a.of)) {
		of := a.of[id]
		queries = append(queries, &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String(id), ReturnData: jsii.Bool(id == a.value),
			MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
				Metric: &awscloudwatch.CfnAlarm_MetricProperty{
					Namespace: jsii.String(of.namespace), MetricName: jsii.String(of.name), Dimensions: of.list(),
				},
				Period: jsii.Number(a.period), Stat: jsii.String(of.stat),
			},
		})
	}
	if _, plain := a.of[a.value]; !plain {
		queries = append(queries, &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String("value"), Expression: jsii.String(a.value), ReturnData: jsii.Bool(true), Label: jsii.String(a.name),
		})
	}
	return awscloudwatch.NewCfnAlarm(s, jsii.String("Alarm-"+a.name), &awscloudwatch.CfnAlarmProps{
		AlarmName:          jsii.String(c.Alarm(a.name)),
		AlarmDescription:   jsii.String(described(a.says, a.name)),
		Metrics:            queries,
		ComparisonOperator: jsii.String(string(a.is)),
		Threshold:          jsii.Number(a.threshold),
		EvaluationPeriods:  jsii.Number(a.periods),
		DatapointsToAlarm:  jsii.Number(a.periods),
		TreatMissingData:   jsii.String(string(a.withoutData)),
		AlarmActions:       &actions,
		OkActions:          &actions,
	})
}

// described is the text of an alarm: what it says, and where to look.
func described(says, name string) string {
	return says + " Runbook: infra/runbooks/" + name + ".md"
}

func (s series) list() *[]any {
	if len(s.dimensions) == 0 {
		return nil
	}
	out := []any{}
	for _, name := range slices.Sorted(maps.Keys(s.dimensions)) {
		out = append(out, &awscloudwatch.CfnAlarm_DimensionProperty{Name: jsii.String(name), Value: jsii.String(s.dimensions[name])})
	}
	return &out
}

// topics are the ARNs of whom alarms go to.
type topics struct{ onCall, team *string }

// coreTopics are those of the backend's stack, by their names.
func coreTopics(c *config.Config) topics {
	return topics{onCall: jsii.String(c.TopicARN("oncall")), team: jsii.String(c.TopicARN("team"))}
}
