package proof

import (
	"errors"
	"fmt"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// outlives tells whether a resource stays when its stack goes. One that a failed
// deployment made goes with it: its name is taken otherwise when that is repeated.
func outlives(r Resource) error {
	return errors.Join(want(r.ID+": deletion", r.Body["DeletionPolicy"], "RetainExceptOnCreate"), want(r.ID+": replacement", r.Body["UpdateReplacePolicy"], "Retain"))
}

// standingItems hold what must be true of the ground for anything to stand on it.
func standingItems() []Item {
	const stored, vpc, subnetGroup = "AWS::SecretsManager::Secret", "AWS::EC2::VPC", "AWS::RDS::DBSubnetGroup"
	return []Item{tagged(), {
		IDs: []string{"D.deletion-protection"}, Property: "in prod secrets stay when the stack goes, and only what a failed deployment made goes again",
		Check: func(t *Templates) error {
			if !t.Config.Production() {
				return nil
			}
			var errs []error
			for _, r := range t.Core.Resources(stored) {
				errs = append(errs, outlives(r))
			}
			return errors.Join(errs...)
		},
		Mutations: []Mutation{
			{"a secret goes with the stack", func(t *Templates) { last(t.Core.Resources(stored)).Body["DeletionPolicy"] = "Delete" }},
			{"a replaced secret goes", func(t *Templates) { delete(last(t.Core.Resources(stored)).Body, "UpdateReplacePolicy") }},
			{"a secret of a failed deployment takes the name", func(t *Templates) { last(t.Core.Resources(stored)).Body["DeletionPolicy"] = "Retain" }},
		},
	}, {
		IDs: []string{"S1.83", "S1.86"}, Property: "the VPC resolves names, ranges of subnets do not overlap, and functions and database stand in two zones at least",
		Check: func(t *Templates) error {
			if importsNetwork(t) {
				return nil
			}
			for _, r := range t.Core.Resources(vpc) {
				if err := want(r.ID+": names", r.Get("EnableDnsSupport"), true); err != nil {
					return err
				}
			}
			zones, subnets := map[string]string{}, t.Core.Resources("AWS::EC2::Subnet")
			for i, r := range subnets {
				zones[r.ID] = Plain(r.Get("AvailabilityZone"))
				for _, other := range subnets[:i] {
					if prefix(r.Get("CidrBlock")).Overlaps(prefix(other.Get("CidrBlock"))) {
						return fmt.Errorf("%s and %s overlap", r.ID, other.ID)
					}
				}
			}
			placed := map[string]any{}
			for _, r := range t.Core.Resources(subnetGroup) {
				placed[r.ID] = r.Get("SubnetIds")
			}
			for _, f := range config.All() {
				if f.Place != config.Outside {
					placed[f.Activity] = functionOf(t, f.Activity).Get("VpcConfig.SubnetIds")
				}
			}
			for what, ids := range placed {
				in := map[string]bool{}
				for _, id := range several(ids) {
					in[zones[referred(id)]] = true
				}
				if len(in) < 2 {
					return fmt.Errorf("%s stands in %d zones", what, len(in))
				}
			}
			return nil
		},
		Mutations: []Mutation{
			{"the VPC resolves no names", func(t *Templates) { last(t.Core.Resources(vpc)).Set("EnableDnsSupport", false) }},
			{"two subnets have one range", func(t *Templates) {
				all := t.Core.Resources("AWS::EC2::Subnet")
				all[0].Set("CidrBlock", all[1].Get("CidrBlock"))
			}},
			{"the database stands in one zone", func(t *Templates) {
				r := last(t.Core.Resources(subnetGroup))
				r.Set("SubnetIds", several(r.Get("SubnetIds"))[:1])
			}},
			{"CreateLead stands in one zone", func(t *Templates) {
				f := functionOf(t, "persist")
				f.Set("VpcConfig.SubnetIds", several(f.Get("VpcConfig.SubnetIds"))[:1])
			}},
		},
	}, {
		IDs: []string{"D.identity"}, Property: "each function is told what it reads: limits, authorities, and the machines that it starts by their aliases",
		Check: eachFunction(func(t *Templates, f config.Function, r Resource) error {
			told := func(name string, value any) error {
				return want(f.Activity+": "+name, r.Get("Environment.Variables."+name), value)
			}
			var errs []error
			switch f.Activity {
			case "ratelimit", "persist":
				errs = append(errs, told("NIGREDO_RATE_LIMIT", fmt.Sprint(t.Config.Functions.RateLimit)))
			case "release":
				errs = append(errs, told("FIBONACCI_DELIVERY_ARN", machineARN(t.Config, "fibonacci_delivery")+":"+config.Alias))
			case "redrives":
				errs = append(errs, told("REDRIVE_CAMPAIGN_ARN", machineARN(t.Config, "redrive_campaign")+":"+config.Alias))
			}
			if f.Database && (!t.Config.Database.Proxy || f.Activity == "migrate") {
				errs = append(errs, told("NIGREDO_DATABASE_CA", "rds"))
			}
			return errors.Join(errs...)
		}),
		Mutations: []Mutation{
			{"CreateLead has no limit", setFunction("persist", "Environment.Variables.NIGREDO_RATE_LIMIT", nil)},
			{"Release starts another machine", setFunction("release", "Environment.Variables.FIBONACCI_DELIVERY_ARN", "arn:aws:states:us-east-1:000000000000:stateMachine:other:live")},
			{"Redrives starts past the alias", func(t *Templates) {
				functionOf(t, "redrives").Set("Environment.Variables.REDRIVE_CAMPAIGN_ARN", machineARN(t.Config, "redrive_campaign"))
			}},
			{"CreateLead trusts no database", setFunction("persist", "Environment.Variables.NIGREDO_DATABASE_CA", nil)},
		},
	}}
}

// tagged: what costs or holds something says whose it is. The budget counts by Project.
func tagged() Item {
	kinds := []string{
		"AWS::Lambda::Function", "AWS::StepFunctions::StateMachine", clusterType, instanceType, "AWS::EC2::NatGateway", "AWS::KMS::Key",
		"AWS::SecretsManager::Secret", "AWS::S3::Bucket", "AWS::Logs::LogGroup", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::WAFv2::WebACL",
	}
	item := Item{
		IDs: []string{"D.tags", "S2.77f"}, Property: "everything that costs or holds something is tagged with project and environment",
		Check: func(t *Templates) error {
			var errs []error
			for _, kind := range kinds {
				for _, r := range t.Core.Resources(kind) {
					if kind == "AWS::Lambda::Function" && r.Get("FunctionName") == nil {
						continue // CDK's own helper between regions, which takes no tags
					}
					for key, value := range map[string]string{"Project": config.Project, "Environment": t.Config.Environment} {
						if !contains(r.Get("Tags"), Text(map[string]string{"Key": key, "Value": value})) {
							errs = append(errs, fmt.Errorf("%s: no tag %s %s", r.ID, key, value))
						}
					}
				}
			}
			return errors.Join(errs...)
		},
		Mutations: []Mutation{{"tags name another environment", func(t *Templates) { c := *t.Config; c.Environment += "x"; t.Config = &c }}},
	}
	for _, kind := range kinds {
		item.Mutations = append(item.Mutations, Mutation{kind + " has no tags", func(t *Templates) { last(t.Core.Resources(kind)).Set("Tags", nil) }})
	}
	return item
}
