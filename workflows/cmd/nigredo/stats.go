package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

type statsCmd struct {
	apiFlags
	jsonFlag
	Since age `default:"30d" placeholder:"AGE" help:"The days in UTC that this time span touches, back from now: 24h, 7d; 365d at most."`
}

// stats is the API's answer.
type stats struct {
	From     string         `json:"from"`
	To       string         `json:"to"`
	Accepted int            `json:"accepted"`
	Statuses map[string]int `json:"statuses"`
	Days     []struct {
		Day      string `json:"day"`
		Accepted int    `json:"accepted"`
	} `json:"days"`
	Origins []struct {
		Source      string   `json:"source"`
		Variant     string   `json:"variant"`
		Views       int      `json:"views"`
		Accepted    int      `json:"accepted"`
		Quarantined int      `json:"quarantined"`
		Conversion  *float64 `json:"conversion"`
	} `json:"origins"`
	OriginsTotal int `json:"originsTotal"`
}

// Run prints what came in.
func (c *statsCmd) Run(a *app) error {
	now := time.Now().UTC()
	query := url.Values{"from": {now.Add(-time.Duration(c.Since)).Format(time.DateOnly)}, "to": {now.Format(time.DateOnly)}}
	body, err := c.call(a.ctx, http.MethodGet, "/api/stats?"+query.Encode(), "operator", nil, "stats")
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	var s stats
	if err := json.Unmarshal(body, &s); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	return s.print(a)
}

func (s *stats) print(a *app) error {
	rows := [][]string{{"LEADS", fmt.Sprintf("%s to %s, UTC", s.From, s.To)}, {"came in", strconv.Itoa(s.Accepted)}}
	for _, status := range []string{"accepted", "delivered", "failed", "withheld", "quarantined"} {
		label := status
		if status == "accepted" {
			label = "on the way"
		}
		rows = append(rows, []string{"  " + label, strconv.Itoa(s.Statuses[status])})
	}
	rows = append(rows, []string{"", ""}, []string{"DAY", "CAME IN"})
	for _, d := range s.Days {
		if d.Accepted > 0 {
			rows = append(rows, []string{d.Day, strconv.Itoa(d.Accepted)})
		}
	}
	if err := table(a.stdout, rows); err != nil {
		return err
	}
	if err := a.println(""); err != nil {
		return err
	}
	rows = [][]string{{"SOURCE", "VARIANT", "VIEWS", "CAME IN", "QUARANTINED", "CONVERSION"}}
	for _, o := range s.Origins {
		conversion := "-"
		if o.Conversion != nil {
			conversion = fmt.Sprintf("%.2f %%", 100**o.Conversion)
		}
		rows = append(rows, []string{o.Source, o.Variant, strconv.Itoa(o.Views), strconv.Itoa(o.Accepted), strconv.Itoa(o.Quarantined), conversion})
	}
	if err := table(a.stdout, rows); err != nil {
		return err
	}
	if more := s.OriginsTotal - len(s.Origins); more > 0 {
		a.progress(fmt.Sprintf("These have the most leads; there are %d more. Ask for a shorter --since to see them.", more))
	}
	return nil
}
