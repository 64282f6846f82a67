package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

type leadsBalanceCmd struct {
	apiFlags
	sfnFlags
	jsonFlag
}

// balance is the API's answer.
type balance struct {
	Accepted    int           `json:"accepted"`
	Delivered   int           `json:"delivered"`
	Failed      int           `json:"failed"`
	Withheld    int           `json:"withheld"`
	Quarantined int           `json:"quarantined"`
	InFlight    int           `json:"inFlight"`
	Unaccounted int           `json:"unaccounted"`
	Leads       []unaccounted `json:"leads"`
}

type unaccounted struct {
	ID         string    `json:"id"`
	Problem    string    `json:"problem"`
	AcceptedAt time.Time `json:"acceptedAt"`
}

// Run prints the books, and with them the oldest leads that nothing explains. That
// there are any is a failure of its own, so that a script notices.
func (c *leadsBalanceCmd) Run(a *app) error {
	body, err := c.get(a, "/api/balance", "balance")
	if err != nil {
		return err
	}
	var b balance
	if err := json.Unmarshal(body, &b); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if c.JSON {
		err = printJSON(a.stdout, body)
	} else {
		err = b.print(a)
	}
	if err == nil && b.Unaccounted > 0 {
		err = fmt.Errorf("%d of %d leads unaccounted for; the sweep repairs most within 5 minutes, or at once: aws stepfunctions start-execution --endpoint-url http://%s --state-machine-arn %sdelivery_sweep",
			b.Unaccounted, b.Accepted, c.SFNAddr, machinePrefix)
	}
	return err
}

func (b *balance) print(a *app) error {
	err := table(a.stdout, [][]string{
		{"accepted", strconv.Itoa(b.Accepted), "by the ledger"},
		{"delivered", strconv.Itoa(b.Delivered), "an attempt succeeded"},
		{"failed", strconv.Itoa(b.Failed), "can be redriven"},
		{"withheld", strconv.Itoa(b.Withheld), "not sent, and nothing is owed"},
		{"quarantined", strconv.Itoa(b.Quarantined), "wait for an operator"},
		{"in flight", strconv.Itoa(b.InFlight), "due or running, and heard of in time"},
		{"unaccounted", strconv.Itoa(b.Unaccounted), "nothing explains them"},
	})
	if err != nil || len(b.Leads) == 0 {
		return err
	}
	if err := a.println(""); err != nil {
		return err
	}
	rows := [][]string{{"LEAD", "ACCEPTED", "WHAT IS WRONG", "WHAT TO DO"}}
	for _, l := range b.Leads {
		wrong, do := explain(l.Problem)
		rows = append(rows, []string{l.ID, clock(&l.AcceptedAt), wrong, do})
	}
	if err := table(a.stdout, rows); err != nil {
		return err
	}
	if more := b.Unaccounted - len(b.Leads); more > 0 {
		a.progress(fmt.Sprintf("These are the oldest; there are %d more.", more))
	}
	return nil
}

// explain says what a problem means and what a person does about it.
func explain(problem string) (wrong, do string) {
	const wait = "nothing: the next sweep "
	switch problem {
	case "no_delivery":
		return "no row says that it is owed", wait + "restores it"
	case "not_started":
		return "due, and never started", wait + "starts it"
	case "not_heard_of":
		return "its execution went silent", wait + "asks for it"
	case "no_proof":
		return "its status says delivered, no attempt does", wait + "asks its execution"
	case "no_lead":
		return "the lead itself is gone", "restore it from a backup"
	case "contradiction":
		return "its rows exclude each other", "look at deliveries and leads in the database"
	}
	return problem, "use the nigredo of the version that runs"
}
