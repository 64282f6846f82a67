package cost

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/alquimista-ai/nigredo/infra/config"
	"github.com/alquimista-ai/nigredo/states"
)

// Ceiling is the most that a month may cost at CeilingLeads leads, in USD: the
// estimate of the production guide (S2.77f).
const (
	Ceiling      = 300.0
	CeilingLeads = 100_000
)

// Load is what comes in a month.
type Load struct {
	Leads        int
	ViewsPerLead float64 // page views for each lead: 20 is a conversion of 5 %
}

// Use is what the model assumes of one lead, one view and one hour; figures of
// reference measurements or of this repository's own files.
type use struct {
	intake, deliver, small float64 // seconds: the Express execution, a delivery, any other function
	transitions            float64 // billed, of a delivery: counted in its file
	tasks                  float64 // Lambda tasks of an intake: counted in its file
	reads, writes          float64 // database I/O requests of a lead and of a view
	logs                   float64 // KB of a lead
	viewLogs               float64 // KB of a view
	egress                 float64 // KB of a delivery through NAT
	pageRequests, pageKB   float64 // of a view, through CloudFront
	row                    float64 // KB of a lead in the database
}

// Line is one service's part of the bill.
type Line struct {
	Service string  `json:"service"`
	Formula string  `json:"formula"`
	USD     float64 `json:"usd"`
}

// Estimate is the bill of a month.
type Estimate struct {
	Region string  `json:"region"`
	Leads  int     `json:"leads"`
	Views  int     `json:"views"`
	Lines  []Line  `json:"lines"`
	Total  float64 `json:"total"`
	// Uncertain says what was guessed.
	Uncertain []string `json:"uncertain"`
}

const hoursPerMonth = 730

// Of reckons a month of a deployment.
func Of(c *config.Config, load Load) (Estimate, error) {
	if load.Leads < 0 || load.ViewsPerLead < 0 || load.Leads > 1e9 || load.ViewsPerLead > 1e4 {
		return Estimate{}, errors.New("reckon cost: leads must be between 0 and 1,000,000,000 and views a lead between 0 and 10,000")
	}
	u, err := counts()
	if err != nil {
		return Estimate{}, err
	}
	return model{c: c, n: float64(load.Leads), views: float64(load.Leads) * load.ViewsPerLead, use: u, price: prices()}.estimate(), nil
}

// counts gives the assumptions, with the numbers that stand in the machines' files.
func counts() (use, error) {
	transitions, err := billed("fibonacci_delivery")
	if err != nil {
		return use{}, err
	}
	tasks, err := lambdaTasks("lead_intake")
	if err != nil {
		return use{}, err
	}
	return use{
		intake: 0.3, deliver: 0.15, small: 0.02, transitions: float64(transitions), tasks: float64(tasks),
		reads: 12, writes: 2, logs: 8, viewLogs: 1, egress: 4, pageRequests: 6, pageKB: 100, row: 4,
	}, nil
}

type definition struct {
	StartAt string
	States  map[string]struct {
		Type, Resource, Next string
		End                  bool
	}
}

func read(machine string) (definition, error) {
	text, err := states.Definition(machine)
	if err != nil {
		return definition{}, err
	}
	var d definition
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return definition{}, fmt.Errorf("read machine %s: %w", machine, err)
	}
	return d, nil
}

// billed counts the transitions that a Standard execution without a retry is billed
// for: into each state, and out at the end. A machine that chooses has no one path.
func billed(machine string) (int, error) {
	d, err := read(machine)
	if err != nil {
		return 0, err
	}
	n := 1
	for at := d.StartAt; at != ""; n++ {
		state, ok := d.States[at]
		if !ok || state.Type == "Choice" || n > len(d.States) {
			return 0, fmt.Errorf("count transitions of %s: no one path through %q", machine, at)
		}
		at = state.Next
	}
	return n, nil
}

func lambdaTasks(machine string) (int, error) {
	d, err := read(machine)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, state := range d.States {
		if state.Resource == "arn:aws:states:::lambda:invoke" {
			n++
		}
	}
	return n, nil
}

// Warning is a sentence when a month of CeilingLeads leads costs more than Ceiling;
// empty: it does not.
func Warning(c *config.Config) string {
	e, err := Of(c, Load{Leads: CeilingLeads, ViewsPerLead: 20})
	if err != nil {
		return err.Error()
	}
	if e.Total <= Ceiling {
		return ""
	}
	most := e.Lines[0]
	for _, l := range e.Lines {
		if l.USD > most.USD {
			most = l
		}
	}
	return fmt.Sprintf("%s: a month of %d leads is reckoned at USD %.0f, above the ceiling of %.0f; the most of it, %.0f, is %s (nigredo cost --env %s)",
		c.Environment, CeilingLeads, e.Total, Ceiling, most.USD, most.Service, c.Environment)
}

func cents(usd float64) float64 { return math.Round(usd*100) / 100 }
