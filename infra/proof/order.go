package proof

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// after says of which resources AWS refuses to make one, or makes something of its own,
// while others are not there. CloudFormation makes at once what does not refer to each
// other, and these need not.
type after struct {
	what   string
	typ    string
	which  func(Resource) bool                   // of the type; nil: all
	others func(*Templates, Resource) []Resource // what it must wait for
	unless func(*Templates) bool                 // nil: always
}

// afters are all of them in the backend's template.
func afters() []after {
	all := func(typ string) func(*Templates, Resource) []Resource {
		return func(t *Templates, _ Resource) []Resource { return t.Core.Resources(typ) }
	}
	attachment := all("AWS::EC2::VPCGatewayAttachment")
	return []after{
		{what: "the NAT gateway's address comes before the VPC has a gateway", typ: "AWS::EC2::EIP", others: attachment, unless: importsNetwork},
		{
			what: "the route to the internet comes before the VPC has a gateway", typ: "AWS::EC2::Route", others: attachment, unless: importsNetwork,
			which: func(r Resource) bool { return r.Get("GatewayId") != nil },
		},
		{
			what: "the trail comes before CloudTrail may write to its bucket", typ: "AWS::CloudTrail::Trail", unless: trailElsewhere,
			others: func(t *Templates, r Resource) []Resource {
				return Where(t.Core.Resources("AWS::S3::BucketPolicy"), "Bucket", r.Get("S3BucketName"))
			},
		},
		{
			what: "the cluster comes before its log groups, which RDS then makes itself", typ: clusterType, unless: importsDatabase,
			others: func(t *Templates, _ Resource) []Resource {
				return slices.DeleteFunc(t.Core.Resources("AWS::Logs::LogGroup"), func(r Resource) bool {
					return !strings.HasPrefix(Plain(r.Get("LogGroupName")), t.Config.DatabaseLog(""))
				})
			},
		},
		{
			what: "the retries of calls by an alias come before the alias", typ: "AWS::Lambda::EventInvokeConfig",
			others: func(t *Templates, r Resource) []Resource {
				return Where(t.Core.Resources("AWS::Lambda::Alias"), "Name", r.Get("Qualifier"), "FunctionName", r.Get("FunctionName"))
			},
		},
		{what: "the stage comes before API Gateway may write logs", typ: "AWS::ApiGateway::Stage", others: all("AWS::ApiGateway::Account")},
		{
			what: "the firewall writes before its log group is there", typ: "AWS::WAFv2::LoggingConfiguration",
			others: func(t *Templates, _ Resource) []Resource {
				return Where(t.Core.Resources("AWS::Logs::LogGroup"), "LogGroupName", t.Config.FirewallLog(t.Config.CoreStack()))
			},
		},
		{what: "the firewall is put before a stage that is not there", typ: "AWS::WAFv2::WebACLAssociation", others: all("AWS::ApiGateway::Stage")},
	}
}

func (a after) of(t *Templates) []Resource {
	return slices.DeleteFunc(t.Core.Resources(a.typ), func(r Resource) bool { return a.which != nil && !a.which(r) })
}

// orderItems hold what a deployment of a new account needs: no circle, nothing that is
// not there, nothing too early.
func orderItems() []Item {
	early := Item{
		IDs: []string{"D.order"}, Property: "what AWS refuses without another resource waits for it, where no reference says so",
		Check: func(t *Templates) error {
			needs := needed(t.Core)
			for _, a := range afters() {
				if a.unless != nil && a.unless(t) {
					continue
				}
				found := a.of(t)
				if len(found) == 0 {
					return fmt.Errorf("no %s", a.typ)
				}
				for _, r := range found {
					others := a.others(t, r)
					if len(others) == 0 {
						return fmt.Errorf("%s: there is nothing for it to wait for", r.ID)
					}
					for _, other := range others {
						if !waits(needs, r.ID, other.ID) {
							return fmt.Errorf("%s does not wait for %s: %s", r.ID, other.ID, a.what)
						}
					}
				}
			}
			return nil
		},
	}
	for _, a := range afters() {
		early.Mutations = append(early.Mutations, Mutation{a.what, func(t *Templates) {
			for _, r := range a.of(t) {
				delete(r.Body, "DependsOn")
			}
		}})
	}
	return []Item{early, {
		IDs: []string{"D.order"}, Property: "every reference is to something that is there, and none goes round in a circle",
		Check: func(t *Templates) error {
			needs, done := needed(t.Core), map[string]int{}
			var visit func(id string) error
			visit = func(id string) error {
				if done[id] == 1 {
					return fmt.Errorf("%s waits for itself", id)
				}
				if done[id] == 2 {
					return nil
				}
				others, ok := needs[id]
				if !ok {
					return fmt.Errorf("%s is named and is not there", id)
				}
				done[id] = 1
				for _, other := range others {
					if err := visit(other); err != nil {
						return err
					}
				}
				done[id] = 2
				return nil
			}
			var errs []error
			for id := range needs {
				if err := visit(id); err != nil {
					errs = append(errs, err)
				}
			}
			return errors.Join(errs...)
		},
		Mutations: []Mutation{
			{"two resources wait for each other", func(t *Templates) {
				first(t.Core.Resources("AWS::KMS::Key")).Body["DependsOn"] = []any{functionOf(t, "persist").ID}
			}},
			{"a resource is named that is not there", func(t *Templates) { t.Core.Remove(aliasOf(t, "deliver").ID) }},
		},
	}}
}

// needed gives what each resource of a template waits for: what it refers to and what
// it depends on in words.
func needed(t *Template) map[string][]string {
	out := map[string][]string{}
	for _, r := range t.Resources("") {
		ids := []string{}
		for _, id := range several(r.Body["DependsOn"]) {
			ids = append(ids, fmt.Sprint(id))
		}
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if id := referred(v); id != "" && len(v) == 1 && !strings.HasPrefix(id, "AWS::") {
					ids = append(ids, id)
				}
				for _, value := range v {
					walk(value)
				}
			case []any:
				for _, value := range v {
					walk(value)
				}
			}
		}
		walk(r.Properties)
		out[r.ID] = ids
	}
	return out
}

// waits tells whether one resource comes after another, over whatever is between.
func waits(needs map[string][]string, id, other string) bool {
	seen := map[string]bool{}
	var search func(id string) bool
	search = func(id string) bool {
		if seen[id] {
			return false
		}
		seen[id] = true
		return slices.ContainsFunc(needs[id], func(next string) bool { return next == other || search(next) })
	}
	return search(id)
}
