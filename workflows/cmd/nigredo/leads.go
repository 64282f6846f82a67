package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

type leadsCmd struct {
	List    leadsListCmd    `cmd:"" help:"List leads, newest first."`
	Get     leadsGetCmd     `cmd:"" help:"Print one lead. The view is written to the ledger."`
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
	id := c.Lead
	if strings.HasPrefix(strings.ToUpper(id), "NG-") {
		var err error
		if id, err = c.byReference(a, strings.ToUpper(id)); err != nil {
			return err
		}
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

// byReference asks the list for the id behind a reference.
func (c *leadsGetCmd) byReference(a *app, reference string) (string, error) {
	body, err := c.get(a, "/api/leads?q="+url.QueryEscape(reference), "leads")
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

// get asks the API and gives the body of a 200.
func (f apiFlags) get(a *app, path, what string) (json.RawMessage, error) {
	token, err := f.accessToken()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(a.ctx, callLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+f.Addr+path, nil)
	if err != nil {
		return nil, usage(fmt.Errorf("--addr: %w", err))
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, unreachable("the API at %s does not answer; start it with nigredo up, or name its address with --addr: %w", f.Addr, err)
	}
	defer response.Body.Close() //nolint:errcheck // read below
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, unreachable("the API at %s broke off its answer: %w", f.Addr, err)
	}
	if response.StatusCode == http.StatusOK {
		return body, nil
	}
	return nil, refusal(response.StatusCode, body, what)
}

// refusal turns a problem document into an error with the exit code for it.
func refusal(status int, body []byte, what string) error {
	var problem struct {
		Detail string
		Errors []struct{ Message string }
	}
	_ = json.Unmarshal(body, &problem) // without a document the status has to do
	said := problem.Detail
	if len(problem.Errors) > 0 { // the detail only points at them
		sentences := make([]string, 0, len(problem.Errors))
		for _, e := range problem.Errors {
			sentences = append(sentences, e.Message)
		}
		said = strings.Join(sentences, "; ")
	}
	said = strings.TrimSpace(fmt.Sprintf("%s (%d)", said, status))
	switch status {
	case http.StatusNotFound:
		return notFound("there is no %s", what)
	case http.StatusUnauthorized, http.StatusForbidden:
		return refused("%s: %s; is this the data folder (--data-dir) of the program that runs?", what, said)
	case http.StatusBadRequest:
		return usage(fmt.Errorf("%s: %s", what, said))
	case http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout:
		return unreachable("%s: %s", what, said)
	}
	return fmt.Errorf("%s: %s", what, said)
}
