package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/alquimista-ai/nigredo/activities/receiver"
	"github.com/alquimista-ai/nigredo/workflows/local"
)

type receiverCmd struct {
	Check receiverCheckCmd `cmd:"" help:"Send test events to a webhook receiver, good ones and bad ones, and say what to fix."`
}

type receiverCheckCmd struct {
	dataFlags
	jsonFlag
	URL          string        `arg:"" optional:"" help:"The receiver; default: the built-in one of nigredo up."`
	Secret       string        `config:"FIBONACCI_WEBHOOK_SECRET" placeholder:"whsec_…" help:"Secret that signs webhooks, two with a blank between them while one is replaced; default: the one of the data folder."`
	Timeout      time.Duration `default:"15s" help:"How long an answer is waited for; over 5s, which is how long it may take."`
	AllowPrivate bool          `help:"Send plain http to private addresses too, not only to this machine."`
}

// longestTimeout keeps the whole within minutes.
const longestTimeout = time.Minute

// Run prints the scorecard, whatever the marks.
func (c *receiverCheckCmd) Run(a *app) error {
	if c.Timeout <= receiver.DefaultLimit || c.Timeout > longestTimeout {
		return usage(fmt.Errorf("--timeout is not over %s and at most %s", receiver.DefaultLimit, longestTimeout))
	}
	url, err := c.url()
	if err != nil {
		return err
	}
	secret, err := c.secret()
	if err != nil {
		return err
	}
	target := receiver.Target{URL: url, Secrets: strings.Fields(secret), Private: c.AllowPrivate}
	card, err := receiver.Check(a.ctx, target, receiver.Options{
		Timeout:  c.Timeout,
		Progress: func(r receiver.Result) { a.progress(r.Name + ": " + string(r.Status)) },
	})
	if errors.Is(err, receiver.ErrTarget) {
		return usage(err)
	}
	if err != nil {
		return fmt.Errorf("receiver check: %w", err)
	}
	if c.JSON {
		err = printJSON(a.stdout, card)
	} else {
		err = printScorecard(a.stdout, card)
	}
	switch {
	case err != nil:
		return err
	case !card.Reachable && c.URL == "":
		return unreachable("the built-in receiver does not answer; start it with nigredo up, or name the URL of another one")
	case !card.Reachable:
		return unreachable("%s does not answer; what to do stands above", card.URL)
	case !card.Full():
		return errors.New("the receiver did not pass every check; what to fix stands above")
	}
	return nil
}

func (c *receiverCheckCmd) url() (string, error) {
	if c.URL != "" {
		return c.URL, nil
	}
	url, err := local.ReceiverURL(c.DataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", unreachable("no built-in receiver runs in %s: start it with nigredo up without FIBONACCI_WEBHOOK_URL, name its data folder with --data-dir, or name the URL of another receiver", c.DataDir)
	}
	return url, err
}

func (c *receiverCheckCmd) secret() (string, error) {
	if c.Secret != "" {
		return c.Secret, nil
	}
	inForce, _, err := local.WebhookSecrets(c.DataDir, time.Now())
	if errors.Is(err, fs.ErrNotExist) {
		return "", usage(fmt.Errorf("there is no secret in %s: give the receiver's with --secret, or name the data folder with --data-dir", c.DataDir))
	}
	secrets := make([]string, len(inForce))
	for i, s := range inForce {
		secrets[i] = s.Secret
	}
	return strings.Join(secrets, " "), err
}

// printScorecard writes a line for each check, then what to fix.
func printScorecard(w io.Writer, card receiver.Scorecard) error {
	rows := [][]string{{"CHECK", "RESULT", "WANTED", "CAME BACK", "SLOWEST"}}
	for _, r := range card.Checks {
		came, slowest := answers(r)
		rows = append(rows, []string{r.Name, string(r.Status), r.Want, came, slowest})
	}
	if err := table(w, rows); err != nil {
		return err
	}
	var b strings.Builder
	for _, r := range card.Checks {
		if r.Note != "" && (r.Status == receiver.Passed || r.Status == receiver.NotRun && len(r.Answers) > 0) {
			fmt.Fprintf(&b, "\n%s: %s.\n", r.Name, r.Note)
		}
		if r.Status != receiver.Failed {
			continue
		}
		fmt.Fprintf(&b, "\n%s failed, wanted %s:\n", r.Name, r.Want)
		for _, one := range r.Answers {
			fmt.Fprintf(&b, "  %s: %s (%s)\n", one.Sent, one, one.WebhookID)
		}
		fmt.Fprintf(&b, "  To fix: %s\n", r.Fix)
		if r.Snippet != "" {
			b.WriteString("\n    " + strings.ReplaceAll(strings.TrimSuffix(r.Snippet, "\n"), "\n", "\n    ") + "\n")
		}
	}
	if card.Reachable {
		fmt.Fprintf(&b, "\nSlowest answer %d ms, median %d ms; a delivery waits %s.", card.SlowestMS, card.MedianMS, receiver.DefaultLimit)
	}
	_, err := fmt.Fprintf(w, "%s\n%s\n", b.String(), strings.TrimSuffix(card.Verdict, ".")+".")
	return err
}

// answers are the statuses of a check, and its slowest time.
func answers(r receiver.Result) (statuses, slowest string) {
	if len(r.Answers) == 0 {
		return "-", "-"
	}
	var all []string
	var most int64
	for _, a := range r.Answers {
		status := "none"
		if a.Status != 0 {
			status = strconv.Itoa(a.Status)
		}
		all = append(all, status)
		most = max(most, a.MS)
	}
	return strings.Join(all, " "), strconv.FormatInt(most, 10) + " ms"
}
