package cost

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// Option is a choice of the configuration and what it adds to a month.
type Option struct {
	Name string
	With func(*config.Config)
}

// Options lists the choices that cost something.
func Options() []Option {
	return []Option{
		{"RDS Proxy (`database.proxy`)", func(c *config.Config) { c.Database.Proxy = true }},
		{"a second NAT gateway (`network.natGateways`)", func(c *config.Config) { c.Network.NATGateways++ }},
		{"bot control (`firewall.bots`)", func(c *config.Config) { c.Firewall.Bots = true }},
		{"provisioned concurrency, 2 each for validate, ratelimit, persist (`functions.provisioned`)", func(c *config.Config) {
			c.Functions.Provisioned = map[string]int{"validate": 2, "ratelimit": 2, "persist": 2}
		}},
		{"customer key for the machines (`machines.customerKey`)", func(c *config.Config) { c.Machines.CustomerKey = true }},
		{"spans of our own code to X-Ray (`tracing.endpoint`)", func(c *config.Config) { c.Tracing.Endpoint = "xray" }},
		{"region sa-east-1", func(c *config.Config) { c.Region = "sa-east-1" }},
	}
}

// Table writes the tables of README.md: each service at three loads, each option,
// the limits that bind, the prices.
func Table(w io.Writer, c *config.Config) error {
	loads := []int{1_000, 100_000, 1_000_000}
	var estimates []Estimate
	for _, leads := range loads {
		e, err := Of(c, Load{Leads: leads, ViewsPerLead: 20})
		if err != nil {
			return err
		}
		estimates = append(estimates, e)
	}
	var b strings.Builder
	b.WriteString("| USD a month | 1,000 leads | 100,000 leads | 1,000,000 leads | of what, at 100,000 |\n|---|---:|---:|---:|---|\n")
	for i, l := range estimates[1].Lines {
		fmt.Fprintf(&b, "| %s | %.2f | %.2f | %.2f | %s |\n", l.Service, estimates[0].Lines[i].USD, l.USD, estimates[2].Lines[i].USD, l.Formula)
	}
	fmt.Fprintf(&b, "| **total** | **%.2f** | **%.2f** | **%.2f** | ceiling at 100,000: %.0f |\n", estimates[0].Total, estimates[1].Total, estimates[2].Total, Ceiling)
	b.WriteString("\n| option | adds at 1,000 | at 100,000 | at 1,000,000 |\n|---|---:|---:|---:|\n")
	for _, option := range Options() {
		changed := *c
		changed.Functions.Provisioned = maps.Clone(c.Functions.Provisioned)
		option.With(&changed)
		fmt.Fprintf(&b, "| %s |", option.Name)
		for i, leads := range loads {
			e, err := Of(&changed, Load{Leads: leads, ViewsPerLead: 20})
			if err != nil {
				return err
			}
			fmt.Fprintf(&b, " %.2f |", e.Total-estimates[i].Total)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n| limit, the first to bind first | is | million leads a month |\n|---|---|---:|\n")
	for _, l := range Limits(c, 20) {
		fmt.Fprintf(&b, "| %s | %s | %.1f |\n", l.Name, l.Is, l.Leads/1e6)
	}
	b.WriteString("\n| price | USD | source | as of | read there |\n|---|---:|---|---|---|\n")
	all := prices()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p := all[name]
		sure := "no"
		if p.Sure {
			sure = "yes"
		}
		fmt.Fprintf(&b, "| %s: %s | %s | %s | %s | %s |\n", name, p.Unit, strconv.FormatFloat(p.USD, 'f', -1, 64), p.Source, p.Date, sure)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
