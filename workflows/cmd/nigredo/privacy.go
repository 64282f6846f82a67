package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// privacyRole is the role that may do all of it.
const privacyRole = "privacy"

type privacyCmd struct {
	List  privacyListCmd  `cmd:"" help:"List requests of data subjects, overdue ones first, with the days left."`
	Get   privacyGetCmd   `cmd:"" help:"Print one request. The view is written to the ledger."`
	Close privacyCloseCmd `cmd:"" help:"Close a request that was dealt with."`
}

// rightsRequest is what the table shows of one; JSON output is the API's own document.
type rightsRequest struct {
	ID         string    `json:"id"`
	Protocol   string    `json:"protocol"`
	Kind       string    `json:"kind"`
	Email      string    `json:"email"`
	Status     string    `json:"status"`
	ReceivedAt time.Time `json:"receivedAt"`
	DueAt      time.Time `json:"dueAt"`
	DaysLeft   *int      `json:"daysLeft"`
	Leads      int       `json:"leads"`
	Outcome    string    `json:"outcome"`
}

type privacyListCmd struct {
	apiFlags
	jsonFlag
	Status string `enum:"open,closed,all" default:"open" help:"open, closed or all."`
	Limit  int    `default:"25" help:"At most so many, 100 at most."`
	Cursor string `help:"The cursor of the page before."`
}

// Run prints one page.
func (c *privacyListCmd) Run(a *app) error {
	query := url.Values{"status": {c.Status}, "limit": {strconv.Itoa(c.Limit)}}
	if c.Cursor != "" {
		query.Set("cursor", c.Cursor)
	}
	body, err := c.call(a.ctx, http.MethodGet, "/api/rights-requests?"+query.Encode(), privacyRole, nil, "requests")
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	var page struct {
		Requests []rightsRequest `json:"requests"`
		Cursor   string          `json:"cursor"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	rows := [][]string{{"PROTOCOL", "DAYS LEFT", "DUE", "RIGHT", "E-MAIL", "LEADS", "STATUS", "ID"}}
	for _, r := range page.Requests {
		rows = append(rows, []string{
			r.Protocol, left(r.DaysLeft), clock(&r.DueAt), r.Kind, r.Email, strconv.Itoa(r.Leads), cmp.Or(r.Outcome, r.Status), r.ID,
		})
	}
	if err := table(a.stdout, rows); err != nil {
		return err
	}
	if page.Cursor != "" {
		a.progress("More: add --cursor " + page.Cursor)
	}
	return nil
}

// left says how many whole days are left.
func left(days *int) string {
	switch {
	case days == nil:
		return "-"
	case *days < 0:
		return "overdue"
	}
	return strconv.Itoa(*days)
}

type privacyGetCmd struct {
	apiFlags
	jsonFlag
	ID string `arg:"" help:"Id of the request."`
}

// Run prints the request.
func (c *privacyGetCmd) Run(a *app) error {
	body, err := c.call(a.ctx, http.MethodGet, "/api/rights-requests/"+url.PathEscape(c.ID), privacyRole, nil, "request "+c.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	return fields(a.stdout, body)
}

type privacyCloseCmd struct {
	apiFlags
	jsonFlag
	ID      string `arg:"" help:"Id of the request."`
	Outcome string `required:"" enum:"answered,refused,unidentified,duplicate" help:"answered; refused; unidentified: they did not prove who they are; duplicate."`
	Reason  string `required:"" placeholder:"TEXT" help:"Why, in one line. It is kept with the request and must not name persons."`
}

// Run closes the request.
func (c *privacyCloseCmd) Run(a *app) error {
	closing := map[string]string{"outcome": c.Outcome, "reason": c.Reason}
	body, err := c.call(a.ctx, http.MethodPost, "/api/rights-requests/"+url.PathEscape(c.ID)+"/close", privacyRole, closing, "request "+c.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	var r rightsRequest
	if err := json.Unmarshal(body, &r); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return a.println(printable(r.Protocol + " is closed: " + r.Outcome + "."))
}
