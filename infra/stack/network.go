package stack

import (
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// network is what the database and the forwarding host need to know of the subnets.
type network struct {
	data     []*string // subnet ids of the database
	egress   []*string
	port     float64               // of the database
	database awsec2.ISecurityGroup // of the cluster
	proxy    awsec2.ISecurityGroup // of the proxy, nil without one
}

const postgresPort = 5432

// addNetwork makes or imports the VPC, and in either case the groups: what may speak
// to what is ours to say wherever we stand.
func (g *ground) addNetwork(stack awscdk.Stack, c *config.Config) *network {
	n := &network{port: postgresPort}
	var isolated []*string
	if c.Network.Import != "" {
		isolated, n.egress = *jsii.Strings(c.Network.IsolatedSubnets...), *jsii.Strings(c.Network.EgressSubnets...)
		n.data = isolated
		g.vpc = awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
			VpcId: jsii.String(c.Network.Import), AvailabilityZones: jsii.Strings(c.Network.Zones...),
		})
	} else {
		own := newVPC(stack, c)
		isolated, n.egress, n.data = own.ids(config.IsolatedSubnets), own.ids(config.EgressSubnets), own.ids(config.DataSubnets)
		g.vpc = awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
			VpcId: own.vpc.Ref(), AvailabilityZones: jsii.Strings(c.Network.Zones...), VpcCidrBlock: jsii.String(c.Network.CIDR),
		})
		addFlowLog(stack, c, own.vpc, g)
	}
	g.isolated, g.egress = selection(stack, c, "Isolated", isolated), selection(stack, c, "Egress", n.egress)

	isolatedGroup := g.group(stack, "IsolatedGroup", "functions that reach the database alone")
	egressGroup := g.group(stack, "EgressGroup", "functions that reach the database and HTTPS")
	if i := c.Database.Import; i != nil {
		n.port = float64(i.Port)
		n.database = awsec2.SecurityGroup_FromSecurityGroupId(stack, jsii.String("DatabaseGroup"), jsii.String(i.SecurityGroup), nil)
	} else {
		n.database = g.group(stack, "DatabaseGroup", "the database")
	}
	https(stack, "EgressHTTPS", egressGroup, "The webhook's receiver, and AWS")
	if c.Database.Proxy {
		n.proxy = g.group(stack, "ProxyGroup", "the proxy before the database")
		connect(isolatedGroup, n.proxy, postgresPort, "PostgreSQL through the proxy")
		connect(egressGroup, n.proxy, postgresPort, "PostgreSQL through the proxy")
		connect(n.proxy, n.database, n.port, "PostgreSQL")
		connect(egressGroup, n.database, n.port, "PostgreSQL, for migrations")
	} else {
		connect(isolatedGroup, n.database, n.port, "PostgreSQL")
		connect(egressGroup, n.database, n.port, "PostgreSQL")
	}
	if c.Tracing.Endpoint == config.TracesToXRay {
		g.addTracingEndpoint(stack, c, isolated, isolatedGroup)
	}
	g.isolatedGroup, g.egressGroup = isolatedGroup, egressGroup
	return n
}

// addTracingEndpoint lets functions without a way out send spans to X-Ray. It is the
// only interface endpoint, and there when it is asked for: each costs by the zone
// and hour, and nothing else in an isolated subnet speaks to an AWS service. Logs
// and metrics leave by the Lambda service, database tokens are signed in the
// function, and who reads a secret or calls Step Functions stands elsewhere.
func (g *ground) addTracingEndpoint(stack awscdk.Stack, c *config.Config, subnets []*string, from awsec2.SecurityGroup) {
	group := g.group(stack, "EndpointGroup", "the interface endpoint of X-Ray")
	connect(from, group, 443, "spans to X-Ray")
	awsec2.NewCfnVPCEndpoint(stack, jsii.String("TracingEndpoint"), &awsec2.CfnVPCEndpointProps{
		VpcId: g.vpc.VpcId(), VpcEndpointType: jsii.String("Interface"), PrivateDnsEnabled: jsii.Bool(true),
		ServiceName: jsii.String("com.amazonaws." + c.Region + ".xray"),
		SubnetIds:   references(subnets), SecurityGroupIds: references([]*string{group.SecurityGroupId()}),
		PolicyDocument: awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
			awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Principals: &[]awsiam.IPrincipal{awsiam.NewAnyPrincipal()},
				Actions:    jsii.Strings("xray:PutTraceSegments", "xray:PutSpans", "xray:PutSpansForIndexing"),
				Resources:  jsii.Strings("*"),
				Conditions: &map[string]any{"StringEquals": map[string]any{"aws:PrincipalAccount": c.Account}},
			}),
		}}),
	})
}

// group makes a security group that lets nothing in or out until a rule says so.
func (g *ground) group(stack awscdk.Stack, id, what string) awsec2.SecurityGroup {
	group := awsec2.NewSecurityGroup(stack, jsii.String(id), &awsec2.SecurityGroupProps{
		Vpc: g.vpc, AllowAllOutbound: jsii.Bool(false), AllowAllIpv6Outbound: jsii.Bool(false), Description: jsii.String("Nigredo: " + what),
	})
	// The construct drops this rule as soon as another one is added beside the group,
	// and a group without a rule of its own has EC2's, which lets everything out.
	group.Node().DefaultChild().(awsec2.CfnSecurityGroup).AddPropertyOverride(jsii.String("SecurityGroupEgress"), []any{map[string]any{
		"CidrIp": "255.255.255.255/32", "Description": "Nothing, instead of everything", "IpProtocol": "icmp", "FromPort": 252, "ToPort": 86,
	}})
	return group
}

// https lets a group out to HTTPS anywhere.
func https(stack awscdk.Stack, id string, group awsec2.SecurityGroup, what string) {
	awsec2.NewCfnSecurityGroupEgress(stack, jsii.String(id), &awsec2.CfnSecurityGroupEgressProps{
		GroupId: group.SecurityGroupId(), IpProtocol: jsii.String("tcp"), FromPort: jsii.Number(443), ToPort: jsii.Number(443),
		CidrIp: jsii.String("0.0.0.0/0"), Description: jsii.String(what),
	})
}

// connect writes both halves of a rule: out of the one group, into the other.
func connect(from, to awsec2.ISecurityGroup, port float64, what string) {
	from.AddEgressRule(to, awsec2.Port_Tcp(jsii.Number(port)), jsii.String(what), nil)
	to.AddIngressRule(from, awsec2.Port_Tcp(jsii.Number(port)), jsii.String(what), nil)
}

// selection makes a selection of subnets by their ids. The construct asks for a zone,
// and nothing here reads it.
func selection(stack awscdk.Stack, c *config.Config, kind string, ids []*string) *awsec2.SubnetSelection {
	var subnets []awsec2.ISubnet
	for i, id := range ids {
		subnets = append(subnets, awsec2.Subnet_FromSubnetAttributes(stack, jsii.String(kind+strconv.Itoa(i)), &awsec2.SubnetAttributes{
			SubnetId: id, AvailabilityZone: jsii.String(c.Network.Zones[i%len(c.Network.Zones)]),
		}))
	}
	return &awsec2.SubnetSelection{Subnets: &subnets}
}

// ownVPC is a VPC with the subnets of each kind, one for each zone. It is written out
// with the plain resources: the construct would ask the account for its zones.
type ownVPC struct {
	stack   awscdk.Stack
	config  *config.Config
	vpc     awsec2.CfnVPC
	subnets map[string][]awsec2.CfnSubnet
}

func newVPC(stack awscdk.Stack, c *config.Config) *ownVPC {
	own := &ownVPC{stack: stack, config: c, subnets: map[string][]awsec2.CfnSubnet{}}
	own.vpc = awsec2.NewCfnVPC(stack, jsii.String("Network"), &awsec2.CfnVPCProps{
		CidrBlock: jsii.String(c.Network.CIDR), EnableDnsHostnames: jsii.Bool(true), EnableDnsSupport: jsii.Bool(true),
	})
	gateway := awsec2.NewCfnInternetGateway(stack, jsii.String("Gateway"), nil)
	attachment := awsec2.NewCfnVPCGatewayAttachment(stack, jsii.String("GatewayAttachment"), &awsec2.CfnVPCGatewayAttachmentProps{
		VpcId: own.vpc.Ref(), InternetGatewayId: gateway.Ref(),
	})
	for _, kind := range config.SubnetKinds() {
		for zone := range c.Network.Zones {
			own.addSubnet(kind, zone)
		}
	}

	public := own.addTable("PublicRoutes", own.subnets[config.PublicSubnets]...)
	awsec2.NewCfnRoute(stack, jsii.String("PublicRoute"), &awsec2.CfnRouteProps{
		RouteTableId: public.Ref(), DestinationCidrBlock: jsii.String("0.0.0.0/0"), GatewayId: gateway.Ref(),
	}).Node().AddDependency(attachment)
	// Local routes alone: from here nothing leaves.
	own.addTable("IsolatedRoutes", own.subnets[config.IsolatedSubnets]...)
	own.addTable("DataRoutes", own.subnets[config.DataSubnets]...)

	var nats []awsec2.CfnNatGateway
	for i := range c.Network.NATGateways {
		address := awsec2.NewCfnEIP(stack, jsii.String(fmt.Sprint("NatAddress", i)), &awsec2.CfnEIPProps{Domain: jsii.String("vpc")})
		address.Node().AddDependency(attachment)
		nats = append(nats, awsec2.NewCfnNatGateway(stack, jsii.String(fmt.Sprint("Nat", i)), &awsec2.CfnNatGatewayProps{
			AllocationId: address.AttrAllocationId(), SubnetId: own.subnets[config.PublicSubnets][i].Ref(),
		}))
	}
	for zone, subnet := range own.subnets[config.EgressSubnets] {
		table := own.addTable(fmt.Sprint("EgressRoutes", zone), subnet)
		awsec2.NewCfnRoute(stack, jsii.String(fmt.Sprint("EgressRoute", zone)), &awsec2.CfnRouteProps{
			RouteTableId: table.Ref(), DestinationCidrBlock: jsii.String("0.0.0.0/0"), NatGatewayId: nats[zone%len(nats)].Ref(),
		})
	}
	own.addLists()
	return own
}

func (own *ownVPC) addSubnet(kind string, zone int) {
	own.subnets[kind] = append(own.subnets[kind], awsec2.NewCfnSubnet(own.stack, jsii.String(fmt.Sprint(kind, "Subnet", zone)), &awsec2.CfnSubnetProps{
		VpcId: own.vpc.Ref(), AvailabilityZone: jsii.String(own.config.Network.Zones[zone]),
		CidrBlock: jsii.String(own.config.Network.Subnet(kind, zone)), MapPublicIpOnLaunch: jsii.Bool(false),
		Tags: &[]*awscdk.CfnTag{{Key: jsii.String("Name"), Value: jsii.String(fmt.Sprint(own.config.CoreStack(), "-", kind, zone))}},
	}))
}

func (own *ownVPC) ids(kind string) []*string {
	var ids []*string
	for _, subnet := range own.subnets[kind] {
		ids = append(ids, subnet.Ref())
	}
	return ids
}

func (own *ownVPC) addTable(id string, subnets ...awsec2.CfnSubnet) awsec2.CfnRouteTable {
	table := awsec2.NewCfnRouteTable(own.stack, jsii.String(id), &awsec2.CfnRouteTableProps{VpcId: own.vpc.Ref()})
	for i, subnet := range subnets {
		awsec2.NewCfnSubnetRouteTableAssociation(own.stack, jsii.String(fmt.Sprint(id, "Of", i)), &awsec2.CfnSubnetRouteTableAssociationProps{
			RouteTableId: table.Ref(), SubnetId: subnet.Ref(),
		})
	}
	return table
}

// addLists writes the network ACLs: groups say what may speak, and these say the
// same of the subnets, so that one wrong group opens nothing. They keep no state,
// hence the rules for answers, which come back to ports above 1023.
func (own *ownVPC) addLists() {
	const any4 = "0.0.0.0/0"
	cidrs := func(kind string) []string {
		var out []string
		for zone := range own.config.Network.Zones {
			out = append(out, own.config.Network.Subnet(kind, zone))
		}
		return out
	}
	isolated, egress, data := cidrs(config.IsolatedSubnets), cidrs(config.EgressSubnets), cidrs(config.DataSubnets)
	postgres, secure, answers := ports{postgresPort, postgresPort}, ports{443, 443}, ports{1024, 65535}

	list := own.addList(config.DataSubnets)
	// The data subnets themselves, because a proxy stands in them too.
	for _, from := range [][]string{isolated, egress, data} {
		list.in(postgres, from...)
		list.out(answers, from...)
	}
	list.out(postgres, data...)
	list.in(answers, data...)

	list = own.addList(config.IsolatedSubnets)
	list.out(postgres, data...)
	list.in(answers, data...)
	if own.config.Tracing.Endpoint == config.TracesToXRay { // the endpoint's address may be in another zone's subnet
		list.out(secure, isolated...)
		list.in(secure, isolated...)
		list.out(answers, isolated...)
		list.in(answers, isolated...)
	}

	list = own.addList(config.EgressSubnets)
	list.out(postgres, data...)
	list.out(secure, any4)
	list.in(answers, any4)

	list = own.addList(config.PublicSubnets)
	list.in(secure, egress...)
	list.out(secure, any4)
	list.in(answers, any4)
	list.out(answers, egress...)
}

// listReason answers cdk-nag, which would rather have no network ACL at all.
const listReason = "The requirements ask for network ACLs beside the groups (S1.86); a computed test of every path keeps the two in step."

type ports struct{ from, to float64 }

// accessList is a network ACL that is being written.
type accessList struct {
	own  *ownVPC
	kind string
	acl  awsec2.CfnNetworkAcl
	n    int
}

func (own *ownVPC) addList(kind string) *accessList {
	list := &accessList{own: own, kind: kind, acl: awsec2.NewCfnNetworkAcl(own.stack, jsii.String(kind+"List"), &awsec2.CfnNetworkAclProps{VpcId: own.vpc.Ref()})}
	accept(list.acl, "AwsSolutions-VPC3", listReason)
	for zone, subnet := range own.subnets[kind] {
		awsec2.NewCfnSubnetNetworkAclAssociation(own.stack, jsii.String(fmt.Sprint(kind, "ListOf", zone)), &awsec2.CfnSubnetNetworkAclAssociationProps{
			NetworkAclId: list.acl.Ref(), SubnetId: subnet.Ref(),
		})
	}
	return list
}

func (l *accessList) in(p ports, cidrs ...string)  { l.add(false, p, cidrs) }
func (l *accessList) out(p ports, cidrs ...string) { l.add(true, p, cidrs) }

func (l *accessList) add(egress bool, p ports, cidrs []string) {
	const tcp = 6
	for _, cidr := range cidrs {
		l.n++
		entry := awsec2.NewCfnNetworkAclEntry(l.own.stack, jsii.String(fmt.Sprintf("%sRule%02d", l.kind, l.n)), &awsec2.CfnNetworkAclEntryProps{
			NetworkAclId: l.acl.Ref(), RuleNumber: jsii.Number(float64(l.n * 10)), Protocol: jsii.Number(tcp), RuleAction: jsii.String("allow"),
			Egress: jsii.Bool(egress), CidrBlock: jsii.String(cidr),
			PortRange: &awsec2.CfnNetworkAclEntry_PortRangeProperty{From: jsii.Number(p.from), To: jsii.Number(p.to)},
		})
		accept(entry, "AwsSolutions-VPC3", listReason)
	}
}

// addFlowLog records who spoke to whom, and what was refused.
func addFlowLog(stack awscdk.Stack, c *config.Config, vpc awsec2.CfnVPC, g *ground) {
	log := awslogs.NewLogGroup(stack, jsii.String("FlowLogGroup"), &awslogs.LogGroupProps{
		LogGroupName: jsii.String(c.FlowLog()), Retention: awslogs.RetentionDays_ONE_MONTH, EncryptionKey: g.dataKey, RemovalPolicy: removal(c),
	})
	role := awsiam.NewRole(stack, jsii.String("FlowLogRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("vpc-flow-logs.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": c.Account}},
		}),
		Description: jsii.String("VPC flow logs of " + c.CoreStack()),
	})
	role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"),
		Resources: jsii.Strings(*log.LogGroupArn()),
	}))
	awsec2.NewCfnFlowLog(stack, jsii.String("FlowLog"), &awsec2.CfnFlowLogProps{
		ResourceType: jsii.String("VPC"), ResourceId: vpc.Ref(), TrafficType: jsii.String("ALL"), MaxAggregationInterval: jsii.Number(600),
		LogDestinationType: jsii.String("cloud-watch-logs"), LogGroupName: log.LogGroupName(), DeliverLogsPermissionArn: role.RoleArn(),
	})
}

// references is a list of strings where the plain resources take references too.
func references(list []*string) *[]any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return &out
}
