package stack_test

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/proof"
	"github.com/alquimista-ai/nigredo/infra/stack"
)

// deployment is one synthesised configuration.
type deployment struct {
	folder    string
	config    *config.Config
	templates *proof.Templates
}

// deployments are synthesised once for all tests of the package, by name: the three
// environments as they are committed, and variants of prod that turn on what they
// leave off. Each test reads them and changes clones.
var deployments map[string]*deployment

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "nigredo-synth-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	deployments, err = synthesise(folder)
	jsii.Close() // tests read files: Node need not stay beside them
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// variants change prod's configuration. Together they take every branch that the
// committed files do not.
func variants() map[string]func(*config.Config) {
	return map[string]func(*config.Config){
		// All of Fibonacci's that can be imported.
		"fibonacci": func(c *config.Config) {
			c.Network = config.Network{
				Import: "vpc-0a1b2c3d4e5f60718", Zones: []string{"us-east-1a", "us-east-1b"},
				IsolatedSubnets: []string{"subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"}, EgressSubnets: []string{"subnet-0a1b2c3d4e5f60003"},
			}
			c.Database = config.Database{Name: "fibonacci", Connections: 100, Import: &config.ImportedDatabase{
				Cluster: "fibonacci-prod", ClusterID: "cluster-ABCDEFGHIJKL0123456789", Port: 5432,
				Endpoint:      "fibonacci-prod.cluster-abc123.us-east-1.rds.amazonaws.com",
				SecretARN:     "arn:aws:secretsmanager:us-east-1:000000000000:secret:fibonacci/database-AbCdEf",
				SecurityGroup: "sg-0a1b2c3d4e5f60718",
			}}
			c.Identity = config.Identity{UserPool: "arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_aBcDeFgHi", Client: "1h57kf5cpq17m0eml12example"}
			c.People = config.People{TrailElsewhere: true, Operators: []string{"arn:aws:iam::000000000000:role/operators"}}
			c.Machines.CanaryPercent, c.Machines.CanaryMinutes = 0, 0
		},
		// Everything on, in the region that keeps personal data in Brazil.
		"brazil": func(c *config.Config) {
			c.Region, c.TransferClauses = "sa-east-1", ""
			c.Network.Zones, c.Network.NATGateways = []string{"sa-east-1a", "sa-east-1b", "sa-east-1c"}, 3
			c.Database.Proxy, c.Database.Reader = true, true
			c.Machines.CustomerKey = true
			c.Firewall.Bots, c.Firewall.Countries = true, []string{"BR", "PT"}
			c.Tracing.Endpoint = "xray"
			c.Functions.Provisioned = map[string]int{"persist": 2}
			c.People.Forwarding = []string{"arn:aws:iam::000000000000:role/engineers"}
			c.API.Certificate = "arn:aws:acm:sa-east-1:000000000000:certificate/00000000-0000-4000-8000-000000000000"
			c.Firewall.OriginVersions = []string{"11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"}
			c.Identity.ThreatProtection = true
			c.Receiver.Deploy = true
		},
	}
}

func synthesise(folder string) (map[string]*deployment, error) {
	lambdas, site := filepath.Join(folder, "lambda"), filepath.Join(folder, "site")
	if err := writeStubs(lambdas, site); err != nil {
		return nil, err
	}
	out := map[string]*deployment{}
	add := func(name string, c *config.Config) error {
		d := &deployment{folder: filepath.Join(folder, "out", name), config: c}
		if err := c.Check(); err != nil {
			return fmt.Errorf("variant %s: %w", name, err)
		}
		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(d.folder), AnalyticsReporting: jsii.Bool(false)})
		stack.Add(app, stack.Inputs{Config: c, Lambdas: lambdas, Site: site})
		stack.Inspect(app)
		app.Synth(nil)
		var err error
		d.templates, err = proof.Read(d.folder, c)
		out[name] = d
		return err
	}
	for _, environment := range config.Environments() {
		c, err := config.Load(environment)
		if err != nil {
			return nil, err
		}
		if err := add(environment, c); err != nil {
			return nil, err
		}
	}
	for name, change := range variants() {
		c, err := config.Load("prod")
		if err != nil {
			return nil, err
		}
		change(c)
		if err := add(name, c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// writeStubs makes what a build would: a zip for each function and the files of the
// site that the stacks read.
func writeStubs(lambdas, site string) error {
	for _, dir := range []string{lambdas, filepath.Join(site, "public", "assets"), filepath.Join(site, "public", "privacidade")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for _, f := range config.All() {
		if err := writeZip(filepath.Join(lambdas, f.Activity+".zip"), f.Activity); err != nil {
			return err
		}
	}
	// The receiver of webhooks is no activity of a machine, and has a function all the same.
	if err := writeZip(filepath.Join(lambdas, "fibonacci.zip"), "fibonacci"); err != nil {
		return err
	}
	// Of the built site only what does not change with its content, if it was built.
	for name, content := range map[string]string{"public/index.html": "<!doctype html><title>Nigredo</title>", "public/assets/a.css": "a{}", "public/404.html": "<!doctype html>"} {
		if err := os.WriteFile(filepath.Join(site, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	built, err := os.ReadFile("../../site/dist/site.json")
	if os.IsNotExist(err) {
		built, err = []byte("{}"), nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(site, "site.json"), built, 0o644)
}

func writeZip(path, content string) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	archive := zip.NewWriter(file)
	entry, err := archive.CreateHeader(&zip.FileHeader{Name: "bootstrap", Method: zip.Deflate})
	if err != nil {
		return err
	}
	if _, err := entry.Write([]byte(content)); err != nil {
		return err
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return file.Close()
}

// each runs a test for every deployment, by name.
func each(t *testing.T, test func(*testing.T, *deployment)) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(deployments)) {
		t.Run(name, func(t *testing.T) { test(t, deployments[name]) })
	}
}

func TestAdd_AnswersEveryItem(t *testing.T) {
	for _, item := range proof.Items() {
		if err := item.Verify(deployments["prod"].templates); err != nil {
			t.Error(err)
		}
	}
}

func TestAdd_AnswersEveryItemWithEverythingOn(t *testing.T) {
	for _, item := range proof.Items() {
		if err := item.Check(deployments["brazil"].templates); err != nil {
			t.Errorf("%v: %v", item.IDs, err)
		}
	}
}

// CloudFormation's quotas.
func TestAdd_TemplatesAreWithinCloudFormationsQuotas(t *testing.T) {
	each(t, func(t *testing.T, d *deployment) {
		files, err := filepath.Glob(filepath.Join(d.folder, "*.template.json"))
		if err != nil || len(files) < 3 {
			t.Fatalf("found %d templates: %v", len(files), err)
		}
		for _, file := range files {
			if info, err := os.Stat(file); err != nil || info.Size() >= 1_000_000 {
				t.Errorf("%s has %d bytes (%v), and CloudFormation takes 1 MB", filepath.Base(file), size(info), err)
			}
		}
		for _, template := range []*proof.Template{d.templates.Core, d.templates.Frontend, d.templates.Monitoring, d.templates.Receiver} {
			if n := len(template.Resources("")); n >= 500 {
				t.Errorf("a template has %d resources, and CloudFormation takes 500", n)
			}
		}
	})
}

func size(info fs.FileInfo) int64 {
	if info == nil {
		return 0
	}
	return info.Size()
}
