package config

import (
	"encoding/binary"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

type refusal = func(member, format string, values ...any)

// Network is where the functions that need the database run.
type Network struct {
	// Import is the id of a VPC that is there already (Fibonacci's); empty: an own one.
	Import string `json:"import,omitempty"`
	// CIDR of an own VPC.
	CIDR string `json:"cidr,omitempty"`
	// Zones are at least two availability zones of the region. They are named here,
	// because looking them up would need the account.
	Zones []string `json:"zones"`
	// NATGateways of an own VPC: 1 by default; as many as zones for independence.
	NATGateways int `json:"natGateways,omitempty"`
	// IsolatedSubnets and EgressSubnets are the ids of an imported VPC's subnets.
	IsolatedSubnets []string `json:"isolatedSubnets,omitempty"`
	EgressSubnets   []string `json:"egressSubnets,omitempty"`
}

// The kinds of subnets of an own VPC, by what their routes let them reach.
const (
	PublicSubnets   = "Public"   // the NAT gateways alone
	EgressSubnets   = "Egress"   // functions that call somebody
	IsolatedSubnets = "Isolated" // functions that speak to the database alone
	DataSubnets     = "Data"     // the database
)

// SubnetKinds lists the kinds in the order of their addresses.
func SubnetKinds() []string {
	return []string{PublicSubnets, EgressSubnets, IsolatedSubnets, DataSubnets}
}

// maxZones is how many zones have addresses of their own: adding one to the
// configuration moves no subnet that is there.
const maxZones = 4

// Subnet gives the range of the subnet of a kind in a zone of an own VPC: a
// sixteenth of its range.
func (n Network) Subnet(kind string, zone int) string {
	whole := netip.MustParsePrefix(n.CIDR)
	kinds := SubnetKinds()
	bits := whole.Bits() + 4 // four kinds in maxZones zones
	address := binary.BigEndian.Uint32(whole.Masked().Addr().AsSlice())
	address += uint32(zone*len(kinds)+slices.Index(kinds, kind)) << (32 - bits)
	var a [4]byte
	binary.BigEndian.PutUint32(a[:], address)
	return netip.PrefixFrom(netip.AddrFrom4(a), bits).String()
}

func (n Network) check(refuse refusal, c *Config) {
	if len(n.Zones) < 2 || len(n.Zones) > maxZones {
		refuse("network.zones", "must name two to four availability zones: Aurora needs subnets in two.")
	}
	for _, zone := range n.Zones {
		if !strings.HasPrefix(zone, c.Region) {
			refuse("network.zones", "names %s, which is not in region %s.", zone, c.Region)
		}
	}
	if n.Import == "" {
		if prefix, err := netip.ParsePrefix(n.CIDR); err != nil || !prefix.Addr().Is4() || prefix.Bits() < 16 || prefix.Bits() > 22 {
			refuse("network.cidr", "must be an IPv4 range between /16 and /22, such as 10.60.0.0/20.")
		}
		if n.NATGateways < 1 || n.NATGateways > len(n.Zones) {
			refuse("network.natGateways", "must be between 1 and the number of zones.")
		}
		if len(n.IsolatedSubnets)+len(n.EgressSubnets) > 0 {
			refuse("network.isolatedSubnets", "and egressSubnets are those of an imported VPC; without network.import they have no meaning.")
		}
		return
	}
	if n.CIDR != "" || n.NATGateways != 0 {
		refuse("network.cidr", "and natGateways belong to an own VPC and contradict network.import.")
	}
	if len(n.IsolatedSubnets) < 2 || len(n.EgressSubnets) < 1 {
		refuse("network.isolatedSubnets", "must name two subnets or more, and egressSubnets at least one, of the imported VPC.")
	}
}

// Database is the Aurora PostgreSQL cluster.
type Database struct {
	// Import takes Fibonacci's cluster, from the outputs of its stack; nil: an own one.
	Import *ImportedDatabase `json:"import,omitempty"`
	// Name of the database that holds the schema nigredo.
	Name string `json:"name"`
	// MinCapacity and MaxCapacity of an own cluster in ACU (Aurora Serverless v2).
	MinCapacity float64 `json:"minCapacity,omitempty"`
	MaxCapacity float64 `json:"maxCapacity,omitempty"`
	// BackupDays are kept, with point-in-time recovery inside them.
	BackupDays int `json:"backupDays,omitempty"`
	// Reader adds an instance of an own cluster in another zone: it takes over within a
	// minute, and costs what the writer costs.
	Reader bool `json:"reader,omitempty"`
	// Connections is the budget of connections that are ours. The functions may
	// reserve four fifths of it.
	Connections int `json:"connections"`
	// Proxy puts an RDS Proxy in between.
	Proxy bool `json:"proxy,omitempty"`
}

// connectionsPerACU is what Aurora's default of max_connections comes to for each
// ACU of the greatest capacity: 189 at 1 ACU, 823 at 4 (Aurora user guide, "Maximum
// connections for Aurora Serverless v2").
const connectionsPerACU = 189

// ImportedDatabase names what Fibonacci's stack put out.
type ImportedDatabase struct {
	Cluster       string `json:"cluster"`       // identifier
	ClusterID     string `json:"clusterId"`     // resource id, cluster-…, as IAM authentication names it
	Endpoint      string `json:"endpoint"`      // of the writer
	Port          int    `json:"port"`          //
	SecretARN     string `json:"secretArn"`     // of the owner that may create the schema
	SecurityGroup string `json:"securityGroup"` // of the cluster
}

func (d Database) check(refuse refusal, c *Config) {
	if d.Name == "" {
		refuse("database.name", "must name the database that holds the schema nigredo.")
	}
	if d.Connections < 1 {
		refuse("database.connections", "must be the number of connections that are ours.")
	}
	if d.Import != nil {
		if d.MinCapacity != 0 || d.MaxCapacity != 0 || d.BackupDays != 0 || d.Reader {
			refuse("database.minCapacity,", "maxCapacity, backupDays and reader belong to an own cluster and contradict database.import.")
		}
		i := d.Import
		if i.Cluster == "" || i.ClusterID == "" || i.Endpoint == "" || i.Port == 0 || i.SecretARN == "" || i.SecurityGroup == "" {
			refuse("database.import", "must have cluster, clusterId, endpoint, port, secretArn and securityGroup, as Fibonacci's stack puts them out.")
		}
		if c.Network.Import == "" {
			refuse("database.import", "needs network.import: an own VPC has no way to a cluster in another one.")
		}
		return
	}
	if d.MinCapacity < 0.5 || d.MaxCapacity < d.MinCapacity || d.MaxCapacity > 256 {
		refuse("database.maxCapacity", "and minCapacity must be ACU between 0.5 and 256, the least first.")
	}
	if d.BackupDays < 1 || d.BackupDays > 35 {
		refuse("database.backupDays", "must be between 1 and 35.")
	}
	if d.BackupDays < 7 && c.Production() {
		refuse("database.backupDays", "must be 7 or more in prod.")
	}
	if offered := int(d.MaxCapacity * connectionsPerACU); d.Connections > offered {
		refuse("database.connections", "is %d, and a cluster of at most %g ACU takes %d.", d.Connections, d.MaxCapacity, offered)
	}
}

// Functions changes what All says of single functions.
type Functions struct {
	// Provisioned concurrency by activity: instances that are kept warm.
	Provisioned map[string]int `json:"provisioned,omitempty"`
	// RateLimit is the number of accepted submissions an hour for one address.
	RateLimit int `json:"rateLimit"`
}

func (f Functions) check(refuse refusal, c *Config) {
	if f.RateLimit < 1 || f.RateLimit > 1000 {
		refuse("functions.rateLimit", "must be between 1 and 1000.")
	}
	reserved := 0
	for _, function := range All() {
		if function.Database {
			reserved += function.Concurrency
		}
	}
	if limit := c.Database.Connections * 4 / 5; reserved > limit {
		refuse("database.connections", "is %d, of which functions may reserve %d, and they reserve %d.", c.Database.Connections, limit, reserved)
	}
	for activity, n := range f.Provisioned {
		function, ok := FunctionOf(activity)
		switch {
		case !ok:
			refuse("functions.provisioned", "names %s, which is no activity.", activity)
		case n < 1 || n > function.Concurrency:
			refuse("functions.provisioned."+activity, "must be between 1 and the reserved concurrency, %d.", function.Concurrency)
		}
	}
}

// Machines are the state machines.
type Machines struct {
	// CustomerKey encrypts definitions and histories under a key of ours. The status
	// events then carry no input, output, error or cause.
	CustomerKey bool `json:"customerKey,omitempty"`
	// CanaryPercent of new executions go to a new version for CanaryMinutes, and
	// back when an alarm goes off; 0: all at once.
	CanaryPercent int `json:"canaryPercent,omitempty"`
	CanaryMinutes int `json:"canaryMinutes,omitempty"`
}

func (m Machines) check(refuse refusal, _ *Config) {
	if m.CanaryPercent < 0 || m.CanaryPercent > 99 || (m.CanaryPercent > 0) != (m.CanaryMinutes > 0) || m.CanaryMinutes > 2100 {
		refuse("machines.canaryPercent", "must be between 1 and 99 with canaryMinutes between 1 and 2100, or both left out.")
	}
}

// Identity is the user pool that signs access tokens.
type Identity struct {
	// UserPool and Client are Fibonacci's; empty: an own pool.
	UserPool string `json:"userPool,omitempty"` // ARN
	Client   string `json:"client,omitempty"`   // id
	// ThreatProtection of an own pool refuses stolen passwords and odd sign-ins; it is
	// billed by the active user (the pool's Plus tier).
	ThreatProtection bool `json:"threatProtection,omitempty"`
}

func (i Identity) check(refuse refusal, _ *Config) {
	if (i.UserPool == "") != (i.Client == "") {
		refuse("identity.userPool", "and client are imported together or not at all.")
	}
	if i.UserPool != "" && i.ThreatProtection {
		refuse("identity.threatProtection", "belongs to an own user pool and contradicts identity.userPool.")
	}
}

// API is the REST API.
type API struct {
	// Domain and Certificate (ARN, in the backend's region) of an own address, such as
	// api.alquimista.ai, under which the API stands at /nigredo; empty: AWS's address.
	Domain      string `json:"domain,omitempty"`
	Certificate string `json:"certificate,omitempty"`
	// Rate and Burst throttle the stage: requests a second.
	Rate  int `json:"rate"`
	Burst int `json:"burst"`
}

func (a API) check(refuse refusal, c *Config) {
	if a.Certificate != "" && !strings.HasPrefix(a.Certificate, "arn:aws:acm:"+c.Region+":") {
		refuse("api.certificate", "must be one of %s, where the API is.", c.Region)
	}
	if (a.Domain == "") != (a.Certificate == "") {
		refuse("api.domain", "and certificate are given together or not at all.")
	}
	if a.Rate < 1 || a.Burst < a.Rate {
		refuse("api.burst", "must be at least api.rate, which must be 1 or more.")
	}
}

// Site is the public site.
type Site struct {
	// Domain and Certificate (ARN, in us-east-1) of the site's address, such as
	// nigredo.alquimista.ai; empty: CloudFront's address.
	Domain      string `json:"domain,omitempty"`
	Certificate string `json:"certificate,omitempty"`
}

func (s Site) check(refuse refusal, c *Config) {
	if (s.Domain == "") != (s.Certificate == "") {
		refuse("site.domain", "and certificate are given together or not at all.")
	}
	if s.Domain == "" && c.Production() {
		refuse("site.domain", "must be given in prod: under its own address and certificate CloudFront also speaks TLS 1.0.")
	}
	if s.Certificate != "" && !strings.HasPrefix(s.Certificate, "arn:aws:acm:"+SiteRegion+":") {
		refuse("site.certificate", "must be one of us-east-1: CloudFront takes no other.")
	}
}

// Firewall are the rules of WAF.
type Firewall struct {
	// Rate is how many requests one address may send in five minutes.
	Rate int `json:"rate"`
	// Bots turns AWS's bot control on, which is billed by the request.
	Bots bool `json:"bots,omitempty"`
	// OriginVersions are the versions (ids of Secrets Manager) of the origin secret that
	// the API accepts, two while it is rotated; CloudFront sends the last. Empty: the
	// current one.
	OriginVersions []string `json:"originVersions,omitempty"`
	// Countries limits the public API and the site to these (ISO 3166-1 alpha-2); empty: all.
	Countries []string `json:"countries,omitempty"`
}

func (f Firewall) check(refuse refusal, _ *Config) {
	if f.Rate < 10 {
		refuse("firewall.rate", "must be 10 or more: WAF takes no less.")
	}
	if len(f.OriginVersions) > 2 {
		refuse("firewall.originVersions", "must name one version or two: the old one and the new one.")
	}
	for _, country := range f.Countries {
		if len(country) != 2 || strings.ToUpper(country) != country {
			refuse("firewall.countries", "names %q, which is no ISO 3166-1 code of two capitals.", country)
		}
	}
}

// Tracing is where spans of our own code go. The services' own traces go to X-Ray
// in any case.
type Tracing struct {
	// Endpoint is the OTLP/HTTP address of a collector, or xray for AWS's own; empty:
	// no spans, no cost. A collector is told by the functions that have a way out, X-Ray
	// by all: it gets an endpoint in the network.
	Endpoint string `json:"endpoint,omitempty"`
}

// TracesToXRay is the endpoint of tracing that is AWS's own.
const TracesToXRay = "xray"

// Reaches tells whether a function has a way to the endpoint.
func (t Tracing) Reaches(f Function) bool {
	return t.Endpoint == TracesToXRay || t.Endpoint != "" && f.Place != Isolated
}

func (t Tracing) check(refuse refusal, _ *Config) {
	if t.Endpoint != "" && t.Endpoint != TracesToXRay && !outward(t.Endpoint) {
		refuse("tracing.endpoint", "must be xray or an https address of port 443, the only one that the network lets out.")
	}
}

// outward tells whether an address is one that functions can reach outside.
func outward(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && (u.Port() == "" || u.Port() == "443")
}

// Webhook is where leads are delivered.
type Webhook struct {
	URL string `json:"url"`
}

func (w Webhook) check(refuse refusal, _ *Config) {
	if !outward(w.URL) {
		refuse("webhook.url", "must be the https address of Fibonacci's receiver, of port 443, the only one that the network lets out.")
	}
}

// Monitoring is who is told, and of what.
type Monitoring struct {
	// OnCall and Team are the e-mail addresses that alarms go to.
	OnCall []string `json:"onCall"`
	Team   []string `json:"team"`
	// Escalation is whom to ask next, in this order, on the dashboards and for whoever
	// follows a runbook. Only who is really there belongs here.
	Escalation []Contact `json:"escalation,omitempty"`
	// SilenceHours without one accepted lead raise an alarm; 0: none does, which is
	// right where nobody posts for days.
	SilenceHours int `json:"silenceHours,omitempty"`
	// StorageGB is the size of the database above which somebody should look at what
	// grows: Aurora itself has no end before 128 TiB, only a bill.
	StorageGB int `json:"storageGB"`
}

// Contact is somebody with a part in an incident. An empty member is shown as
// missing.
type Contact struct {
	Role  string `json:"role"` // one of EscalationRoles
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	Phone string `json:"phone,omitempty"`
}

// EscalationRoles are the parts in an incident, in the order in which they are asked.
func EscalationRoles() []string {
	return []string{"on-call primary", "on-call secondary", "technical lead", "DevOps lead", "product owner", "CTO"}
}

func (m Monitoring) check(refuse refusal, c *Config) {
	if len(m.OnCall) == 0 || len(m.Team) == 0 {
		refuse("monitoring.onCall", "and team must have an address each: an alarm that reaches nobody is none.")
	}
	if m.SilenceHours < 0 || m.SilenceHours > 168 {
		refuse("monitoring.silenceHours", "must be between 1 and 168, a week being the longest that CloudWatch looks back, or left out.")
	}
	if m.StorageGB < 1 || m.StorageGB > 131072 {
		refuse("monitoring.storageGB", "must be between 1 and 131072, which is as much as Aurora holds.")
	}
	roles := EscalationRoles()
	at := -1
	for _, contact := range m.Escalation {
		next := slices.Index(roles, contact.Role)
		if next <= at {
			refuse("monitoring.escalation", "names %q, which must be one of %s, each once and in this order.", contact.Role, strings.Join(roles, ", "))
		}
		at = max(at, next)
	}
	if c.Production() && c.Account != Placeholder && !slices.ContainsFunc(m.Escalation, func(contact Contact) bool {
		return contact.Role == roles[0] && (contact.Email != "" || contact.Phone != "")
	}) {
		refuse("monitoring.escalation", "must say how to reach %s before prod is deployed.", roles[0])
	}
}

// People is who may look into the account, and what is recorded of it.
type People struct {
	// Operators are the ARNs of roles or users that may take the reading role, with
	// MFA; empty: whom the account's own policies let.
	Operators []string `json:"operators,omitempty"`
	// Forwarding are the ARNs of roles or users that may forward a port to the
	// database, with MFA, through a host that nothing can connect to; empty: no host.
	Forwarding []string `json:"forwarding,omitempty"`
	// TrailElsewhere says that the account's calls are recorded already, by a trail of
	// the organisation for example: a second one is billed by the event.
	TrailElsewhere bool `json:"trailElsewhere,omitempty"`
	// MonthlyBudget in USD: the team is told at 80 and 100 % of it; 0: no budget.
	MonthlyBudget int `json:"monthlyBudget,omitempty"`
}

var principalForm = regexp.MustCompile(`^arn:aws:iam::[0-9]{12}:(role|user)/[\w+=,.@/-]+$`)

func (p People) check(refuse refusal, _ *Config) {
	for member, arns := range map[string][]string{"people.operators": p.Operators, "people.forwarding": p.Forwarding} {
		for _, arn := range arns {
			if !principalForm.MatchString(arn) {
				refuse(member, "names %q, which is no ARN of a role or user.", arn)
			}
		}
	}
	if p.MonthlyBudget < 0 {
		refuse("people.monthlyBudget", "must be USD a month, or be left out.")
	}
}

// Receiver is the receiving side of the webhook, for whoever has no Fibonacci.
type Receiver struct {
	Deploy bool `json:"deploy,omitempty"`
}

func (r Receiver) check(refusal, *Config) {}
