package stack_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/proof"
	"github.com/alquimista-ai/nigredo/infra/stack"
)

// synthesised are the templates of each variant; one synthesis for the package.
var synthesised = map[string]*proof.Templates{}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(code)
}

// saoPaulo is prod with its backend in another region than the site's, and every
// choice of the edge that prod leaves out.
func saoPaulo() (*config.Config, error) {
	c, err := config.Load("prod")
	if err != nil {
		return nil, err
	}
	c.Region, c.Network.Zones = "sa-east-1", []string{"sa-east-1a", "sa-east-1b"}
	c.API.Certificate = "arn:aws:acm:sa-east-1:000000000000:certificate/00000000-0000-4000-8000-000000000000"
	c.Firewall.Bots, c.Firewall.Countries = true, []string{"BR", "PT"}
	c.Firewall.OriginVersions = []string{"11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"}
	c.Identity.ThreatProtection, c.Machines.CustomerKey = true, true
	return c, c.Check()
}

func run(m *testing.M) (int, error) {
	defer jsii.Close()
	folder, err := os.MkdirTemp("", "stack")
	if err != nil {
		return 1, err
	}
	defer func() { _ = os.RemoveAll(folder) }() // a temporary folder
	activities := []string{"fibonacci"}
	for _, f := range config.All() {
		activities = append(activities, f.Activity)
	}
	for _, activity := range activities {
		if err := os.WriteFile(filepath.Join(folder, activity+".zip"), []byte("PK\x05\x06"+string(make([]byte, 18))), 0o600); err != nil {
			return 1, err
		}
	}
	configs := map[string]func() (*config.Config, error){
		"prod":      func() (*config.Config, error) { return config.Load("prod") },
		"dev":       func() (*config.Config, error) { return config.Load("dev") },
		"sao paulo": saoPaulo,
	}
	for name, load := range configs {
		c, err := load()
		if err != nil {
			return 1, err
		}
		out := filepath.Join(folder, "out-"+name)
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(out), AnalyticsReporting: jsii.Bool(false)})
		stack.Add(app, stack.Inputs{Config: c, Lambdas: folder, Site: "../../site/dist"})
		app.Synth(nil)
		if synthesised[name], err = proof.Read(out, c); err != nil {
			return 1, err
		}
		if keep := os.Getenv("KEEP"); keep != "" {
			_ = os.CopyFS(filepath.Join(keep, name), os.DirFS(out))
		}
	}
	return m.Run(), nil
}

func TestEdge_ItemsHoldAndSeeEveryMutation(t *testing.T) {
	t.Parallel()
	for name, templates := range synthesised {
		for _, item := range proof.Items() {
			if err := item.Verify(templates); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// The backend's region is not CloudFront's: the API's id comes by an export of another
// region, the origin secret from its replica.
func TestEdge_SiteFindsABackendInAnotherRegion(t *testing.T) {
	t.Parallel()
	distribution := synthesised["sao paulo"].Frontend.Resources("AWS::CloudFront::Distribution")[0]
	api := proof.Text(distribution.Get("DistributionConfig.Origins.1"))
	for _, want := range []string{"ExportsReader", ".execute-api.sa-east-1.amazonaws.com", "{{resolve:secretsmanager:nigredo/prod/OriginSecret:SecretString:::22222222-"} {
		if !strings.Contains(api, want) {
			t.Errorf("no %s in %s", want, api)
		}
	}
	if strings.Contains(api, "Fn::ImportValue") {
		t.Error("an export of the same region cannot be read")
	}
}
