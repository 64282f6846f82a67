package stack_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/proof"
)

// count gives how many resources of a type a deployment's backend has.
func count(d *deployment, typ string, pairs ...any) int {
	return len(proof.Where(d.templates.Core.Resources(typ), pairs...))
}

func TestGround_ImportsFibonaccisNetworkAndClusterAndMakesNoneBesides(t *testing.T) {
	d := deployments["fibonacci"]
	c := d.config
	for _, typ := range []string{
		"AWS::EC2::VPC", "AWS::EC2::Subnet", "AWS::EC2::NatGateway", "AWS::EC2::NetworkAcl", "AWS::RDS::DBCluster", "AWS::RDS::DBInstance",
		"AWS::RDS::DBProxy", "AWS::CloudTrail::Trail", "AWS::EC2::Instance",
	} {
		if n := count(d, typ); n > 0 {
			t.Errorf("%d resources %s", n, typ)
		}
	}
	// Fibonacci's group lets both groups of ours in, at its port.
	if n := count(d, "AWS::EC2::SecurityGroupIngress", "GroupId", c.Database.Import.SecurityGroup, "FromPort", 5432, "ToPort", 5432); n != 2 {
		t.Errorf("%d rules let functions into the imported group, want 2", n)
	}
	if n := count(d, "AWS::EC2::SecurityGroupEgress", "DestinationSecurityGroupId", c.Database.Import.SecurityGroup, "FromPort", 5432); n != 2 {
		t.Errorf("%d rules let functions out to the imported group, want 2", n)
	}
	for _, f := range config.All() {
		function := proof.Where(d.templates.Core.Resources("AWS::Lambda::Function"), "FunctionName", c.Function(f))[0]
		want := map[config.Place]any{config.Outside: nil, config.Isolated: c.Network.IsolatedSubnets, config.Egress: c.Network.EgressSubnets}[f.Place]
		if got := function.Get("VpcConfig.SubnetIds"); !proof.Equal(got, want) {
			t.Errorf("%s is in %s, want %s", f.Activity, proof.Text(got), proof.Text(want))
		}
	}
	for key, want := range map[string]string{
		"ClusterId": c.Database.Import.Cluster, "DatabaseEndpoint": c.Database.Import.Endpoint, "DatabaseSecretArn": c.Database.Import.SecretARN,
	} {
		if got := proof.Get(d.templates.Core.Outputs(), key+".Value"); got != want {
			t.Errorf("output %s is %v, want %s", key, got, want)
		}
	}
	role := proof.Where(d.templates.Core.Resources("AWS::IAM::Role"), "RoleName", c.CoreStack()+"-operator")[0]
	if got := role.Get("AssumeRolePolicyDocument.Statement.0.Principal.AWS"); got != c.People.Operators[0] {
		t.Errorf("the operator's role is taken by %s", proof.Text(got))
	}
}

func TestGround_TurnsOnWhatTheConfigurationAsksFor(t *testing.T) {
	d := deployments["brazil"]
	for typ, want := range map[string]int{
		"AWS::EC2::NatGateway": 3, "AWS::EC2::Subnet": 12, "AWS::RDS::DBInstance": 2, "AWS::RDS::DBProxy": 1, "AWS::EC2::VPCEndpoint": 1,
		"AWS::EC2::Instance": 1, "AWS::SSM::Document": 1,
	} {
		if got := count(d, typ); got != want {
			t.Errorf("%d resources %s, want %d", got, typ, want)
		}
	}
	for _, document := range d.templates.Core.Resources("AWS::SSM::Document") {
		if host := proof.Text(document.Get("Content.properties.host")); !strings.Contains(host, `"Endpoint.Address"`) ||
			document.Get("Content.parameters.host") != nil || document.Get("Content.parameters.portNumber") != nil {
			t.Errorf("a port is forwarded to %s, or to what is asked for", host)
		}
	}
	// The proxy speaks to the cluster as the user that called, and as no other.
	role := proof.Where(d.templates.Core.Resources("AWS::IAM::Role"), "Description", "The database proxy of "+d.config.CoreStack())[0]
	for _, policy := range d.templates.Core.Resources("AWS::IAM::Policy") {
		if !strings.Contains(proof.Text(policy.Get("Roles")), role.ID) {
			continue
		}
		text := proof.Text(policy.Get("PolicyDocument"))
		for _, f := range config.All() {
			if named := strings.Contains(text, "/"+f.DatabaseUser()+`"`); named != f.Database {
				t.Errorf("the proxy may sign in as %s: %v", f.DatabaseUser(), named)
			}
		}
		if strings.Contains(text, `*"`) {
			t.Errorf("the proxy may sign in as anybody: %s", text)
		}
	}
}

func TestGround_KeepsDataInProductionAlone(t *testing.T) {
	for name, want := range map[string]bool{"dev": false, "staging": false, "prod": true} {
		for _, cluster := range deployments[name].templates.Core.Resources("AWS::RDS::DBCluster") {
			if got := proof.Equal(cluster.Get("DeletionProtection"), true); got != want {
				t.Errorf("%s: deletion protection is %v", name, got)
			}
		}
	}
}

// What CDK cannot know before deployment it asks the account for, unless it is told:
// an answer of somebody's account must not be part of a template.
func TestGround_LooksNothingUp(t *testing.T) {
	each(t, func(t *testing.T, d *deployment) {
		raw, err := os.ReadFile(filepath.Join(d.folder, "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		var manifest struct {
			Missing []any `json:"missing"`
		}
		if err := json.Unmarshal(raw, &manifest); err != nil {
			t.Fatal(err)
		}
		if len(manifest.Missing) > 0 {
			t.Errorf("synthesis asks the account for %v", manifest.Missing)
		}
	})
}
