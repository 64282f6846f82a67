package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"
)

// patience is how many looks in a row may go unanswered: a minute of them.
const patience = 60

// stillness is how many looks in a row may show the same: two minutes of them,
// longer than a delivery takes with all its retries.
const stillness = 120

// follow shows how a campaign goes until it ends, pauses or is no longer watched,
// then prints its report. It is an error when not every lead was delivered. known
// tells whether there surely is such a campaign.
func (f apiFlags) follow(a *app, id string, known, asJSON bool) error {
	m := newMeter(a)
	look := time.NewTicker(a.pollEvery)
	defer look.Stop()
	var last redriveCampaign
	for unanswered, still := 0, 0; ; {
		body, err := f.call(a.ctx, http.MethodGet, campaignPath(id)+"?limit=1", engineer, nil, "campaign "+id)
		var failed *failure
		switch {
		case a.ctx.Err() != nil:
			m.close()
			return a.leave(id, known)
		case errors.As(err, &failed) && failed.code == exitUnreachable && known && unanswered < patience:
			if unanswered++; unanswered == 1 {
				m.close()
				a.progress("No answer; the campaign goes on without it. Looking again…")
			}
		case err != nil:
			m.close()
			if known {
				a.progress("The campaign goes on without this window. Watch it again: nigredo redrives watch " + id)
			}
			return err
		default:
			unanswered, known = 0, true
			var now redriveCampaign
			if err := json.Unmarshal(body, &now); err != nil {
				return fmt.Errorf("read the answer: %w", err)
			}
			m.show(now)
			if now.ended() {
				m.close()
				return f.report(a, now, asJSON)
			}
			if still++; now.moved(last) {
				still = 0
			}
			if last = now; still == stillness {
				m.close()
				a.progress("Nothing has moved for two minutes. If its execution has died, this starts another: nigredo redrives resume " + id)
			}
		}
		select {
		case <-look.C:
		case <-a.ctx.Done():
			m.close()
			return a.leave(id, known)
		}
	}
}

// moved tells whether anything happened since an earlier look.
func (r redriveCampaign) moved(since redriveCampaign) bool {
	return r.Status != since.Status || r.PlannedAt != since.PlannedAt || r.Part != since.Part || r.Batch != since.Batch || r.Counts != since.Counts
}

// leave says that only the watching has ended.
func (a *app) leave(id string, known bool) error {
	if !known {
		return errors.New("interrupted before the API answered; is there such a campaign? nigredo redrives list")
	}
	a.progress("The campaign goes on without this window.\n" +
		"  Watch it:   nigredo redrives watch " + id + "\n" +
		"  Pause it:   nigredo redrives pause " + id + "\n" +
		"  Cancel it:  nigredo redrives cancel " + id)
	return nil
}

// ended tells whether nothing more happens without a person. What was sent when
// a campaign was cancelled still gets its outcome, but not from the campaign.
func (r redriveCampaign) ended() bool {
	return r.Status != "planned" && r.Status != "running"
}

// report prints what came of a campaign, and why leads failed again.
func (f apiFlags) report(a *app, r redriveCampaign, asJSON bool) error {
	first, err := f.call(a.ctx, http.MethodGet, fmt.Sprintf("%s?limit=%d", campaignPath(r.ID), itemsPage), engineer, nil, "campaign "+r.ID)
	if err != nil {
		return err
	}
	if asJSON {
		if err := printJSON(a.stdout, first); err != nil {
			return err
		}
		return r.outcome()
	}
	if err := table(a.stdout, r.rows()); err != nil {
		return err
	}
	if r.Counts.Failed > 0 {
		if err := f.causes(a, r, first); err != nil {
			return err
		}
	}
	a.progress("Each lead: nigredo redrives get " + r.ID + " --items")
	return r.outcome()
}

// causes prints the errors of the leads that failed again.
func (f apiFlags) causes(a *app, r redriveCampaign, first json.RawMessage) error {
	byError, found := map[string]int{}, 0
	err := f.eachPage(a, r.ID, first, func(page []json.RawMessage) bool {
		for _, raw := range page {
			var i redriveItem
			if json.Unmarshal(raw, &i) == nil && i.State == "failed" {
				byError[cmp.Or(i.Error, "-")]++
				found++
			}
		}
		return found < r.Counts.Failed
	})
	if err != nil {
		return err
	}
	rows := [][]string{{"FAILED AGAIN WITH", "LEADS"}}
	for _, name := range slices.Sorted(maps.Keys(byError)) {
		rows = append(rows, []string{name, count(byError[name])})
	}
	if err := a.println(""); err != nil {
		return err
	}
	return table(a.stdout, rows)
}

// outcome is nil when every lead was delivered that may be.
func (r redriveCampaign) outcome() error {
	switch r.Status {
	case "paused":
		return fmt.Errorf("the campaign is paused; go on: nigredo redrives resume %s", r.ID)
	case "stopped":
		return fmt.Errorf("the campaign stopped by itself (%s); repair the receiver, then: nigredo redrives resume %s", cmp.Or(printable(r.StopReason), "no reason given"), r.ID)
	case "cancelled":
		return fmt.Errorf("the campaign was cancelled; %d leads were not sent any more: a new campaign finds them", r.Counts.Unsent)
	}
	if r.Counts.Failed > 0 {
		return fmt.Errorf("%d of %d leads failed again; repair the cause, then plan again: nigredo redrive --plan", r.Counts.Failed, r.Counts.Total)
	}
	return nil
}

// meter shows progress: a bar on a terminal, else a line whenever the batch
// changes and every few looks between.
type meter struct {
	w        io.Writer
	terminal bool
	bar      *progressbar.ProgressBar
	phase    string
	said     string
	looks    int
}

// linesApart is how many looks lie between two lines of one batch.
const linesApart = 10

func newMeter(a *app) *meter { return &meter{w: a.stderr, terminal: a.isTerminal(a.stderr)} }

func (m *meter) show(r redriveCampaign) {
	n := r.Counts
	phase := r.phase()
	says := fmt.Sprintf("%s: sent %d, delivered %d, failed %d", phase, n.Sent, n.Delivered, n.Failed)
	if m.terminal {
		m.draw(says, n.Total-n.Pending-n.Sent, n.Total)
		return
	}
	says += fmt.Sprintf(", of %d", n.Total)
	m.looks++
	if says == m.said || phase == m.phase && m.looks < linesApart && !r.ended() {
		return
	}
	m.phase, m.said, m.looks = phase, says, 0
	_, _ = fmt.Fprintln(m.w, says) // nobody may be looking
}

// draw moves the bar, which fits 80 columns. What a bar cannot show, it leaves
// out.
func (m *meter) draw(says string, done, total int) {
	if total == 0 {
		return
	}
	if m.bar == nil {
		m.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(m.w), progressbar.OptionSetWidth(12), progressbar.OptionShowCount(),
			progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false), progressbar.OptionThrottle(0))
	}
	m.bar.Describe(says)
	_ = m.bar.Set(done)
}

// close ends the bar's line.
func (m *meter) close() {
	if m.bar != nil {
		_, _ = fmt.Fprintln(m.w)
		m.bar = nil
	}
}
