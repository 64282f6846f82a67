package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/google/uuid"
)

// redriveWindow is how long after its end an execution can be redriven, and the
// range of a campaign that names none.
const redriveWindow = 14 * 24 * time.Hour

// The defaults of a campaign, as the help below and the API have them.
const (
	defaultCanary    = 5
	defaultRate      = 60
	defaultStopShare = 0.2
)

type redriveCmd struct {
	sfnFlags
	apiFlags
	jsonFlag
	Execution string `arg:"" optional:"" help:"ARN of one execution, its name, or the id of the lead it delivers: add --reason to have the ledger say who and why. Without it, a campaign."`

	Error string `placeholder:"NAME" help:"Campaign: only deliveries that failed with this error, such as Fibonacci.Unavailable."`
	Class string `enum:"3xx,4xx,5xx,none," default:"" help:"Campaign: only those whose newest attempt was answered so (3xx, 4xx, 5xx); none: not answered."`
	Since age    `placeholder:"AGE" help:"Campaign: failed within this time: 90m, 24h, 7d, 1d12h. Default 14d."`
	From  string `placeholder:"TIME" help:"Campaign: failed at or after, RFC 3339, in place of --since."`
	To    string `placeholder:"TIME" help:"Campaign: failed before, RFC 3339."`

	Plan      bool     `help:"Campaign: show what would be delivered again, and do nothing."`
	Reason    string   `placeholder:"TEXT" help:"Run it: the campaign, or the redrive of one lead. Everybody who reads the report sees the reason; it must not name persons."`
	Canary    *int     `placeholder:"LEADS" help:"Campaign: so many leads go first, alone; 1 to 100. Default: 5."`
	Rate      *int     `placeholder:"LEADS" help:"Campaign: at most so many leads a minute; 1 to 6000. Default: 60."`
	StopShare *float64 `name:"stop-share" placeholder:"P" help:"Campaign: stop when more than this share of a batch fails; 0 to 1. Default: 0.2."`
	Yes       bool     `help:"Campaign: do not ask."`
	Detach    bool     `help:"With --reason: start it, print the campaign's id and leave."`
}

// Run redrives one execution, or plans and runs a campaign.
func (c *redriveCmd) Run(a *app) error {
	campaign := c.Plan || c.Yes || c.Canary != nil || c.Rate != nil || c.StopShare != nil || c.Since > 0 || c.Error+c.Class+c.From+c.To != ""
	switch {
	case c.Execution != "" && campaign:
		return usage(errors.New("an execution is redriven alone: leave the flags of a campaign out, or the execution"))
	case c.Execution != "" && c.Reason != "":
		return c.lead(a)
	case c.Execution != "" && c.Detach:
		return usage(errors.New("--detach goes with --reason"))
	case c.Execution != "":
		return c.one(a)
	case !c.Plan && c.Reason == "":
		return usage(errors.New("name an execution; or add --plan to see what a campaign would deliver again, --reason to run it"))
	}
	wanted, err := c.request(time.Now())
	if err != nil {
		return usage(err)
	}
	if c.Plan {
		return c.show(a, wanted)
	}
	return c.campaign(a, wanted)
}

var deliveryName = regexp.MustCompile(`:` + deliveryMachine + `:lead-([0-9a-fA-F-]{36})(?:-\d+)?$`)

// leadOf gives the lead that an execution delivers, by its name: lead-<id>, or
// lead-<id>-<n> when a campaign started it.
func leadOf(arn string) (uuid.UUID, bool) {
	m := deliveryName.FindStringSubmatch(arn)
	if m == nil {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(m[1])
	return id, err == nil
}

// lead redrives one lead through the API, which records who and why, and follows
// it as the campaign of one that it is.
func (c *redriveCmd) lead(a *app) error {
	id, ok := leadOf(executionArg{c.Execution}.arn())
	if !ok {
		return usage(errors.New("--reason is for the delivery of a lead: name it by the id of the lead, or leave --reason out"))
	}
	body := struct {
		Reason string `json:"reason"`
	}{c.Reason}
	// Interrupted here, it would be unknown whether there is a campaign.
	answer, err := c.call(context.WithoutCancel(a.ctx), http.MethodPost, "/api/leads/"+id.String()+"/redrive", engineer, body, "lead "+id.String())
	if err != nil {
		return err
	}
	return c.started(a, answer)
}

// one redrives the execution and says when.
func (c *redriveCmd) one(a *app) error {
	ctx, cancel := context.WithTimeout(a.ctx, callLimit)
	defer cancel()
	arn := executionArg{c.Execution}.arn()
	out, err := c.client().RedriveExecution(ctx, &sfn.RedriveExecutionInput{ExecutionArn: aws.String(arn)})
	if err != nil {
		return c.explain(err, "execution "+c.Execution)
	}
	if strings.Contains(arn, ":"+deliveryMachine+":") {
		name := "<id of the lead>"
		if id, ok := leadOf(arn); ok {
			name = id.String()
		}
		a.progress("The ledger will call this a redrive made outside: it knows neither who nor why. To give a reason, the next time: nigredo redrive " + name + ` --reason "…"`)
	}
	if c.JSON {
		return printJSON(a.stdout, map[string]any{"executionArn": arn, "redriveDate": out.RedriveDate})
	}
	return a.println(fmt.Sprintf("Redriven at %s. See how it goes: nigredo executions get %s", clock(out.RedriveDate), c.Execution))
}

// redriveRequest is the body of POST /api/redrives.
type redriveRequest struct {
	Filter        redriveFilter `json:"filter"`
	DryRun        bool          `json:"dryRun"`
	Reason        string        `json:"reason,omitempty"`
	Canary        int           `json:"canary"`
	RatePerMinute int           `json:"ratePerMinute"`
	StopShare     float64       `json:"stopShare"`
}

type redriveFilter struct {
	From        string `json:"from,omitempty"`
	To          string `json:"to,omitempty"`
	Error       string `json:"error,omitempty"`
	StatusClass string `json:"statusClass,omitempty"`
	LeadID      string `json:"leadId,omitempty"`
}

// request fixes the range, so that what runs is what was planned.
func (c *redriveCmd) request(now time.Time) (redriveRequest, error) {
	to := now.UTC().Truncate(time.Millisecond)
	span := redriveWindow
	var err error
	switch {
	case c.Since > 0 && c.From+c.To != "":
		return redriveRequest{}, errors.New("give --since, or --from and --to")
	case c.Since > 0:
		span = time.Duration(c.Since)
	case c.To != "":
		if to, err = time.Parse(time.RFC3339, c.To); err != nil {
			return redriveRequest{}, errors.New("--to is no time as in 2026-11-21T00:00:00Z")
		}
	}
	from := to.Add(-span)
	if c.From != "" {
		if from, err = time.Parse(time.RFC3339, c.From); err != nil {
			return redriveRequest{}, errors.New("--from is no time as in 2026-11-21T00:00:00Z")
		}
	}
	share := or(c.StopShare, defaultStopShare)
	if !(share >= 0 && share <= 1) { // NaN is neither, and no JSON
		return redriveRequest{}, errors.New("--stop-share is not within 0 and 1")
	}
	return redriveRequest{
		Filter: redriveFilter{From: stamp(from), To: stamp(to), Error: c.Error, StatusClass: c.Class},
		Reason: c.Reason, Canary: or(c.Canary, defaultCanary), RatePerMinute: or(c.Rate, defaultRate), StopShare: share,
	}, nil
}

// or gives what a flag was given, else its default.
func or[T any](given *T, otherwise T) T {
	if given == nil {
		return otherwise
	}
	return *given
}

// stamp writes a time as the API does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// ask asks for the plan.
func (c *redriveCmd) ask(a *app, wanted redriveRequest) (redrivePlan, json.RawMessage, error) {
	wanted.DryRun = true
	body, err := c.call(a.ctx, http.MethodPost, "/api/redrives", engineer, wanted, "plan")
	if err != nil {
		return redrivePlan{}, nil, err
	}
	var plan redrivePlan
	if err := json.Unmarshal(body, &plan); err != nil {
		return redrivePlan{}, nil, fmt.Errorf("read the answer: %w", err)
	}
	return plan, body, nil
}

// show prints the plan and how to run it.
func (c *redriveCmd) show(a *app, wanted redriveRequest) error {
	plan, body, err := c.ask(a, wanted)
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, body)
	}
	if err := plan.print(a.stdout, wanted); err != nil {
		return err
	}
	if plan.Total == 0 {
		return nil
	}
	return a.println("\nRun it:\n  " + wanted.command())
}

// campaign shows the plan, asks, starts the campaign and follows it.
func (c *redriveCmd) campaign(a *app, wanted redriveRequest) error {
	if !c.Yes && !a.isTerminal(a.stdin) {
		return usage(errors.New("nobody can be asked, since standard input is no terminal: add --yes to run the campaign, or --plan to look only"))
	}
	plan, _, err := c.ask(a, wanted)
	if a.ctx.Err() != nil {
		return errUntouched
	}
	if err != nil {
		return err
	}
	if err := plan.print(a.stderr, wanted); err != nil {
		return err
	}
	if plan.Total == 0 {
		return refused("nothing would be delivered again: widen the filter, or see nigredo redrives list")
	}
	if !c.Yes {
		yes, err := a.confirm(fmt.Sprintf("\nDeliver %d leads again, %d of them first, at most %d a minute?", plan.Total, min(plan.Total, wanted.Canary), wanted.RatePerMinute))
		if err != nil {
			return err
		}
		if !yes {
			return errUntouched
		}
	}
	// Interrupted here, it would be unknown whether there is a campaign.
	body, err := c.call(context.WithoutCancel(a.ctx), http.MethodPost, "/api/redrives", engineer, wanted, "campaign")
	if err != nil {
		return err
	}
	return c.started(a, body)
}

// started prints the id of the campaign that the API answered with, or follows it.
func (c *redriveCmd) started(a *app, body json.RawMessage) error {
	var started redriveCampaign
	if err := json.Unmarshal(body, &started); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if c.Detach {
		a.progress("Started. Watch it: nigredo redrives watch " + started.ID)
		if c.JSON {
			return printJSON(a.stdout, body)
		}
		return a.println(started.ID)
	}
	a.progress("\nStarted campaign " + started.ID + ". Ctrl-C leaves it running.")
	return c.follow(a, started.ID, true, c.JSON)
}

var errUntouched = errors.New("nothing was started")

// confirm asks a yes-or-no question. An interruption is no.
func (a *app) confirm(question string) (bool, error) {
	if _, err := fmt.Fprint(a.stderr, question+" [y/N] "); err != nil {
		return false, err
	}
	answers := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(a.stdin).ReadString('\n') // what ends without an answer is no
		answers <- strings.ToLower(strings.TrimSpace(line))
	}()
	select {
	case answer := <-answers:
		return answer == "y" || answer == "yes", nil
	case <-a.ctx.Done():
		return false, nil
	}
}

// redrivePlan is the plan as the API gives it.
type redrivePlan struct {
	Total          int `json:"total"`
	Redrivable     int `json:"redrivable"`
	Fresh          int `json:"fresh"`
	WouldFailAgain int `json:"wouldFailAgain"`
	Withheld       int `json:"withheld"`
	Busy           int `json:"busy"`

	Oldest        time.Time `json:"oldest"`
	Newest        time.Time `json:"newest"`
	SoonestExpiry time.Time `json:"soonestExpiry"`

	Causes []struct {
		Error      string `json:"error"`
		StatusCode int    `json:"statusCode"`
		Count      int    `json:"count"`
	} `json:"causes"`
	Sample []struct {
		LeadID     string    `json:"leadId"`
		Error      string    `json:"error"`
		StatusCode int       `json:"statusCode"`
		FailedAt   time.Time `json:"failedAt"`
		Fresh      bool      `json:"fresh"`
	} `json:"sample"`
}

// print writes the plan for people.
func (p redrivePlan) print(w io.Writer, wanted redriveRequest) error {
	err := table(w, [][]string{
		{"failed from", wanted.Filter.From + " to " + wanted.Filter.To},
		{"would be delivered again", count(p.Total)},
		{"  redrivable", count(p.Redrivable) + "  their execution goes on where it failed"},
		{"  past 14 days", count(p.Fresh) + "  a fresh execution under the same webhook-id"},
		{"  would fail again", count(p.WouldFailAgain) + "  Fibonacci rejected the event itself; repair that first"},
		{"left out, erased or quarantined", count(p.Withheld)},
		{"left out, busy in another campaign", count(p.Busy)},
		{"oldest failure", clock(&p.Oldest)},
		{"newest failure", clock(&p.Newest)},
		{"first past 14 days at", clock(&p.SoonestExpiry)},
		{"takes at least", pace(p.Total, wanted.RatePerMinute)},
	})
	if err != nil {
		return err
	}
	causes := [][]string{{"ERROR", "HTTP", "LEADS"}}
	for _, c := range p.Causes {
		causes = append(causes, []string{cmp.Or(c.Error, "-"), httpStatus(c.StatusCode), count(c.Count)})
	}
	sample := [][]string{{"LEAD, FOR EXAMPLE", "FAILED", "ERROR", "HTTP", "HOW"}}
	for _, s := range p.Sample {
		how := "redrive"
		if s.Fresh {
			how = "fresh"
		}
		sample = append(sample, []string{s.LeadID, clock(&s.FailedAt), cmp.Or(s.Error, "-"), httpStatus(s.StatusCode), how})
	}
	for _, rows := range [][][]string{causes, sample} {
		if len(rows) == 1 {
			continue
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
		if err := table(w, rows); err != nil {
			return err
		}
	}
	return nil
}

func count(n int) string { return strconv.Itoa(n) }

// httpStatus shows an answer's status; there may have been none.
func httpStatus(code int) string {
	if code == 0 {
		return "none"
	}
	return strconv.Itoa(code)
}

// pace is how long so many leads take at a rate.
func pace(leads, perMinute int) string {
	if perMinute < 1 {
		return "-"
	}
	return (time.Duration(leads) * time.Minute / time.Duration(perMinute)).Round(time.Second).String()
}

// command is what a shell must be given to run the campaign.
func (r redriveRequest) command() string {
	words := []string{"nigredo", "redrive"}
	add := func(flag, value string) { words = append(words, flag, shellWord(value)) }
	if r.Filter.Error != "" {
		add("--error", r.Filter.Error)
	}
	if r.Filter.StatusClass != "" {
		add("--class", r.Filter.StatusClass)
	}
	add("--from", r.Filter.From)
	add("--to", r.Filter.To)
	if r.Reason == "" {
		words = append(words, `--reason "…"`)
	} else {
		add("--reason", r.Reason)
	}
	if r.Canary != defaultCanary {
		add("--canary", count(r.Canary))
	}
	if r.RatePerMinute != defaultRate {
		add("--rate", count(r.RatePerMinute))
	}
	if r.StopShare != defaultStopShare {
		add("--stop-share", strconv.FormatFloat(r.StopShare, 'g', -1, 64))
	}
	return strings.Join(words, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9._:/@%+=-]+$`)

func shellWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
