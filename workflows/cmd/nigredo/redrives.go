package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// engineer is the role that may do all of it.
const engineer = "engineer"

// itemsPage is the most that the API gives at once.
const itemsPage = 100

type redrivesCmd struct {
	List   redrivesListCmd   `cmd:"" help:"List campaigns, newest first."`
	Get    redrivesGetCmd    `cmd:"" help:"Print one campaign, with --items every lead of it."`
	Watch  redrivesWatchCmd  `cmd:"" help:"Follow a campaign until it ends or pauses. Ctrl-C leaves it running."`
	Pause  redrivesPauseCmd  `cmd:"" help:"Send nothing more until it is resumed."`
	Resume redrivesResumeCmd `cmd:"" help:"Go on with a campaign that is paused or stopped, or whose execution has died."`
	Cancel redrivesCancelCmd `cmd:"" help:"End a campaign for good."`
}

// redriveCampaign is what the tables show of one; JSON output is the API's own
// document.
type redriveCampaign struct {
	ID            string        `json:"id"`
	Status        string        `json:"status"`
	Reason        string        `json:"reason"`
	CreatedBy     string        `json:"createdBy"`
	CreatedAt     time.Time     `json:"createdAt"`
	PlannedAt     time.Time     `json:"plannedAt"`
	FinishedAt    time.Time     `json:"finishedAt"`
	Filter        redriveFilter `json:"filter"`
	Canary        int           `json:"canary"`
	RatePerMinute int           `json:"ratePerMinute"`
	StopShare     float64       `json:"stopShare"`
	Part          int           `json:"part"`
	Batch         int           `json:"batch"`
	StopReason    string        `json:"stopReason"`
	Counts        struct {
		Total     int `json:"total"`
		Pending   int `json:"pending"`
		Sent      int `json:"sent"`
		Delivered int `json:"delivered"`
		Failed    int `json:"failed"`
		Withheld  int `json:"withheld"`
		Skipped   int `json:"skipped"`
		Unsent    int `json:"unsent"`
	} `json:"counts"`
	Actions []struct {
		At     time.Time `json:"at"`
		Actor  string    `json:"actor"`
		Action string    `json:"action"`
	} `json:"actions"`
}

type redriveItem struct {
	Position     int       `json:"position"`
	LeadID       string    `json:"leadId"`
	State        string    `json:"state"`
	Batch        int       `json:"batch"`
	Mode         string    `json:"mode"`
	ExecutionARN string    `json:"executionArn"`
	RedriveCount int       `json:"redriveCount"`
	Error        string    `json:"error"`
	Note         string    `json:"note"`
	SentAt       time.Time `json:"sentAt"`
	ClosedAt     time.Time `json:"closedAt"`
}

type redrivesListCmd struct {
	apiFlags
	jsonFlag
	Limit  int    `default:"25" help:"At most so many, 100 at most."`
	Cursor string `help:"The cursor of the page before."`
}

// Run prints one page, and how to get the next.
func (c *redrivesListCmd) Run(a *app) error {
	query := url.Values{"limit": {strconv.Itoa(c.Limit)}}
	if c.Cursor != "" {
		query.Set("cursor", c.Cursor)
	}
	body, err := c.call(a.ctx, http.MethodGet, "/api/redrives?"+query.Encode(), engineer, nil, "campaigns")
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	var page struct {
		Campaigns []redriveCampaign `json:"campaigns"`
		Cursor    string            `json:"cursor"`
	}
	if err := json.Unmarshal(body, &page); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	rows := [][]string{{"ID", "STATUS", "CREATED", "LEADS", "DELIVERED", "FAILED", "REASON"}}
	for _, r := range page.Campaigns {
		rows = append(rows, []string{r.ID, r.Status, clock(&r.CreatedAt), count(r.Counts.Total), count(r.Counts.Delivered), count(r.Counts.Failed), r.Reason})
	}
	if err := table(a.stdout, rows); err != nil {
		return err
	}
	if page.Cursor != "" {
		a.progress("More: add --cursor " + page.Cursor)
	}
	return nil
}

// campaignArg names a campaign.
type campaignArg struct {
	apiFlags
	jsonFlag
	Campaign string `arg:"" help:"Id of the campaign."`
}

func campaignPath(id string) string { return "/api/redrives/" + url.PathEscape(id) }

type redrivesGetCmd struct {
	campaignArg
	Items bool `help:"One row for each lead, whatever their number."`
}

// Run prints the campaign.
func (c *redrivesGetCmd) Run(a *app) error {
	path := campaignPath(c.Campaign)
	if c.Items {
		path += "?limit=" + strconv.Itoa(itemsPage)
	}
	body, err := c.call(a.ctx, http.MethodGet, path, engineer, nil, "campaign "+c.Campaign)
	if err != nil {
		return err
	}
	if c.Items {
		return c.items(a, body)
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	var found redriveCampaign
	if err := json.Unmarshal(body, &found); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if err := table(a.stdout, found.rows()); err != nil {
		return err
	}
	a.progress("Each lead: nigredo redrives get " + found.ID + " --items")
	return nil
}

// items prints every item behind the first page.
func (c *redrivesGetCmd) items(a *app, first json.RawMessage) error {
	all := []json.RawMessage{}
	err := c.eachPage(a, c.Campaign, first, func(page []json.RawMessage) bool {
		all = append(all, page...)
		return true
	})
	if err != nil {
		return err
	}
	if c.JSON {
		whole := map[string]any{}
		if err := json.Unmarshal(first, &whole); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		whole["items"] = all
		delete(whole, "cursor")
		return printJSON(a.stdout, whole)
	}
	rows := [][]string{{"POSITION", "LEAD", "STATE", "BATCH", "HOW", "REDRIVES", "SENT", "CLOSED", "ERROR", "EXECUTION", "NOTE"}}
	for _, raw := range all {
		var i redriveItem
		if err := json.Unmarshal(raw, &i); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		rows = append(rows, []string{
			count(i.Position), i.LeadID, i.State, count(i.Batch), cmp.Or(i.Mode, "-"), count(i.RedriveCount), clock(&i.SentAt), clock(&i.ClosedAt),
			cmp.Or(i.Error, "-"), cmp.Or(strings.TrimPrefix(i.ExecutionARN, executionPrefix), "-"), i.Note,
		})
	}
	return table(a.stdout, rows)
}

// eachPage gives every page of items, the first one being there, until more says
// that it has enough.
func (f apiFlags) eachPage(a *app, id string, page json.RawMessage, more func([]json.RawMessage) bool) error {
	for {
		var items struct {
			Items  []json.RawMessage `json:"items"`
			Cursor string            `json:"cursor"`
		}
		if err := json.Unmarshal(page, &items); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		if !more(items.Items) || items.Cursor == "" {
			return nil
		}
		var err error
		query := url.Values{"limit": {strconv.Itoa(itemsPage)}, "cursor": {items.Cursor}}
		if page, err = f.call(a.ctx, http.MethodGet, campaignPath(id)+"?"+query.Encode(), engineer, nil, "campaign "+id); err != nil {
			return err
		}
	}
}

// rows are the campaign for people. Counts of nothing are left out.
func (r redriveCampaign) rows() [][]string {
	rows := [][]string{{"campaign", r.ID}, {"status", r.Status}}
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []string{name, value})
		}
	}
	add("stop reason", r.StopReason)
	add("reason", r.Reason)
	add("failed from", strings.TrimSpace(cmp.Or(r.Filter.From, "ever")+" to "+r.Filter.To))
	add("error", r.Filter.Error)
	add("HTTP class", r.Filter.StatusClass)
	add("lead", r.Filter.LeadID)
	add("canary", count(r.Canary))
	add("at most a minute", count(r.RatePerMinute))
	add("stops at a share of", strconv.FormatFloat(r.StopShare, 'g', -1, 64))
	add("reached", r.phase())
	add("execution", fmt.Sprintf("redrive_campaign:redrive-%s-%d", r.ID, r.Part))
	add("leads", count(r.Counts.Total))
	for _, n := range []struct {
		name  string
		leads int
	}{
		{"pending", r.Counts.Pending},
		{"sent, on the way", r.Counts.Sent},
		{"delivered", r.Counts.Delivered},
		{"failed again", r.Counts.Failed},
		{"withheld", r.Counts.Withheld},
		{"skipped, done by others", r.Counts.Skipped},
		{"unsent", r.Counts.Unsent},
	} {
		if n.leads > 0 {
			add("  "+n.name, count(n.leads))
		}
	}
	if len(r.Actions) == 0 {
		add("created", clock(&r.CreatedAt)+" by "+r.CreatedBy)
	}
	for _, e := range r.Actions {
		add(e.Action, clock(&e.At)+" by "+e.Actor)
	}
	return rows
}

// phase names what is under way.
func (r redriveCampaign) phase() string {
	switch {
	case r.PlannedAt.IsZero():
		return "leads not listed yet"
	case r.Batch <= 1:
		return "canary"
	}
	return "batch " + count(r.Batch)
}

type redrivesWatchCmd struct{ campaignArg }

// Run follows the campaign.
func (c *redrivesWatchCmd) Run(a *app) error { return c.follow(a, c.Campaign, false, c.JSON) }

type redrivesPauseCmd struct{ campaignArg }

// Run pauses the campaign.
func (c *redrivesPauseCmd) Run(a *app) error {
	return c.steer(a, "pause", "Paused; what is on its way gets its outcome. Go on: nigredo redrives resume %s")
}

type redrivesResumeCmd struct{ campaignArg }

// Run resumes the campaign.
func (c *redrivesResumeCmd) Run(a *app) error {
	return c.steer(a, "resume", "Resumed. Watch it: nigredo redrives watch %s")
}

type redrivesCancelCmd struct{ campaignArg }

// Run cancels the campaign.
func (c *redrivesCancelCmd) Run(a *app) error {
	return c.steer(a, "cancel", "Cancelled; what is on its way gets its outcome. Each lead: nigredo redrives get %s --items")
}

func (c campaignArg) steer(a *app, action, done string) error {
	body, err := c.call(a.ctx, http.MethodPost, campaignPath(c.Campaign)+"/"+action, engineer, nil, "campaign "+c.Campaign)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	return a.println(fmt.Sprintf(done, c.Campaign))
}
