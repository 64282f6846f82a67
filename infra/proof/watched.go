package proof

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Watched is the item that holds the monitoring stack to the backend's: it names what
// it watches and refers to nothing, so that a name that changes on one side alone
// would be an alarm that never comes.
func Watched() Item {
	return Item{
		IDs:      []string{"S1.122d", "S1.39", "S1.40"},
		Property: "every function, machine, API, queue, cluster and log group that an alarm, dashboard or query names is one that the backend's stack names so, and so is every topic",
		Check: func(t *Templates) error {
			signals, err := Signals(t.Monitoring)
			if err != nil {
				return err
			}
			deployed := deployedNames(t)
			missing := map[string]bool{}
			for _, s := range signals {
				for name, value := range s.Dimensions {
					if known, watched := deployed[name]; watched && !s.Search && !known[value[strings.LastIndexByte(value, ':')+1:]] {
						missing[name+" "+value] = true
					}
				}
			}
			for _, q := range LogQueries(t.Monitoring) {
				for _, group := range q.Groups {
					if !deployed["LogGroupName"][group] {
						missing["log group "+group] = true
					}
				}
			}
			for _, r := range t.Monitoring.Resources("AWS::CloudWatch::Alarm") {
				told, _ := r.Get("AlarmActions").([]any)
				for _, topic := range told {
					text := fmt.Sprint(topic)
					if !deployed["TopicName"][text[strings.LastIndexByte(text, ':')+1:]] {
						missing["topic "+text] = true
					}
				}
			}
			if len(missing) > 0 {
				return errors.New("not deployed: " + strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
			}
			return nil
		},
		Mutations: []Mutation{
			renamed("AWS::Lambda::Function", "FunctionName"), renamed("AWS::StepFunctions::StateMachine", "StateMachineName"),
			renamed("AWS::ApiGateway::RestApi", "Name"), renamed("AWS::SQS::Queue", "QueueName"),
			renamed("AWS::SNS::Topic", "TopicName"),
			{"the log groups are named otherwise", func(t *Templates) {
				for _, r := range t.Core.Resources("AWS::Logs::LogGroup") {
					r.Set("LogGroupName", "other")
				}
			}},
		},
	}
}

// renamed is the mutation that all resources of a type are named otherwise.
func renamed(typ, property string) Mutation {
	return Mutation{property + " of every " + typ + " is another", func(t *Templates) {
		for _, r := range t.Core.Resources(typ) {
			r.Set(property, "other")
		}
	}}
}

// deployedNames gives the names of what the backend's stack deploys, by the dimension
// or property that refers to it.
func deployedNames(t *Templates) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for _, of := range []struct{ typ, property, as string }{
		{"AWS::Lambda::Function", "FunctionName", "FunctionName"},
		{"AWS::StepFunctions::StateMachine", "StateMachineName", "StateMachineArn"},
		{"AWS::ApiGateway::RestApi", "Name", "ApiName"},
		{"AWS::ApiGateway::Stage", "StageName", "Stage"},
		{"AWS::SQS::Queue", "QueueName", "QueueName"},
		{"AWS::SNS::Topic", "TopicName", "TopicName"},
		{"AWS::Logs::LogGroup", "LogGroupName", "LogGroupName"},
		{"AWS::RDS::DBCluster", "DBClusterIdentifier", "DBClusterIdentifier"},
	} {
		names := map[string]bool{}
		for _, r := range t.Core.Resources(of.typ) {
			names[fmt.Sprint(r.Get(of.property))] = true
		}
		out[of.as] = names
	}
	if t.Config.Database.Import != nil {
		out["DBClusterIdentifier"] = map[string]bool{t.Config.Database.Import.Cluster: true}
	}
	return out
}
