package config_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/config"
)

func TestLoad_TakesEveryCommittedFile(t *testing.T) {
	t.Parallel()
	for _, environment := range config.Environments() {
		c, err := config.Load(environment)
		if err != nil {
			t.Fatal(err)
		}
		if c.Environment != environment || c.Account != config.Placeholder || c.Production() != (environment == "prod") {
			t.Errorf("%s: loaded %s of account %s", environment, c.Environment, c.Account)
		}
	}
}

func TestLoad_RefusesAnotherEnvironment(t *testing.T) {
	t.Parallel()
	if _, err := config.Load("production"); err == nil || !strings.Contains(err.Error(), "dev, staging, prod") {
		t.Fatalf("got %v", err)
	}
}

// prod gives prod's file with members written over it: path, JSON.
func prod(t *testing.T, changes map[string]string) []byte {
	t.Helper()
	raw, err := os.ReadFile("prod.json")
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(raw, &root); err != nil {
		t.Fatal(err)
	}
	for _, path := range slices.Sorted(maps.Keys(changes)) { // a section before its members
		at, text := root, changes[path]
		steps := strings.Split(path, ".")
		for _, step := range steps[:len(steps)-1] {
			at = at[step].(map[string]any)
		}
		delete(at, steps[len(steps)-1])
		if text == "" {
			continue
		}
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		at[steps[len(steps)-1]] = value
	}
	changed, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

const imported = `{"cluster": "fibonacci", "clusterId": "cluster-A", "endpoint": "db.example", "port": 5432, "secretArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:x-AbCdEf", "securityGroup": "sg-1"}`

const importedNetwork = `{"import": "vpc-1", "zones": ["us-east-1a", "us-east-1b"], "isolatedSubnets": ["subnet-1", "subnet-2"], "egressSubnets": ["subnet-3"]}`

func TestParse_RefusesWhatIsMissingOrContradictsItself(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		changes map[string]string
		member  string // that the sentence names
		says    string
	}{
		{"no account", map[string]string{"account": ""}, "account", "twelve digits"},
		{"an account with a letter", map[string]string{"account": `"00000000000x"`}, "account", "twelve digits"},
		{"no region", map[string]string{"region": ""}, "region", "such as sa-east-1"},
		{"no transfer clauses outside Brazil", map[string]string{"transferClauses": ""}, "transferClauses", "LGPD, articles 33 to 36"},

		{"one zone", map[string]string{"network.zones": `["us-east-1a"]`}, "network.zones", "two"},
		{"five zones", map[string]string{"network.zones": `["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e"]`}, "network.zones", "four"},
		{"a zone of another region", map[string]string{"network.zones": `["us-east-1a", "sa-east-1a"]`}, "network.zones", "names sa-east-1a"},
		{"no range", map[string]string{"network.cidr": ""}, "network.cidr", "between /16 and /22"},
		{"a range that is none", map[string]string{"network.cidr": `"10.60.0.0"`}, "network.cidr", "between /16 and /22"},
		{"a range too small", map[string]string{"network.cidr": `"10.60.0.0/24"`}, "network.cidr", "between /16 and /22"},
		{"a range too large for a VPC", map[string]string{"network.cidr": `"10.0.0.0/8"`}, "network.cidr", "between /16 and /22"},
		{"an IPv6 range", map[string]string{"network.cidr": `"fd00::/20"`}, "network.cidr", "IPv4"},
		{"no NAT gateway", map[string]string{"network.natGateways": "0"}, "network.natGateways", "between 1 and"},
		{"more NAT gateways than zones", map[string]string{"network.natGateways": "3"}, "network.natGateways", "number of zones"},
		{"subnets of no imported VPC", map[string]string{"network.egressSubnets": `["subnet-1"]`}, "network.isolatedSubnets", "without network.import"},
		{"a range beside an imported VPC", map[string]string{"network": importedNetwork, "network.cidr": `"10.60.0.0/20"`}, "network.cidr", "contradict network.import"},
		{"an imported VPC without subnets", map[string]string{"network": `{"import": "vpc-1", "zones": ["us-east-1a", "us-east-1b"]}`}, "network.isolatedSubnets", "two subnets or more"},

		{"no database", map[string]string{"database.name": ""}, "database.name", "schema nigredo"},
		{"no connections", map[string]string{"database.connections": "0"}, "database.connections", "that are ours"},
		{"fewer connections than functions reserve", map[string]string{"database.connections": "80"}, "database.connections", "may reserve 64"},
		{"more connections than the cluster takes", map[string]string{"database.connections": "1000"}, "database.connections", "takes 756"},
		{"capacity below Aurora's least", map[string]string{"database.minCapacity": "0.1"}, "database.maxCapacity", "between 0.5 and 256"},
		{"the least above the greatest", map[string]string{"database.minCapacity": "8"}, "database.maxCapacity", "the least first"},
		{"the greatest above Aurora's", map[string]string{"database.maxCapacity": "300"}, "database.maxCapacity", "between 0.5 and 256"},
		{"fewer than 7 backups in prod", map[string]string{"database.backupDays": "6"}, "database.backupDays", "7 or more in prod"},
		{"no backups", map[string]string{"database.backupDays": "0"}, "database.backupDays", "between 1 and 35"},
		{"backups longer than Aurora keeps", map[string]string{"database.backupDays": "36"}, "database.backupDays", "between 1 and 35"},
		{"an imported cluster in an own network", map[string]string{"database": `{"name": "f", "connections": 100, "import": ` + imported + `}`}, "database.import", "needs network.import"},
		{"an imported cluster with a capacity", map[string]string{"network": importedNetwork, "database": `{"name": "f", "connections": 100, "maxCapacity": 2, "import": ` + imported + `}`}, "database.minCapacity", "contradict database.import"},
		{"an imported cluster with a reader", map[string]string{"network": importedNetwork, "database": `{"name": "f", "connections": 100, "reader": true, "import": ` + imported + `}`}, "database.minCapacity", "contradict database.import"},
		{"an imported cluster without its secret", map[string]string{"network": importedNetwork, "database": `{"name": "f", "connections": 100, "import": {"cluster": "x"}}`}, "database.import", "must have cluster"},

		{"a rate limit of nothing", map[string]string{"functions.rateLimit": "0"}, "functions.rateLimit", "between 1 and 1000"},
		{"a warm function that is none", map[string]string{"functions.provisioned": `{"persists": 1}`}, "functions.provisioned", "no activity"},
		{"more warm instances than may run", map[string]string{"functions.provisioned": `{"persist": 11}`}, "functions.provisioned.persist", "reserved concurrency"},
		{"a canary without its time", map[string]string{"machines.canaryMinutes": ""}, "machines.canaryPercent", "both left out"},
		{"a canary of everything", map[string]string{"machines.canaryPercent": "100"}, "machines.canaryPercent", "between 1 and 99"},
		{"a user pool without its client", map[string]string{"identity.userPool": `"arn:aws:cognito-idp:us-east-1:0:userpool/x"`}, "identity.userPool", "together"},
		{"an API's address without a certificate", map[string]string{"api.certificate": ""}, "api.domain", "together"},
		{"a burst below the rate", map[string]string{"api.burst": "10"}, "api.burst", "at least api.rate"},
		{"a site's certificate of another region", map[string]string{"site.domain": `"nigredo.alquimista.ai"`, "site.certificate": `"arn:aws:acm:sa-east-1:0:certificate/x"`}, "site.certificate", "us-east-1"},
		{"a site's address without a certificate", map[string]string{"site.certificate": ""}, "site.domain", "together"},
		{"a firewall's rate below WAF's least", map[string]string{"firewall.rate": "9"}, "firewall.rate", "10 or more"},
		{"a country that is none", map[string]string{"firewall.countries": `["Brasil"]`}, "firewall.countries", "ISO 3166-1"},
		{"spans over plain HTTP", map[string]string{"tracing.endpoint": `"http://collector"`}, "tracing.endpoint", "https"},
		{"a webhook on another port", map[string]string{"webhook.url": `"https://fibonacci.example:8443/"`}, "webhook.url", "port 443"},
		{"a collector on another port", map[string]string{"tracing": `{"endpoint": "https://collector.example:4318"}`}, "tracing.endpoint", "port 443"},
		{"a webhook over plain HTTP", map[string]string{"webhook.url": `"http://fibonacci"`}, "webhook.url", "https"},
		{"nobody on call", map[string]string{"monitoring.onCall": "[]"}, "monitoring.onCall", "reaches nobody"},
		{"nobody in the team", map[string]string{"monitoring.team": ""}, "monitoring.onCall", "reaches nobody"},
		{"an operator that is anybody", map[string]string{"people.operators": `["*"]`}, "people.operators", "no ARN"},
		{"a forwarder by name", map[string]string{"people.forwarding": `["ana"]`}, "people.forwarding", "no ARN"},
		{"a budget below nothing", map[string]string{"people.monthlyBudget": "-1"}, "people.monthlyBudget", "USD"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := config.Parse("prod", prod(t, test.changes))
			if err == nil {
				t.Fatal("it was taken")
			}
			if text := err.Error(); !strings.Contains(text, "infra/config/prod.json: "+test.member) || !strings.Contains(text, test.says) {
				t.Errorf("it says: %s", text)
			}
		})
	}
}

func TestParse_TellsEveryFault(t *testing.T) {
	t.Parallel()
	_, err := config.Parse("prod", prod(t, map[string]string{"account": "", "webhook.url": "", "firewall.rate": ""}))
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, member := range []string{"account", "webhook.url", "firewall.rate"} {
		if !strings.Contains(err.Error(), member) {
			t.Errorf("it does not name %s: %v", member, err)
		}
	}
}

func TestParse_RefusesAnUnknownMemberAndASecondValue(t *testing.T) {
	t.Parallel()
	if _, err := config.Parse("prod", prod(t, map[string]string{"network.nat": "1"})); err == nil || !strings.Contains(err.Error(), `unknown field "nat"`) {
		t.Errorf("unknown member: %v", err)
	}
	if _, err := config.Parse("prod", append(prod(t, nil), "{}"...)); err == nil || !strings.Contains(err.Error(), "more than one value") {
		t.Errorf("second value: %v", err)
	}
}

func TestParse_TakesWhatMayBeLeftOut(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]map[string]string{
		"as committed":                 nil,
		"Brazil needs no clauses":      {"region": `"sa-east-1"`, "transferClauses": "", "network.zones": `["sa-east-1a", "sa-east-1c"]`, "api.domain": "", "api.certificate": ""},
		"Fibonacci's network":          {"network": importedNetwork},
		"Fibonacci's cluster":          {"network": importedNetwork, "database": `{"name": "f", "connections": 100, "import": ` + imported + `}`},
		"people by their ARNs":         {"people.operators": `["arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/Operators"]`, "people.forwarding": `["arn:aws:iam::123456789012:user/ana"]`},
		"a trail that is there":        {"people": `{"trailElsewhere": true}`},
		"a proxy, a reader, warm ones": {"database.proxy": "true", "database.reader": "true", "functions.provisioned": `{"persist": 2}`},
	} {
		if _, err := config.Parse("prod", prod(t, changes)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAll_FunctionsLeaveAFifthOfTheConnections(t *testing.T) {
	t.Parallel()
	for _, environment := range config.Environments() {
		c, err := config.Load(environment)
		if err != nil {
			t.Fatal(err)
		}
		reserved := 0
		for _, f := range config.All() {
			if f.Place != config.Outside {
				reserved += f.Concurrency
			}
		}
		if reserved*10 > c.Database.Connections*8 {
			t.Errorf("%s: functions reserve %d of %d connections", environment, reserved, c.Database.Connections)
		}
	}
}

func TestSubnet_GivesEachKindAndZoneARangeOfItsOwn(t *testing.T) {
	t.Parallel()
	n := config.Network{CIDR: "10.60.0.0/20"}
	seen := map[string]bool{}
	for zone := range 4 {
		for _, kind := range config.SubnetKinds() {
			cidr := n.Subnet(kind, zone)
			if seen[cidr] || !strings.HasPrefix(cidr, "10.60.") || !strings.HasSuffix(cidr, "/24") {
				t.Errorf("%s in zone %d has %s", kind, zone, cidr)
			}
			seen[cidr] = true
		}
	}
	if got := n.Subnet(config.DataSubnets, 3); got != "10.60.15.0/24" {
		t.Errorf("the last one has %s", got)
	}
}
