package proof

import "errors"

// receiverItems are of the template that an environment without Fibonacci has.
func receiverItems() []Item {
	return []Item{{
		IDs: []string{"S1.37", "S1.63"}, Property: "where there is no Fibonacci, the handler is deployed behind a throttled route and reads the backend's secret by its ARN",
		Check: func(t *Templates) error {
			if !t.Config.Receiver.Deploy {
				if t.Receiver != nil {
					return errors.New("a receiver that the configuration does not want")
				}
				return nil
			}
			stage, err := only(t.Receiver, "AWS::ApiGatewayV2::Stage")
			if err != nil {
				return err
			}
			route, err := only(t.Receiver, "AWS::ApiGatewayV2::Route")
			if err != nil {
				return err
			}
			function := Where(t.Receiver.Resources("AWS::Lambda::Function"), "FunctionName", t.Config.ReceiverStack()+"-Fibonacci")
			if len(function) != 1 || function[0].Get("Environment.Variables.FIBONACCI_WEBHOOK_SECRET_ARN") == nil || function[0].Get("Environment.Variables.FIBONACCI_WEBHOOK_SECRET") != nil {
				return errors.New("the function does not read its secret by ARN")
			}
			return errors.Join(
				wants(stage, "DefaultRouteSettings.ThrottlingRateLimit", t.Config.API.Rate),
				wants(route, "RouteKey", "POST /webhooks/nigredo"),
			)
		},
		Mutations: []Mutation{{"the receiver is not what the configuration says", func(t *Templates) {
			if t.Receiver == nil {
				t.Receiver = &Template{root: map[string]any{"Resources": map[string]any{}}}
				return
			}
			t.Receiver = nil
		}}},
	}}
}
