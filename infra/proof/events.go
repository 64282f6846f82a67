package proof

import (
	"errors"
	"fmt"
	"slices"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/states"
)

// eventItems are those of what runs by itself: news of executions, schedules, and
// what becomes of what cannot be handed on.
func eventItems() []Item {
	return []Item{
		{
			IDs:      []string{"S1.79", "D.track"},
			Property: "every status change of a delivery or a campaign goes from the default bus to the alias of Track, is tried again and kept when it fails",
			Check:    checkTrack,
			Mutations: []Mutation{
				{"there is no rule", func(t *Templates) { t.Core.Remove(changedRule(t).ID) }},
				{"failures are not told", func(t *Templates) {
					changedRule(t).Set("EventPattern.detail.status", []any{"RUNNING", "SUCCEEDED", "TIMED_OUT", "ABORTED"})
				}},
				{"redrives are not told", func(t *Templates) {
					changedRule(t).Set("EventPattern.detail.status", []any{"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"})
				}},
				{"campaigns are not told", func(t *Templates) {
					changedRule(t).Set("EventPattern.detail.name", []any{map[string]any{"prefix": "lead-"}})
				}},
				{"another machine is told of", func(t *Templates) { changedRule(t).Set("EventPattern.detail.stateMachineArn", []any{"x"}) }},
				{"the rule is off", func(t *Templates) { changedRule(t).Set("State", "DISABLED") }},
				{"the rule listens elsewhere", func(t *Templates) { changedRule(t).Set("EventBusName", "other") }},
				{"it calls what was deployed last", func(t *Templates) {
					changedRule(t).Set("Targets.0.Arn", map[string]any{"Fn::GetAtt": []any{functionOf(t, "track").ID, "Arn"}})
				}},
				{"what is not taken is lost", func(t *Templates) { changedRule(t).Set("Targets.0.DeadLetterConfig", nil) }},
				{"nothing is tried again", func(t *Templates) { changedRule(t).Set("Targets.0.RetryPolicy", nil) }},
				{"the rule may not call", func(t *Templates) { t.Core.Remove(changedPermission(t).ID) }},
				{"any rule may call", func(t *Templates) { changedPermission(t).Set("SourceArn", nil) }},
				{"what Track cannot write down is lost", func(t *Templates) { trackAsync(t).Set("DestinationConfig", nil) }},
				{"Track is called for ever", func(t *Templates) { trackAsync(t).Set("MaximumEventAgeInSeconds", nil) }},
				{"there is no bus", func(t *Templates) { t.Core.Remove(first(t.Core.Resources("AWS::Events::EventBus")).ID) }},
			},
		},
		{
			IDs:      []string{"D.dead"},
			Property: "dead letters are kept 14 days, encrypted, behind TLS, under names that alarms know",
			Check:    checkDead,
			Mutations: []Mutation{
				{"one queue is away", func(t *Templates) { t.Core.Remove(deadQueue(t, config.DeadEvents).ID) }},
				{"a queue has another name", func(t *Templates) { deadQueue(t, config.DeadSchedules).Set("QueueName", "x") }},
				{"a queue is not encrypted", func(t *Templates) { deadQueue(t, config.DeadEvents).Set("SqsManagedSseEnabled", false) }},
				{"letters are kept four days", func(t *Templates) { deadQueue(t, config.DeadEvents).Set("MessageRetentionPeriod", nil) }},
				{"a queue speaks in the clear", func(t *Templates) {
					for _, policy := range t.Core.Resources("AWS::SQS::QueuePolicy") {
						t.Core.Remove(policy.ID)
					}
				}},
			},
		},
		{
			IDs:      []string{"D.schedules"},
			Property: "each schedule of states/schedules.json starts the alias of its machine, at its own pace and with its own input, as a role that may start nothing else",
			Check:    checkSchedules,
			Mutations: []Mutation{
				{"nobody sweeps", func(t *Templates) { t.Core.Remove(scheduleOf(t, "sweep").ID) }},
				{"the sweep comes once a day", func(t *Templates) { scheduleOf(t, "sweep").Set("ScheduleExpression", "rate(1 day)") }},
				{"the sweep has another input", func(t *Templates) { scheduleOf(t, "sweep").Set("Target.Input", "{}") }},
				{"the sweep comes when it likes", func(t *Templates) {
					scheduleOf(t, "sweep").Set("FlexibleTimeWindow", map[string]any{"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15.0})
				}},
				{"the sweep is off", func(t *Templates) { scheduleOf(t, "sweep").Set("State", "DISABLED") }},
				{"the sweep goes past its alias", func(t *Templates) {
					scheduleOf(t, "sweep").Set("Target.Arn", map[string]any{"Ref": machineOf(t, "delivery_sweep").ID})
				}},
				{"a run that could not start is lost", func(t *Templates) { scheduleOf(t, "sweep").Set("Target.DeadLetterConfig", nil) }},
				{"a run is tried for a day", func(t *Templates) { scheduleOf(t, "sweep").Set("Target.RetryPolicy", nil) }},
				{"an unknown schedule", func(t *Templates) {
					scheduleOf(t, "sweep").Set("Name", "swept")
				}},
			},
		},
	}
}

func changedRule(t *Templates) Resource {
	return first(Where(t.Core.Resources("AWS::Events::Rule"), "EventPattern.source", []string{"aws.states"}))
}

func changedPermission(t *Templates) Resource {
	for _, permission := range Where(t.Core.Resources("AWS::Lambda::Permission"), "Principal", "events.amazonaws.com") {
		if pointee(permission.Get("FunctionName")) == aliasOf(t, "track").ID {
			return permission
		}
	}
	return Resource{Properties: map[string]any{}}
}

func trackAsync(t *Templates) Resource {
	for _, async := range Where(t.Core.Resources("AWS::Lambda::EventInvokeConfig"), "Qualifier", config.Alias) {
		if pointee(async.Get("FunctionName")) == functionOf(t, "track").ID {
			return async
		}
	}
	return Resource{Properties: map[string]any{}}
}

func deadQueue(t *Templates, source string) Resource {
	return first(Where(t.Core.Resources("AWS::SQS::Queue"), "QueueName", t.Config.DeadLetters(source)))
}

// ourSchedules are those of the group that starts machines.
func ourSchedules(t *Templates) []Resource {
	group := first(Where(t.Core.Resources("AWS::Scheduler::ScheduleGroup"), "Name", t.Config.CoreStack()))
	return slices.DeleteFunc(t.Core.Resources("AWS::Scheduler::Schedule"), func(r Resource) bool {
		return pointee(r.Get("GroupName")) != group.ID
	})
}

func scheduleOf(t *Templates, name string) Resource {
	return first(Where(ourSchedules(t), "Name", name))
}

func checkTrack(t *Templates) error {
	rule, dead := changedRule(t), "${"+deadQueue(t, config.DeadEvents).ID+".Arn}"
	if rule.ID == "" {
		return errors.New("no rule for status changes of executions")
	}
	retries, _ := rule.Get("Targets.0.RetryPolicy.MaximumRetryAttempts").(float64)
	again, _ := trackAsync(t).Get("MaximumRetryAttempts").(float64)
	var errs []error
	if retries < 1 || again < 1 {
		errs = append(errs, errors.New("news is not tried again"))
	}
	if age, _ := trackAsync(t).Get("MaximumEventAgeInSeconds").(float64); age <= 0 {
		errs = append(errs, errors.New("news is tried without an end"))
	}
	if state := rule.Get("State"); state != nil && state != "ENABLED" {
		errs = append(errs, fmt.Errorf("rule: %v", state))
	}
	return errors.Join(append(errs,
		want("rule: bus", rule.Get("EventBusName"), nil),
		want("rule: kind", rule.Get("EventPattern.detail-type"), []string{"Step Functions Execution Status Change"}),
		want("rule: statuses", rule.Get("EventPattern.detail.status"), []string{"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}),
		want("rule: names", rule.Get("EventPattern.detail.name"), []map[string]string{{"prefix": "lead-"}, {"prefix": "redrive-"}}),
		want("rule: machines", rule.Get("EventPattern.detail.stateMachineArn"), []map[string]string{
			{"Ref": machineOf(t, "fibonacci_delivery").ID}, {"Ref": machineOf(t, "redrive_campaign").ID},
		}),
		want("rule: target", Plain(rule.Get("Targets.0.Arn")), "${"+aliasOf(t, "track").ID+"}"),
		want("rule: dead letters", Plain(rule.Get("Targets.0.DeadLetterConfig.Arn")), dead),
		want("Track: dead letters", Plain(trackAsync(t).Get("DestinationConfig.OnFailure.Destination")), dead),
		want("permission: rule", Plain(changedPermission(t).Get("SourceArn")), "${"+rule.ID+".Arn}"),
		want("bus", first(t.Core.Resources("AWS::Events::EventBus")).Get("Name"), t.Config.Bus()),
	)...)
}

func checkDead(t *Templates) error {
	var errs []error
	for _, source := range []string{config.DeadEvents, config.DeadSchedules} {
		queue := deadQueue(t, source)
		if queue.ID == "" {
			errs = append(errs, fmt.Errorf("no queue %s", t.Config.DeadLetters(source)))
			continue
		}
		secure := false
		for _, policy := range t.Core.Resources("AWS::SQS::QueuePolicy") {
			if pointee(policy.Get("Queues.0")) != queue.ID {
				continue
			}
			statements, _ := policy.Get("PolicyDocument.Statement").([]any)
			for _, statement := range statements {
				secure = secure || Equal(Get(statement, "Effect"), "Deny") && Equal(Get(statement, "Action"), "sqs:*") &&
					Equal(Get(statement, "Condition"), map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}})
			}
		}
		errs = append(errs, want(source+": TLS alone", secure, true),
			want(source+": encryption", queue.Get("SqsManagedSseEnabled"), true),
			want(source+": seconds kept", queue.Get("MessageRetentionPeriod"), 14*24*3600))
	}
	return errors.Join(errs...)
}

func checkSchedules(t *Templates) error {
	schedules, err := states.Schedules()
	if err != nil {
		return err
	}
	rights := Rights(t.Core)
	var errs []error
	if found := len(ourSchedules(t)); found != len(schedules) {
		errs = append(errs, fmt.Errorf("%d schedules, want %d", found, len(schedules)))
	}
	for _, one := range schedules {
		r := scheduleOf(t, one.Name)
		if r.ID == "" {
			errs = append(errs, fmt.Errorf("no schedule %s", one.Name))
			continue
		}
		if state := r.Get("State"); state != nil && state != "ENABLED" {
			errs = append(errs, fmt.Errorf("%s: %v", one.Name, state))
		}
		if age, _ := r.Get("Target.RetryPolicy.MaximumEventAgeInSeconds").(float64); age <= 0 || age > expressSeconds {
			errs = append(errs, fmt.Errorf("%s: tried for %v s, past the next run", one.Name, age))
		}
		role := pointee(r.Get("Target.RoleArn"))
		live := map[string]string{"states:StateMachineQualifier": config.Alias}
		for _, m := range states.Machines() {
			errs = append(errs, want(one.Name+": may start "+m.Name, May(rights, role, "states:StartExecution", machineARN(t.Config, m.Name), live), scheduled(schedules, m.Name)))
		}
		errs = append(errs,
			want(one.Name+": expression", r.Get("ScheduleExpression"), one.Expression),
			want(one.Name+": input", r.Get("Target.Input"), string(one.Input)),
			want(one.Name+": window", r.Get("FlexibleTimeWindow"), map[string]string{"Mode": "OFF"}),
			want(one.Name+": machine", Plain(r.Get("Target.Arn")), "${"+releaseOf(t, one.Machine).ID+"}"),
			want(one.Name+": dead letters", Plain(r.Get("Target.DeadLetterConfig.Arn")), "${"+deadQueue(t, config.DeadSchedules).ID+".Arn}"),
		)
	}
	return errors.Join(errs...)
}

func scheduled(schedules []states.Schedule, machine string) bool {
	for _, one := range schedules {
		if one.Machine == machine {
			return true
		}
	}
	return false
}
