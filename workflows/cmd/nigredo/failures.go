package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

type failuresCmd struct {
	apiFlags
	jsonFlag
	Since age    `placeholder:"AGE" help:"Only what failed within this time: 90m, 24h, 7d, 1d12h."`
	Error string `help:"Only this error, as in Fibonacci.Unavailable."`
	Limit int    `default:"25" help:"At most so many groups, 100 at most."`
}

// Run prints what failed and waits, by cause.
func (c *failuresCmd) Run(a *app) error {
	query := url.Values{"limit": {strconv.Itoa(c.Limit)}}
	if c.Since > 0 {
		query.Set("from", time.Now().Add(-time.Duration(c.Since)).UTC().Format(time.RFC3339))
	}
	if c.Error != "" {
		query.Set("error", c.Error)
	}
	body, err := c.get(a, "/api/failures?"+query.Encode(), "failures")
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	var list struct {
		Failures []failureGroup `json:"failures"`
		Total    int            `json:"total"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	rows := [][]string{{"ERROR", "CAUSE", "STATUS", "COUNT", "FIRST", "LAST", "RETRY AFTER", "SAMPLE", "NEXT STEP"}}
	shown := 0
	for _, g := range list.Failures {
		shown += g.Count
		rows = append(rows, []string{
			cmp.Or(g.Error, "-"), cmp.Or(g.Cause, "-"), number(g.StatusCode), strconv.Itoa(g.Count), clock(&g.FirstSeen), clock(&g.LastSeen),
			wait(g.RetryAfterSeconds), g.SampleLeadID, g.NextStep,
		})
	}
	if err := table(a.stdout, rows); err != nil {
		return err
	}
	if shown < list.Total {
		a.progress(fmt.Sprintf("%d more failed in groups that are not shown: add --limit 100, or ask for one --error", list.Total-shown))
	}
	return nil
}

// failureGroup is what the table shows of one; JSON output is the API's own
// document, with a masked answer of the receiver.
type failureGroup struct {
	Error             string    `json:"error"`
	StatusCode        int       `json:"statusCode"`
	Cause             string    `json:"cause"`
	Count             int       `json:"count"`
	FirstSeen         time.Time `json:"firstSeen"`
	LastSeen          time.Time `json:"lastSeen"`
	SampleLeadID      string    `json:"sampleLeadId"`
	RetryAfterSeconds int       `json:"retryAfterSeconds"`
	NextStep          string    `json:"nextStep"`
}

// number shows a number that may be missing.
func number(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

// wait shows seconds as a person writes them.
func wait(seconds int) string {
	if seconds == 0 {
		return "-"
	}
	return (time.Duration(seconds) * time.Second).String()
}
