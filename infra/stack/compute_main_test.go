package stack_test

// Stands in for stack_test.go until that is merged.

import (
	"archive/zip"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/proof"
	"github.com/alquimista-ai/nigredo/infra/stack"
)

type deployment struct {
	folder    string
	config    *config.Config
	templates *proof.Templates
}

var deployments = map[string]*deployment{}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "nigredo-synth-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	defer jsii.Close()
	for name, change := range map[string]func(*config.Config){
		"dev": nil, "prod": nil,
		"brazil": func(c *config.Config) {
			c.Machines = config.Machines{CustomerKey: true}
			c.Database.Proxy, c.Tracing.Endpoint = true, "xray"
			c.Functions.Provisioned = map[string]int{"persist": 2}
		},
	} {
		if err := synthesise(folder, name, change); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return m.Run()
}

func synthesise(folder, name string, change func(*config.Config)) error {
	environment := name
	if change != nil {
		environment = "prod"
	}
	c, err := config.Load(environment)
	if err != nil {
		return err
	}
	if change != nil {
		change(c)
	}
	for _, f := range config.All() {
		if err := stub(filepath.Join(folder, f.Activity+".zip"), f.Activity); err != nil {
			return err
		}
	}
	d := &deployment{folder: filepath.Join(folder, name), config: c}
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(d.folder), AnalyticsReporting: jsii.Bool(false)})
	stack.Add(app, stack.Inputs{Config: c, Lambdas: folder})
	app.Synth(nil)
	d.templates, err = proof.Read(d.folder, c)
	deployments[name] = d
	return err
}

func stub(name, content string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	archive := zip.NewWriter(file)
	entry, err := archive.Create("bootstrap")
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

func TestItems_HoldAndEveryMutationIsSeen(t *testing.T) {
	t.Parallel()
	for name, d := range deployments {
		for _, item := range proof.Items() {
			if err := item.Verify(d.templates); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
