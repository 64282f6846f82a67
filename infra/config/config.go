// Package config is what a deployment to AWS is told: one typed value for each
// environment, read from a file beside this package, refused with a sentence
// before anything is synthesised, and the names that follow from it. It knows
// nothing of CDK, so that whoever deploys, reckons or checks can read it too.
package config

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

//go:embed dev.json staging.json prod.json
var files embed.FS

// Environments are the names of the deployments.
func Environments() []string { return []string{"dev", "staging", "prod"} }

// Config is one deployment. Each section is documented where it is declared.
type Config struct {
	// Environment is dev, staging or prod; it is part of every name.
	Environment string `json:"-"`
	// Account is the AWS account, twelve digits. The committed files have
	// Placeholder: they can be synthesised and not deployed.
	Account string `json:"account"`
	// Region is where the backend stands. The site's stack is in us-east-1 always,
	// because CloudFront takes certificates and web ACLs from there alone.
	Region string `json:"region"`
	// TransferClauses is the record of the standard contractual clauses under which
	// personal data leaves Brazil (LGPD, articles 33 to 36; Resolution CD/ANPD
	// 19/2024): a document's number or address. Prod outside sa-east-1 needs it.
	TransferClauses string `json:"transferClauses,omitempty"`

	Network    Network    `json:"network"`
	Database   Database   `json:"database"`
	Functions  Functions  `json:"functions"`
	Machines   Machines   `json:"machines"`
	Identity   Identity   `json:"identity"`
	API        API        `json:"api"`
	Site       Site       `json:"site"`
	Firewall   Firewall   `json:"firewall"`
	Tracing    Tracing    `json:"tracing"`
	Webhook    Webhook    `json:"webhook"`
	Monitoring Monitoring `json:"monitoring"`
	People     People     `json:"people"`
	Receiver   Receiver   `json:"receiver"`
}

// Placeholder stands for the account of whoever deploys.
const Placeholder = "000000000000"

// SiteRegion is where CloudFront's certificate and web ACL must be.
const SiteRegion = "us-east-1"

// Load reads and checks the configuration of an environment.
func Load(environment string) (*Config, error) {
	if !slices.Contains(Environments(), environment) {
		return nil, fmt.Errorf("environment %q: want one of %s", environment, strings.Join(Environments(), ", "))
	}
	raw, err := files.ReadFile(environment + ".json")
	if err != nil {
		return nil, fmt.Errorf("read configuration of %s: %w", environment, err)
	}
	return Parse(environment, raw)
}

// Parse reads and checks a configuration. Unknown members are refused; every
// fault is told, not only the first.
func Parse(environment string, raw []byte) (*Config, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	c := Config{}
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("infra/config/%s.json: %w", environment, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("infra/config/%s.json: more than one value", environment)
	}
	c.Environment = environment
	if err := c.Check(); err != nil {
		return nil, err
	}
	return &c, nil
}

// Production tells whether this deployment holds real people's data.
func (c *Config) Production() bool { return c.Environment == "prod" }

var (
	accountForm = regexp.MustCompile(`^[0-9]{12}$`)
	regionForm  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
)

// Check refuses what is missing or contradicts itself, each in a sentence that
// names the member of the file.
func (c *Config) Check() error {
	var errs []error
	refuse := func(member, format string, values ...any) {
		errs = append(errs, fmt.Errorf("infra/config/%s.json: %s %s", c.Environment, member, fmt.Sprintf(format, values...)))
	}
	if !slices.Contains(Environments(), c.Environment) {
		refuse("environment", "is %q and must be one of %s.", c.Environment, strings.Join(Environments(), ", "))
	}
	if !accountForm.MatchString(c.Account) {
		refuse("account", "must be the twelve digits of the AWS account.")
	}
	if !regionForm.MatchString(c.Region) {
		refuse("region", "must be an AWS region such as sa-east-1.")
	}
	if c.Production() && c.Region != "sa-east-1" && c.TransferClauses == "" {
		refuse("transferClauses", "must record the contractual clauses for data that leaves Brazil, because region is %s and not sa-east-1 (LGPD, articles 33 to 36).", c.Region)
	}
	for _, section := range []func(func(string, string, ...any), *Config){
		c.Network.check, c.Database.check, c.Functions.check, c.Machines.check, c.Identity.check, c.API.check,
		c.Site.check, c.Firewall.check, c.Tracing.check, c.Webhook.check, c.Monitoring.check, c.People.check, c.Receiver.check,
	} {
		section(refuse, c)
	}
	return errors.Join(errs...)
}
