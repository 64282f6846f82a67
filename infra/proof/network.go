package proof

import (
	"fmt"

	"github.com/alquimista-ai/nigredo/infra/config"
)

func networkItems() []Item {
	return []Item{
		closedGroups(),
		listedSubnets(),
		gateways(),
		demand{typ: "AWS::EC2::Subnet", least: 8, unless: importsNetwork, wants: []must{
			{path: "MapPublicIpOnLaunch", value: false, worse: true},
			{path: "AvailabilityZone", holds: func(t *Templates, v any) bool {
				for _, zone := range t.Config.Network.Zones {
					if v == zone {
						return true
					}
				}
				return false
			}, worse: "eu-west-1a"},
		}}.item("no subnet gives a public address, and each is in a zone that is named", "S1.83"),
		demand{typ: "AWS::EC2::FlowLog", unless: importsNetwork, wants: []must{
			{path: "TrafficType", value: "ALL", worse: "ACCEPT"},
			{path: "ResourceType", value: "VPC"},
			{path: "ResourceId", holds: func(t *Templates, v any) bool {
				return referred(v) != "" && mentions(v, last(t.Core.Resources("AWS::EC2::VPC")).ID)
			}},
		}}.item("the network records who spoke to whom", "S1.86", "D.flow-log"),
		endpoints(),
		standsAlone(),
		place(),
	}
}

// closedGroups: a group lets in named groups at one port, and out to named groups or
// HTTPS.
func closedGroups() Item {
	const typ = "AWS::EC2::SecurityGroup"
	return Item{
		IDs: []string{"S1.86"}, Property: "no security group lets anybody in from an address, or everything out",
		Check: func(t *Templates) error {
			groups := t.Core.Resources(typ)
			if len(groups) < 2 {
				return fmt.Errorf("%d security groups", len(groups))
			}
			n := readNetwork(t.Core)
			for _, group := range groups {
				if group.Get("SecurityGroupEgress") == nil {
					return fmt.Errorf("%s lets everything out, which is EC2's default", group.ID)
				}
			}
			for id, rules := range n.rules {
				for _, r := range rules {
					nothing := r.egress && r.protocol == "icmp" && r.cidr.Bits() == 32 // CDK's rule for a group that lets nothing out
					switch {
					case nothing:
					case r.protocol != "tcp" || r.from != r.to:
						return fmt.Errorf("%s has a rule for %s %g to %g, want one port of TCP", id, r.protocol, r.from, r.to)
					case !r.egress && r.cidr.IsValid():
						return fmt.Errorf("%s lets in from %s", id, r.cidr)
					case r.egress && r.cidr.IsValid() && r.from != 443:
						return fmt.Errorf("%s lets out to %s at %g", id, r.cidr, r.from)
					}
				}
			}
			return nil
		},
		Mutations: []Mutation{
			{"a group lets everything out", func(t *Templates) { last(t.Core.Resources(typ)).Set("SecurityGroupEgress", nil) }},
			{"a group lets everything out in words", func(t *Templates) {
				last(t.Core.Resources(typ)).Set("SecurityGroupEgress", []any{map[string]any{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}})
			}},
			{"a group lets the world in", func(t *Templates) {
				last(t.Core.Resources(typ)).Set("SecurityGroupIngress", []any{map[string]any{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "0.0.0.0/0"}})
			}},
			{"a group lets a range of ports in", func(t *Templates) {
				last(t.Core.Resources("AWS::EC2::SecurityGroupIngress")).Set("ToPort", 65535)
			}},
		},
	}
}

// listedSubnets: each subnet of ours has a list that is written out.
func listedSubnets() Item {
	const joined, entry = "AWS::EC2::SubnetNetworkAclAssociation", "AWS::EC2::NetworkAclEntry"
	return Item{
		IDs: []string{"S1.86"}, Property: "every subnet has a network ACL of its own kind, whose entries allow TCP at named ports",
		Check: func(t *Templates) error {
			if importsNetwork(t) {
				return nil
			}
			n := readNetwork(t.Core)
			for id, subnet := range n.subnets {
				if len(n.entries[subnet.list]) == 0 {
					return fmt.Errorf("%s has no list with an entry", id)
				}
			}
			for id, entries := range n.entries {
				for _, e := range entries {
					if !e.allow || e.protocol != 6 || e.from < 443 || e.from != e.to && e.from < 1024 {
						return fmt.Errorf("%s has an entry for protocol %g, %g to %g", id, e.protocol, e.from, e.to)
					}
				}
			}
			return nil
		},
		Mutations: []Mutation{
			{"a subnet has the default list", func(t *Templates) { t.Core.Remove(last(t.Core.Resources(joined)).ID) }},
			{"an entry lets every protocol pass", func(t *Templates) { last(t.Core.Resources(entry)).Set("Protocol", -1) }},
			{"an entry lets every port pass", func(t *Templates) { last(t.Core.Resources(entry)).Set("PortRange.From", 0) }},
		},
	}
}

// gateways: one NAT gateway by default. Each costs more than the smallest database.
func gateways() Item {
	const typ = "AWS::EC2::NatGateway"
	return Item{
		IDs: []string{"S2.78", "S2.77f"}, Property: "as many NAT gateways as the configuration says, one by default",
		Check: func(t *Templates) error {
			if got, want := len(t.Core.Resources(typ)), t.Config.Network.NATGateways; got != want {
				return fmt.Errorf("%d NAT gateways, want %d", got, want)
			}
			return nil
		},
		Mutations: []Mutation{{"there is none", func(t *Templates) {
			for _, r := range t.Core.Resources(typ) {
				t.Core.Remove(r.ID)
			}
		}}},
	}
}

// endpoints: an interface endpoint is billed by the hour and zone, and each of them
// is a way out of the isolated subnets.
func endpoints() Item {
	const typ = "AWS::EC2::VPCEndpoint"
	return Item{
		IDs: []string{"S2.77f", "S1.83"}, Property: "no endpoint stands that nothing needs: X-Ray's when spans go there, and no other",
		Check: func(t *Templates) error {
			want := 0
			if t.Config.Tracing.Endpoint == "xray" {
				want = 1
			}
			if got := len(t.Core.Resources(typ)); got != want {
				return fmt.Errorf("%d endpoints, want %d", got, want)
			}
			return nil
		},
		Mutations: []Mutation{{"spans go to X-Ray", func(t *Templates) {
			changed := *t.Config
			changed.Tracing = config.Tracing{Endpoint: "xray"}
			if t.Config.Tracing == changed.Tracing {
				changed.Tracing.Endpoint = ""
			}
			t.Config = &changed
		}}},
	}
}

// standsAlone: the backend needs no other stack deployed first, because Fibonacci's
// things are named in the configuration or not used at all.
func standsAlone() Item {
	return Item{
		IDs: []string{"S1.61"}, Property: "the backend imports no value of another stack: what is Fibonacci's is named in the configuration, checked before synthesis",
		Check: func(t *Templates) error {
			for _, r := range t.Core.Resources("") {
				if mentionsImport(r.Properties) {
					return fmt.Errorf("%s waits for another stack", r.ID)
				}
			}
			return nil
		},
		Mutations: []Mutation{{"a value is imported", func(t *Templates) {
			last(t.Core.Resources("")).Properties["Imported"] = map[string]any{"Fn::ImportValue": "Fibonacci"}
		}}},
	}
}

func mentionsImport(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if key == "Fn::ImportValue" || mentionsImport(value) {
				return true
			}
		}
	case []any:
		for _, value := range v {
			if mentionsImport(value) {
				return true
			}
		}
	}
	return false
}

// place: the account is the configuration's, and a committed one cannot be deployed.
func place() Item {
	return Item{
		IDs: []string{"S2.10"}, Property: "the committed configuration has the placeholder for the account and us-east-1 for the region; resources name both as configured",
		Check: func(t *Templates) error {
			committed, err := config.Load(t.Config.Environment)
			if err != nil {
				return err
			}
			if committed.Account != config.Placeholder || committed.Region != "us-east-1" {
				return fmt.Errorf("the committed file has account %s and region %s", committed.Account, committed.Region)
			}
			for _, topic := range []string{config.OnCall, config.Team} {
				if found := Where(t.Core.Resources("AWS::SNS::Topic"), "TopicName", t.Config.Topic(topic)); len(found) != 1 {
					return fmt.Errorf("%d topics %s, which alarms name by %s", len(found), t.Config.Topic(topic), t.Config.TopicARN(topic))
				}
			}
			return nil
		},
		Mutations: []Mutation{{"a topic has another name than alarms know", func(t *Templates) {
			last(t.Core.Resources("AWS::SNS::Topic")).Set("TopicName", "other")
		}}},
	}
}
