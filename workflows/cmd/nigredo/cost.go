package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/infra/cost"
)

type costCmd struct {
	jsonFlag
	LeadsPerMonth int     `default:"100000" placeholder:"N" help:"Accepted leads a month."`
	ViewsPerLead  float64 `default:"20" placeholder:"N" help:"Page views for each lead; 20 is a conversion of 5 %."`
	Env           string  `config:"NIGREDO_ENV" default:"prod" placeholder:"ENV" help:"Environment whose configuration is reckoned: dev, staging or prod."`
	Region        string  `placeholder:"REGION" help:"Another region than the configuration's."`
	Tables        bool    `help:"Print the tables of infra/cost/README.md."`
}

// costs is the document of --json.
type costs struct {
	cost.Estimate
	Limits  []cost.Limit `json:"limits"`
	Warning string       `json:"warning,omitempty"`
}

// Run prints the bill and the limits. It asks nobody.
func (c *costCmd) Run(a *app) error {
	configuration, err := config.Load(c.Env)
	if err != nil {
		return usage(err)
	}
	if c.Region != "" {
		configuration.Region = c.Region
	}
	if c.Tables {
		return cost.Table(a.stdout, configuration)
	}
	estimate, err := cost.Of(configuration, cost.Load{Leads: c.LeadsPerMonth, ViewsPerLead: c.ViewsPerLead})
	if err != nil {
		return usage(err)
	}
	all := costs{Estimate: estimate, Limits: cost.Limits(configuration, c.ViewsPerLead), Warning: cost.Warning(configuration)}
	if c.JSON {
		return printJSON(a.stdout, all)
	}
	return all.print(a, c.Env)
}

func (c *costs) print(a *app, environment string) error {
	rows := [][]string{{"USD A MONTH", strings.ToUpper(environment), "OF WHAT"}}
	for _, l := range c.Lines {
		rows = append(rows, []string{l.Service, fmt.Sprintf("%.2f", l.USD), l.Formula})
	}
	rows = append(rows, []string{"total", fmt.Sprintf("%.2f", c.Total), strconv.Itoa(c.Leads) + " leads, " + strconv.Itoa(c.Views) + " page views, " + c.Region})
	if err := table(a.stdout, rows); err != nil {
		return err
	}
	if err := a.println(""); err != nil {
		return err
	}
	rows = [][]string{{"BINDS FIRST", "IS", "LEADS A MONTH"}}
	for _, l := range c.Limits {
		rows = append(rows, []string{l.Name, l.Is, fmt.Sprintf("%.0f", l.Leads)})
	}
	if err := table(a.stdout, rows); err != nil {
		return err
	}
	for _, u := range c.Uncertain {
		a.progress("Uncertain: " + u + ".")
	}
	if c.Warning != "" {
		a.progress("Warning: " + c.Warning)
	}
	return nil
}
