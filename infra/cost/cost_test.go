package cost

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/proof"
)

var update = flag.Bool("update", false, "rewrite the tables of README.md")

func load(t *testing.T, environment string) *config.Config {
	t.Helper()
	c, err := config.Load(environment)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func of(t *testing.T, c *config.Config, leads int) Estimate {
	t.Helper()
	e, err := Of(c, Load{Leads: leads, ViewsPerLead: 20})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The tables of README.md, and the first of them in infra/README.md, are those of the
// program: run with -update after a change.
func TestReadme_HasTheTablesOfProd(t *testing.T) {
	t.Parallel()
	var tables bytes.Buffer
	if err := Table(&tables, load(t, "prod")); err != nil {
		t.Fatal(err)
	}
	services, _, ok := strings.Cut(tables.String(), "\n\n")
	if !ok {
		t.Fatal("there is one table only")
	}
	holdTable(t, "README.md", tables.String())
	holdTable(t, filepath.Join("..", "README.md"), services+"\n")
}

// holdTable compares what stands in a file between its marks, or writes it.
func holdTable(t *testing.T, file, want string) {
	t.Helper()
	const begin, end = "<!-- begin: nigredo cost --tables -->\n", "<!-- end -->"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), begin)
	old, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the tables", file)
	}
	if *update {
		if err := os.WriteFile(file, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if old != want {
		t.Errorf("%s is not what the model gives; go test ./infra/cost -update\n%s", file, want)
	}
}

func TestOf_ProdStaysBelowTheCeiling(t *testing.T) {
	t.Parallel()
	for _, environment := range config.Environments() {
		c := load(t, environment)
		if warning := Warning(c); warning != "" {
			t.Errorf("%s: %s", environment, warning)
		}
	}
}

func TestWarning_NamesWhatCostsMost(t *testing.T) {
	t.Parallel()
	c := load(t, "prod")
	c.Database.MinCapacity = 4
	if warning := Warning(c); !strings.Contains(warning, "Aurora") || !strings.Contains(warning, "above the ceiling of 300") {
		t.Errorf("%q", warning)
	}
}

func TestOf_CountsTheFilesOfTheMachines(t *testing.T) {
	t.Parallel()
	u, err := counts()
	if err != nil || u.transitions != 3 || u.tasks != 3 {
		t.Errorf("%v transitions of a delivery, %v tasks of an intake, %v; the design's budget is three of each", u.transitions, u.tasks, err)
	}
	if _, err := billed("lead_intake"); err == nil {
		t.Error("a machine that chooses has no one number of transitions")
	}
	c := load(t, "prod")
	standard := func(e Estimate) float64 {
		i := slices.IndexFunc(e.Lines, func(l Line) bool { return l.Service == "Step Functions Standard" })
		return e.Lines[i].USD
	}
	// 3 transitions at 0.025 USD a thousand: 75 USD for a million deliveries.
	if usd := standard(of(t, c, 1_000_000)); usd != 75 {
		t.Errorf("a million deliveries cost %g", usd)
	}
}

func TestOf_MoreLeadsAndEveryOptionCostMore(t *testing.T) {
	t.Parallel()
	c := load(t, "prod")
	last := 0.0
	for _, leads := range []int{0, 1_000, 100_000, 1_000_000, 10_000_000} {
		e := of(t, c, leads)
		sum := 0.0
		for _, l := range e.Lines {
			sum += l.USD
		}
		if e.Total <= last || cents(sum) != e.Total {
			t.Errorf("%d leads: %g, before %g, lines %g", leads, e.Total, last, sum)
		}
		last = e.Total
	}
	base := of(t, c, 100_000).Total
	for _, option := range Options() {
		changed := load(t, "prod")
		option.With(changed)
		if err := changed.Check(); err != nil && option.Name != "region sa-east-1" { // zones are of a region
			t.Errorf("%s: %v", option.Name, err)
		}
		if e := of(t, changed, 100_000); e.Total <= base {
			t.Errorf("%s: %g, without it %g", option.Name, e.Total, base)
		}
	}
}

// What is billed by the piece is counted in the templates of prod.
func TestModel_CountsThePiecesOfTheTemplates(t *testing.T) {
	t.Parallel()
	c := load(t, "prod")
	found := map[string]int{}
	for _, stack := range []string{c.CoreStack(), c.FrontendStack(), c.MonitoringStack()} {
		template, err := proof.ReadTemplate(filepath.Join("..", "stack", "testdata", "golden", stack+".json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range template.Resources("") {
			found[r.Type]++
			if rules, ok := r.Get("Rules").([]any); ok && r.Type == "AWS::WAFv2::WebACL" {
				found["rules"] += len(rules)
			}
			if queries, ok := r.Get("Metrics").([]any); ok && r.Type == "AWS::CloudWatch::Alarm" {
				for _, q := range queries {
					if proof.Get(q, "MetricStat") != nil {
						found["series in alarms"]++
					}
				}
			}
		}
	}
	for what, want := range map[string]int{
		"AWS::WAFv2::WebACL": webACLs, "rules": rules, "series in alarms": alarmSeries, "AWS::CloudWatch::CompositeAlarm": composites, "AWS::CloudWatch::Dashboard": dashboards,
		"AWS::KMS::Key": keys, "AWS::SecretsManager::Secret": secrets, "AWS::EC2::NatGateway": c.Network.NATGateways,
		"AWS::EC2::EIP": c.Network.NATGateways, "AWS::EC2::VPCEndpoint": 0, "AWS::CloudFront::Function": edgeFunctions,
	} {
		if found[what] != want {
			t.Errorf("%s: the templates have %d, the model reckons with %d", what, found[what], want)
		}
	}
}

func TestOf_RefusesNonsense(t *testing.T) {
	t.Parallel()
	for _, l := range []Load{{Leads: -1}, {Leads: 1, ViewsPerLead: -1}, {Leads: 2e9}, {Leads: 1, ViewsPerLead: 1e5}} {
		if _, err := Of(load(t, "prod"), l); err == nil {
			t.Errorf("%+v is reckoned", l)
		}
	}
}

func TestPrices_SayWhereTheyAreFrom(t *testing.T) {
	t.Parallel()
	for name, p := range maps.All(prices()) {
		if p.USD <= 0 || p.Unit == "" || p.Source == "" || p.Date == "" {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestLimits_AreInOrderAndFollowTheConfiguration(t *testing.T) {
	t.Parallel()
	c := load(t, "prod")
	limits := Limits(c, 20)
	if !slices.IsSortedFunc(limits, func(a, b Limit) int { return int(min(max(a.Leads-b.Leads, -1), 1)) }) || limits[0].Leads < CeilingLeads {
		t.Errorf("%+v", limits)
	}
	stage := func(limits []Limit) float64 {
		return limits[slices.IndexFunc(limits, func(l Limit) bool { return strings.Contains(l.Name, "api.rate") })].Leads
	}
	before := stage(limits)
	c.API.Rate *= 2
	if after := stage(Limits(c, 20)); after != 2*before {
		t.Errorf("twice the rate: %g, before %g", after, before)
	}
}
