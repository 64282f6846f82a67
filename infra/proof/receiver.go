package proof

import (
	"errors"
	"fmt"
)

// receiverItems are of the template that an environment without Fibonacci has.
func receiverItems() []Item {
	const stage, route, function, permission, bus = "AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Route", "AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Events::EventBus"
	return []Item{
		ofReceiver("where there is no Fibonacci, the handler is deployed behind a throttled route and reads the backend's secret by its ARN", func(t *Templates) error {
			s, err := only(t.Receiver, stage)
			if err != nil {
				return err
			}
			r, err := only(t.Receiver, route)
			if err != nil {
				return err
			}
			f := Where(t.Receiver.Resources(function), "FunctionName", t.Config.ReceiverStack()+"-Fibonacci")
			if len(f) != 1 || f[0].Get("Environment.Variables.FIBONACCI_WEBHOOK_SECRET_ARN") == nil || f[0].Get("Environment.Variables.FIBONACCI_WEBHOOK_SECRET") != nil {
				return errors.New("the function does not read its secret by ARN")
			}
			return errors.Join(
				wants(s, "StageName", "$default", "AutoDeploy", true, "DefaultRouteSettings.ThrottlingRateLimit", t.Config.API.Rate, "DefaultRouteSettings.ThrottlingBurstLimit", t.Config.API.Burst),
				wants(r, "RouteKey", "POST /webhooks/nigredo"),
				wants(f[0], "ReservedConcurrentExecutions", 10, "Architectures", []any{"arm64"}, "Runtime", "provided.al2023"),
			)
		},
			inReceiver(stage, "DefaultRouteSettings.ThrottlingRateLimit", 10000), inReceiver(stage, "AutoDeploy", false), inReceiver(route, "RouteKey", "$default"),
			inReceiver(function, "Environment.Variables.FIBONACCI_WEBHOOK_SECRET", "plain"), inReceiver(function, "Environment.Variables.FIBONACCI_WEBHOOK_SECRET_ARN", nil),
			inReceiver(function, "ReservedConcurrentExecutions", nil),
		),
		ofReceiver("only the receiver's own route calls its function, under the alias", func(t *Templates) error {
			p, err := only(t.Receiver, permission)
			if err != nil {
				return err
			}
			if !contains(p.Get("SourceArn"), "/$default/POST/webhooks/nigredo") {
				return fmt.Errorf("source %s", Text(p.Get("SourceArn")))
			}
			i, err := only(t.Receiver, "AWS::ApiGatewayV2::Integration")
			if err != nil {
				return err
			}
			return errors.Join(wants(p, "Principal", "apigateway.amazonaws.com", "FunctionName", i.Get("IntegrationUri")), wants(i, "PayloadFormatVersion", "1.0", "TimeoutInMillis", 5000))
		},
			inReceiver(permission, "SourceArn", "arn:aws:execute-api:*"), inReceiver(permission, "FunctionName", "the function itself"),
			inReceiver("AWS::ApiGatewayV2::Integration", "PayloadFormatVersion", "2.0"), inReceiver("AWS::ApiGatewayV2::Integration", "TimeoutInMillis", 29000),
		),
		ofReceiver("the receiver's bus is under the backend's key, whose policy lets EventBridge use it for this bus", func(t *Templates) error {
			b, err := only(t.Receiver, bus)
			if err != nil {
				return err
			}
			if b.Get("KmsKeyIdentifier") == nil {
				return errors.New("the bus is under no key of ours")
			}
			may := map[string]bool{}
			for _, key := range t.Core.Resources("AWS::KMS::Key") {
				for _, s := range statements(key.Get("KeyPolicy")) {
					if Equal(Get(s, "Principal.Service"), "events.amazonaws.com") {
						bus, _ := Get(s, "Condition.StringEquals").(map[string]any)["kms:EncryptionContext:aws:events:event-bus:arn"].(string)
						for _, action := range actionsOf(s) {
							may[action] = may[action] || action == "kms:DescribeKey" || bus == "arn:aws:events:"+t.Config.Region+":"+t.Config.Account+":event-bus/"+t.Config.ReceiverStack()
						}
					}
				}
			}
			for _, action := range []string{"kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt"} {
				if !may[action] {
					return fmt.Errorf("EventBridge may not %s", action)
				}
			}
			return nil
		}, inReceiver(bus, "KmsKeyIdentifier", nil), whereDeployed("the key does not know EventBridge", func(t *Templates) {
			for _, key := range t.Core.Resources("AWS::KMS::Key") {
				for _, s := range statements(key.Get("KeyPolicy")) {
					if Equal(Get(s, "Principal.Service"), "events.amazonaws.com") {
						s["Action"] = "kms:ListGrants"
					}
				}
			}
		})),
	}
}

// ofReceiver is an item of the receiver's template, and of its absence where the
// configuration wants none.
func ofReceiver(property string, check func(*Templates) error, mutations ...Mutation) Item {
	return Item{IDs: []string{"S1.37", "S1.63"}, Property: property, Check: func(t *Templates) error {
		if t.Config.Receiver.Deploy {
			return check(t)
		}
		if t.Receiver != nil {
			return errors.New("a receiver that the configuration does not want")
		}
		return nil
	}, Mutations: append(mutations, whereDeployed("there is none", func(t *Templates) { t.Receiver = nil }))}
}

// inReceiver sets a value of every resource of a type in the receiver's template.
func inReceiver(typ, at string, value any) Mutation {
	return whereDeployed(fmt.Sprintf("%s has %s %v", typ, at, value), func(t *Templates) {
		for _, r := range t.Receiver.Resources(typ) {
			if value != nil || r.Get(at) != nil {
				r.Set(at, value)
			}
		}
	})
}

// whereDeployed mutates where there is a receiver; elsewhere one comes unasked.
func whereDeployed(what string, do func(*Templates)) Mutation {
	return Mutation{what, func(t *Templates) {
		if t.Receiver == nil {
			t.Receiver = &Template{root: map[string]any{"Resources": map[string]any{}}}
			return
		}
		do(t)
	}}
}
