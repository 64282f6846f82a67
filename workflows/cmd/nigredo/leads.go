package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type leadsCmd struct {
	List    leadsListCmd    `cmd:"" help:"List leads, newest first."`
	Get     leadsGetCmd     `cmd:"" help:"Print one lead. The view is written to the ledger."`
	Release leadsReleaseCmd `cmd:"" help:"Release a quarantined lead: it is accepted and its delivery goes on. The ledger keeps who and why."`
	Balance leadsBalanceCmd `cmd:"" help:"Balance the books: what became of every lead ever accepted. Exit code 1 when one is unaccounted for."`
}

// lead is what the table shows of one; JSON output is the API's own document.
type lead struct {
	ID        string    `json:"id"`
	Reference string    `json:"reference"`
	Status    string    `json:"status"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Source    string    `json:"source"`
	CreatedAt time.Time `json:"createdAt"`
}

type leadsListCmd struct {
	apiFlags
	jsonFlag
	Query  string `name:"q" help:"Reference, name or e-mail address."`
	Status string `help:"accepted, delivered, failed, withheld or quarantined."`
	Source string `help:"Where the lead came from."`
	From   string `help:"Created at or after, RFC 3339."`
	To     string `help:"Created before, RFC 3339."`
	Limit  int    `default:"25" help:"At most so many, 100 at most."`
	Cursor string `help:"The cursor of the page before."`
}

// Run prints one page, and how to get the next.
func (c *leadsListCmd) Run(a *app) error {
	query := url.Values{"limit": {strconv.Itoa(c.Limit)}}
	for name, value := range map[string]string{"q": c.Query, "status": c.Status, "source": c.Source, "from": c.From, "to": c.To, "cursor": c.Cursor} {
		if value != "" {
			query.Set(name, value)
		}
	}
	body, err := c.get(a, "/api/leads?"+query.Encode(), "leads")
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	var page struct {
		Leads  []lead `json:"leads"`
		Cursor string `json:"cursor"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	rows := [][]string{{"REFERENCE", "STATUS", "CREATED", "NAME", "E-MAIL", "SOURCE", "ID"}}
	for _, l := range page.Leads {
		rows = append(rows, []string{l.Reference, l.Status, clock(&l.CreatedAt), l.Name, l.Email, l.Source, l.ID})
	}
	if err := table(a.stdout, rows); err != nil {
		return err
	}
	if page.Cursor != "" {
		a.progress("More: add --cursor " + page.Cursor)
	}
	return nil
}

type leadsGetCmd struct {
	apiFlags
	jsonFlag
	Lead string `arg:"" help:"Id of the lead, or its reference (NG-…)."`
}

// Run prints the lead.
func (c *leadsGetCmd) Run(a *app) error {
	id, err := c.leadID(a, c.Lead)
	if err != nil {
		return err
	}
	body, err := c.get(a, "/api/leads/"+url.PathEscape(id), "lead "+c.Lead)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	return fields(a.stdout, body)
}

type leadsReleaseCmd struct {
	apiFlags
	jsonFlag
	Lead   string `arg:"" help:"Id of the lead, or its reference (NG-…)."`
	Reason string `required:"" help:"Why, 1 to 500 characters on one line. It must not name persons."`
}

// Run releases the lead.
func (c *leadsReleaseCmd) Run(a *app) error {
	id, err := c.leadID(a, c.Lead)
	if err != nil {
		return err
	}
	body, err := c.call(a.ctx, http.MethodPost, "/api/leads/"+url.PathEscape(id)+"/release", "operator", map[string]string{"reason": c.Reason}, "lead "+c.Lead)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	var released struct {
		ID, Reference, Status string
		Started               bool
	}
	if err := json.Unmarshal(body, &released); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if released.Status == "failed" {
		return a.println("Released " + released.Reference + ". Its delivery has failed before; send it again: nigredo redrive " + released.ID + " --reason \"…\"")
	}
	if !released.Started {
		return a.println("Released " + released.Reference + ". Its delivery could not be started just now; the sweep does it within ten minutes.")
	}
	return a.println("Released " + released.Reference + ". See its delivery: nigredo executions get " + released.ID)
}

// leadID gives the id of a lead that was named by id or reference.
func (f apiFlags) leadID(a *app, named string) (string, error) {
	if reference := strings.ToUpper(named); strings.HasPrefix(reference, "NG-") {
		return f.byReference(a, reference)
	}
	return named, nil
}

// byReference asks the list for the id behind a reference.
func (f apiFlags) byReference(a *app, reference string) (string, error) {
	body, err := f.get(a, "/api/leads?q="+url.QueryEscape(reference), "leads")
	if err != nil {
		return "", err
	}
	var page struct {
		Leads []lead `json:"leads"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	for _, l := range page.Leads {
		if l.Reference == reference {
			return l.ID, nil
		}
	}
	return "", notFound("there is no lead %s", reference)
}
