package proof

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// The hosts that a function may reach. Besides them there is one for each interface
// endpoint, "endpoint:" and the name of its service.
const (
	hostDatabase = "database:5432"
	hostInternet = "internet:443" // through the NAT gateway, with AWS's public endpoints among it
	hostAWS      = "aws:443"      // AWS's and anybody's public endpoints, from outside a VPC
)

// Reachable computes from the template alone which hosts a function reaches: the
// routes of its subnets, the network ACLs of both sides, the rules of both groups and
// the endpoints. Every subnet of the function must reach a host for it to count; a
// host that some reach and others do not is named with "in part".
func Reachable(t *Template, f Resource) []string {
	if f.Get("VpcConfig") == nil {
		return []string{hostAWS}
	}
	net := readNetwork(t)
	var subnets, groups []string
	for _, v := range several(f.Get("VpcConfig.SubnetIds")) {
		subnets = append(subnets, nameOf(v))
	}
	for _, v := range several(f.Get("VpcConfig.SecurityGroupIds")) {
		groups = append(groups, nameOf(v))
	}
	reached := map[string]int{}
	for _, subnet := range subnets {
		for host := range net.from(subnet, groups) {
			reached[host]++
		}
	}
	var out []string
	for _, host := range slices.Sorted(maps.Keys(reached)) {
		if reached[host] < len(subnets) {
			host += " in part"
		}
		out = append(out, host)
	}
	return out
}

// subnets and groups by id: the logical one, or AWS's of what is imported.
type netSubnet struct {
	cidr   netip.Prefix // not valid when imported: no ACL of ours stands before it
	list   string       // network ACL
	routes string       // route table
	public bool
}

type netRule struct {
	egress   bool
	protocol string
	from, to float64
	cidr     netip.Prefix // or
	group    string
}

type netEntry struct {
	egress, allow bool
	number        float64
	protocol      float64
	from, to      float64
	cidr          netip.Prefix
}

// network is what the template says of addresses.
type network struct {
	template *Template
	subnets  map[string]netSubnet
	rules    map[string][]netRule  // by group
	entries  map[string][]netEntry // by network ACL
	nats     map[string]string     // route table: the subnet of its NAT gateway
	gateway  map[string]bool       // route tables with a route to the internet gateway
}

// nameOf is how a subnet or group is named: the logical id, or AWS's.
func nameOf(v any) string {
	if id := referred(v); id != "" {
		return id
	}
	return fmt.Sprint(v)
}

func prefix(v any) netip.Prefix {
	p, _ := netip.ParsePrefix(fmt.Sprint(v))
	return p
}

func readNetwork(t *Template) *network {
	n := &network{
		template: t, subnets: map[string]netSubnet{}, rules: map[string][]netRule{}, entries: map[string][]netEntry{},
		nats: map[string]string{}, gateway: map[string]bool{},
	}
	for _, r := range t.Resources("AWS::EC2::Subnet") {
		n.subnets[r.ID] = netSubnet{cidr: prefix(r.Get("CidrBlock")), public: Equal(r.Get("MapPublicIpOnLaunch"), true)}
	}
	set := func(id string, change func(*netSubnet)) {
		subnet := n.subnets[id]
		change(&subnet)
		n.subnets[id] = subnet
	}
	for _, r := range t.Resources("AWS::EC2::SubnetRouteTableAssociation") {
		set(nameOf(r.Get("SubnetId")), func(s *netSubnet) { s.routes = nameOf(r.Get("RouteTableId")) })
	}
	for _, r := range t.Resources("AWS::EC2::SubnetNetworkAclAssociation") {
		set(nameOf(r.Get("SubnetId")), func(s *netSubnet) { s.list = nameOf(r.Get("NetworkAclId")) })
	}
	for _, r := range t.Resources("AWS::EC2::Route") {
		table := nameOf(r.Get("RouteTableId"))
		if prefix(r.Get("DestinationCidrBlock")).Bits() != 0 {
			continue
		}
		if nat := r.Get("NatGatewayId"); nat != nil {
			for _, gateway := range t.Resources("AWS::EC2::NatGateway") {
				if gateway.ID == nameOf(nat) {
					n.nats[table] = nameOf(gateway.Get("SubnetId"))
				}
			}
		}
		if r.Get("GatewayId") != nil {
			n.gateway[table] = true
		}
	}
	for _, r := range t.Resources("AWS::EC2::NetworkAclEntry") {
		list := nameOf(r.Get("NetworkAclId"))
		n.entries[list] = append(n.entries[list], netEntry{
			egress: Equal(r.Get("Egress"), true), allow: r.Get("RuleAction") == "allow", number: numberOf(r.Get("RuleNumber")),
			protocol: numberOf(r.Get("Protocol")), from: numberOf(r.Get("PortRange.From")), to: numberOf(r.Get("PortRange.To")), cidr: prefix(r.Get("CidrBlock")),
		})
	}
	for list := range n.entries {
		slices.SortFunc(n.entries[list], func(a, b netEntry) int { return int(a.number - b.number) })
	}
	rule := func(group string, egress bool, v any, other string) {
		n.rules[group] = append(n.rules[group], netRule{
			egress: egress, protocol: fmt.Sprint(Get(v, "IpProtocol")), from: numberOf(Get(v, "FromPort")), to: numberOf(Get(v, "ToPort")),
			cidr: prefix(Get(v, "CidrIp")), group: nameOf(Get(v, other)),
		})
	}
	for _, r := range t.Resources("AWS::EC2::SecurityGroup") {
		for _, v := range several(r.Get("SecurityGroupIngress")) {
			rule(r.ID, false, v, "SourceSecurityGroupId")
		}
		for _, v := range several(r.Get("SecurityGroupEgress")) {
			rule(r.ID, true, v, "DestinationSecurityGroupId")
		}
		if r.Get("SecurityGroupEgress") == nil { // EC2's default
			n.rules[r.ID] = append(n.rules[r.ID], netRule{egress: true, protocol: "-1", cidr: netip.MustParsePrefix("0.0.0.0/0")})
		}
	}
	for _, r := range t.Resources("AWS::EC2::SecurityGroupIngress") {
		rule(nameOf(r.Get("GroupId")), false, r.Properties, "SourceSecurityGroupId")
	}
	for _, r := range t.Resources("AWS::EC2::SecurityGroupEgress") {
		rule(nameOf(r.Get("GroupId")), true, r.Properties, "DestinationSecurityGroupId")
	}
	return n
}

// listed tells whether the network ACL of a subnet lets a port pass in a direction,
// to or from a whole range. The first rule that fits decides; with no list of ours,
// EC2's default lets everything pass.
func (n *network) listed(subnet string, egress bool, other netip.Prefix, port float64) bool {
	list := n.subnets[subnet].list
	if list == "" {
		return true
	}
	for _, e := range n.entries[list] {
		if e.egress == egress && (e.protocol == -1 || e.protocol == 6 && e.from <= port && port <= e.to) &&
			e.cidr.IsValid() && other.IsValid() && e.cidr.Bits() <= other.Bits() && e.cidr.Contains(other.Addr()) {
			return e.allow
		}
	}
	return false
}

// answer is a port that answers come back to: the kernel of Lambda takes any above
// 1023, so that the last one stands for all of them beside the first.
var answers = []float64{1024, 65535}

// passes tells whether a connection from a subnet to a port in another range gets
// through the lists of both sides, there and back.
func (n *network) passes(from, to string, toRange netip.Prefix, port float64) bool {
	source := n.subnets[from].cidr
	there := n.listed(from, true, toRange, port) && (to == "" || n.listed(to, false, source, port))
	for _, back := range answers {
		there = there && n.listed(from, false, toRange, back) && (to == "" || n.listed(to, true, source, back))
	}
	return there
}

// leaves tells whether groups let a connection out, to a group or to anywhere.
func (n *network) leaves(groups []string, to string, port float64) bool {
	for _, group := range groups {
		for _, r := range n.rules[group] {
			if r.egress && (r.protocol == "-1" || r.protocol == "tcp" && r.from <= port && port <= r.to) &&
				(to != "" && r.group == to || r.cidr.IsValid() && r.cidr.Bits() == 0) {
				return true
			}
		}
	}
	return false
}

// enters tells whether a group lets a connection in that comes from groups.
func (n *network) enters(group string, from []string, port float64) bool {
	for _, r := range n.rules[group] {
		if !r.egress && (r.protocol == "-1" || r.protocol == "tcp" && r.from <= port && port <= r.to) &&
			(slices.Contains(from, r.group) || r.cidr.IsValid() && r.cidr.Bits() == 0) {
			return true
		}
	}
	return false
}

var anywhere = netip.MustParsePrefix("0.0.0.0/0")

// from gives the hosts that a subnet reaches with groups.
func (n *network) from(subnet string, groups []string) map[string]bool {
	out := map[string]bool{}
	for _, target := range n.databases() {
		reached := len(target.subnets) > 0
		for _, to := range target.subnets {
			reached = reached && n.passes(subnet, to, n.subnets[to].cidr, 5432)
		}
		for _, group := range target.groups {
			if reached && n.leaves(groups, group, 5432) && n.enters(group, groups, 5432) {
				out[hostDatabase] = true
			}
		}
	}
	for _, r := range n.template.Resources("AWS::EC2::VPCEndpoint") {
		if r.Get("VpcEndpointType") != "Interface" {
			continue
		}
		for _, to := range several(r.Get("SubnetIds")) {
			id := nameOf(to)
			for _, v := range several(r.Get("SecurityGroupIds")) {
				group := nameOf(v)
				if (id == subnet || n.passes(subnet, id, n.subnets[id].cidr, 443)) && n.leaves(groups, group, 443) && n.enters(group, groups, 443) {
					out["endpoint:"+fmt.Sprint(r.Get("ServiceName"))] = true
				}
			}
		}
	}
	// Out: from the subnet to the gateway's, and from there to the internet.
	table := n.subnets[subnet].routes
	nat, ok := n.nats[table]
	if ok && n.gateway[n.subnets[nat].routes] && n.leaves(groups, "", 443) && n.passes(subnet, "", anywhere, 443) &&
		n.listed(nat, false, n.subnets[subnet].cidr, 443) && n.listed(nat, true, n.subnets[subnet].cidr, 65535) && n.passes(nat, "", anywhere, 443) {
		out[hostInternet] = true
	}
	if !ok && n.gateway[table] {
		out["public subnet"] = true // where a function has no address and nothing answers
	}
	return out
}

// target is where the database listens.
type target struct{ subnets, groups []string }

// databases gives the cluster, or the proxy in its place; both, and a function would
// have to say which it means.
func (n *network) databases() []target {
	var out []target
	subnetsOf := map[string][]string{}
	for _, r := range n.template.Resources("AWS::RDS::DBSubnetGroup") {
		for _, v := range several(r.Get("SubnetIds")) {
			subnetsOf[r.ID] = append(subnetsOf[r.ID], nameOf(v))
		}
	}
	for _, r := range n.template.Resources("AWS::RDS::DBProxy") {
		var one target
		for _, v := range several(r.Get("VpcSubnetIds")) {
			one.subnets = append(one.subnets, nameOf(v))
		}
		for _, v := range several(r.Get("VpcSecurityGroupIds")) {
			one.groups = append(one.groups, nameOf(v))
		}
		out = append(out, one)
	}
	if len(out) > 0 {
		return out
	}
	for _, r := range n.template.Resources(clusterType) {
		one := target{subnets: subnetsOf[nameOf(r.Get("DBSubnetGroupName"))]}
		for _, v := range several(r.Get("VpcSecurityGroupIds")) {
			one.groups = append(one.groups, nameOf(v))
		}
		out = append(out, one)
	}
	return out
}

// mustReach is what each place is for: the table that the paths are compared with.
func mustReach(c *config.Config, f config.Function) []string {
	var hosts []string
	switch f.Place {
	case config.Outside: // no database; secrets are read at AWS's public endpoint
		hosts = []string{hostAWS}
	case config.Isolated: // the database, and nothing that could carry a row away
		hosts = []string{hostDatabase}
		if c.Tracing.Endpoint == "xray" { // spans, which have no other way
			hosts = append(hosts, "endpoint:com.amazonaws."+c.Region+".xray")
		}
	case config.Egress: // the receiver of the webhook, Step Functions, Secrets Manager
		hosts = []string{hostDatabase, hostInternet}
	}
	slices.Sort(hosts)
	return hosts
}

// pathItems compares what every function reaches with what it must.
func pathItems() []Item {
	check := func(t *Templates) error {
		if importsNetwork(t) { // routes and lists of an imported VPC are in nobody's template
			return nil
		}
		for _, f := range config.All() {
			found := Where(t.Core.Resources("AWS::Lambda::Function"), "FunctionName", t.Config.Function(f))
			if len(found) != 1 {
				return fmt.Errorf("%d functions %s", len(found), t.Config.Function(f))
			}
			got, want := Reachable(t.Core, found[0]), mustReach(t.Config, f)
			if !slices.Equal(got, want) {
				return fmt.Errorf("%s reaches %s, must reach %s", f.Activity, strings.Join(got, ", "), strings.Join(want, ", "))
			}
		}
		return nil
	}
	remove := func(typ string, which func(Resource) bool) func(*Templates) {
		return func(t *Templates) {
			for _, r := range t.Core.Resources(typ) {
				if which(r) {
					t.Core.Remove(r.ID)
					return
				}
			}
		}
	}
	function := func(t *Templates, activity string) Resource {
		f, _ := config.FunctionOf(activity)
		return Where(t.Core.Resources("AWS::Lambda::Function"), "FunctionName", t.Config.Function(f))[0]
	}
	mutations := []Mutation{
		{"a route to the NAT gateway is missing", remove("AWS::EC2::Route", func(r Resource) bool { return r.Get("NatGatewayId") != nil })},
		{"the route to the internet gateway is missing", remove("AWS::EC2::Route", func(r Resource) bool { return r.Get("GatewayId") != nil })},
		{"isolated subnets have the routes of egress subnets", func(t *Templates) {
			var table any
			for _, r := range t.Core.Resources("AWS::EC2::Route") {
				if r.Get("NatGatewayId") != nil {
					table = r.Get("RouteTableId")
				}
			}
			f := function(t, "persist")
			for _, r := range t.Core.Resources("AWS::EC2::SubnetRouteTableAssociation") {
				if mentions(f.Get("VpcConfig.SubnetIds"), nameOf(r.Get("SubnetId"))) {
					r.Set("RouteTableId", table)
				}
			}
			// Groups and lists would still hold it back; they fall with it here.
			open(t)
		}},
		{"a function of the isolated subnets is in egress subnets", func(t *Templates) {
			function(t, "persist").Set("VpcConfig", function(t, "deliver").Get("VpcConfig"))
		}},
		{"a function that calls the receiver is in isolated subnets", func(t *Templates) {
			function(t, "deliver").Set("VpcConfig", function(t, "persist").Get("VpcConfig"))
		}},
		{"a function of the database is outside the network", func(t *Templates) { function(t, "persist").Set("VpcConfig", nil) }},
		{"the database lets a group in no more", remove("AWS::EC2::SecurityGroupIngress", func(r Resource) bool { return numberOf(r.Get("FromPort")) == 5432 })},
		{"a group lets no connection to the database out", remove("AWS::EC2::SecurityGroupEgress", func(r Resource) bool { return numberOf(r.Get("FromPort")) == 5432 })},
		{"functions that call somebody may not", remove("AWS::EC2::SecurityGroupEgress", func(r Resource) bool {
			return numberOf(r.Get("FromPort")) == 443 && r.Get("CidrIp") != nil
		})},
		{"the NAT gateway is gone", remove("AWS::EC2::NatGateway", func(Resource) bool { return true })},
		{"a subnet is joined to another list", func(t *Templates) {
			associations := t.Core.Resources("AWS::EC2::SubnetNetworkAclAssociation")
			associations[0].Set("NetworkAclId", associations[len(associations)-1].Get("NetworkAclId"))
		}},
	}
	return []Item{{
		IDs: []string{"S1.83", "S1.86", "S2.9", "D.paths"}, Check: check, Mutations: mutations,
		Property: "every function reaches the hosts that its place is for and none else, over routes, network ACLs and groups",
	}, {
		IDs: []string{"S1.86"}, Check: check, Mutations: lists(),
		Property: "every rule of the network ACLs before functions and database carries a path of theirs, or is there for the proxy",
	}}
}

// open takes groups and lists away.
func open(t *Templates) {
	for _, r := range t.Core.Resources("AWS::EC2::SecurityGroup") {
		r.Set("SecurityGroupEgress", nil)
	}
	for _, r := range t.Core.Resources("AWS::EC2::SubnetNetworkAclAssociation") {
		t.Core.Remove(r.ID)
	}
}

// lists gives a mutation for each kind of entry: what it lets pass is refused.
func lists() []Mutation {
	var out []Mutation
	for _, one := range []struct {
		egress   bool
		port     float64
		internet bool
	}{{true, 5432, false}, {false, 5432, false}, {true, 443, true}, {true, 1024, false}, {false, 1024, false}, {false, 1024, true}} {
		out = append(out, Mutation{
			What: fmt.Sprintf("entries of port %g, out %v, internet %v are gone", one.port, one.egress, one.internet),
			Do: func(t *Templates) {
				for _, r := range t.Core.Resources("AWS::EC2::NetworkAclEntry") {
					if Equal(r.Get("Egress"), one.egress) && numberOf(r.Get("PortRange.From")) == one.port && (r.Get("CidrBlock") == "0.0.0.0/0") == one.internet {
						t.Core.Remove(r.ID)
					}
				}
			},
		})
	}
	return out
}
