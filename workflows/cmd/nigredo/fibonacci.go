package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/alquimista-ai/nigredo/activities/fibonacci"
	"github.com/alquimista-ai/nigredo/workflows/local"
	"github.com/alquimista-ai/nigredo/workflows/local/inbox"
)

type fibonacciCmd struct {
	Events fibonacciEventsCmd `cmd:"" help:"List the events that the built-in receiver put on the bus, newest first."`
	Fault  fibonacciFaultCmd  `cmd:"" help:"Put the built-in receiver out of order for some time; without flags: show what is set."`
}

type fibonacciEventsCmd struct {
	databaseFlags
	jsonFlag
	Lead  string `placeholder:"ID" help:"Only events about this lead."`
	Limit int    `default:"25" help:"At most so many, 1000 at most."`
}

const maxEvents = 1000

// Run reads the database, so that it works while the program is down and the
// database is not.
func (c *fibonacciEventsCmd) Run(a *app) error {
	if c.Limit < 1 || c.Limit > maxEvents {
		return usage(fmt.Errorf("--limit is not within 1 and %d", maxEvents))
	}
	var about uuid.UUID
	if c.Lead != "" {
		var err error
		if about, err = uuid.Parse(c.Lead); err != nil {
			return usage(errors.New("--lead is not the id of a lead; nigredo leads list shows ids"))
		}
	}
	ctx, cancel := context.WithTimeout(a.ctx, callLimit)
	defer cancel()
	reach, stop := context.WithTimeout(ctx, databaseLimit)
	defer stop()
	conn, _, err := c.connect(reach, a)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // everything was read
	events, err := inbox.List(ctx, conn, about, c.Limit)
	if errors.Is(err, inbox.ErrNoTable) {
		return unreachable("%w: run nigredo migrate, or nigredo up", err)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(a.stdout, map[string]any{"events": events})
	}
	rows := [][]string{{"WEBHOOK-ID", "TYPE", "LEAD", "RECEIVED", "REPEATS"}}
	for _, e := range events {
		lead := "-"
		if e.LeadID != nil {
			lead = e.LeadID.String()
		}
		rows = append(rows, []string{e.WebhookID, e.Type, lead, clock(&e.ReceivedAt), strconv.Itoa(e.Repeats)})
	}
	return table(a.stdout, rows)
}

type fibonacciFaultCmd struct {
	dataFlags
	jsonFlag
	Status     *int           `placeholder:"CODE" help:"Answer this status, 100 to 599. One of 2xx loses events: the sender takes them for delivered."`
	RetryAfter *int           `placeholder:"SECONDS" help:"Send Retry-After with the status."`
	Slow       *time.Duration `placeholder:"TIME" help:"Wait so long first, 30s at most. Without --status and --reset the event is then taken, if the sender still waits: it gives up after 5s."`
	Reset      bool           `help:"Reset the connection without an answer."`
	Share      *float64       `placeholder:"P" help:"Only this share of the events, above 0 and at most 1; an event meets the fault at each try or never. Default: 1."`
	For        *time.Duration `placeholder:"TIME" help:"End by itself after this time, 24h at most. Default: 2m."`
	Off        bool           `help:"End the fault now."`
}

const defaultFault = 2 * time.Minute

// Run sets, ends or shows the fault.
func (c *fibonacciFaultCmd) Run(a *app) error {
	change := c.Status != nil || c.RetryAfter != nil || c.Slow != nil || c.Reset || c.Share != nil || c.For != nil
	switch {
	case c.Off && change:
		return usage(errors.New("--off goes with no other fault flag"))
	case c.Off:
		return c.end(a)
	case change:
		return c.set(a)
	}
	fault, err := local.Fault(c.DataDir, time.Now())
	switch {
	case errors.Is(err, local.ErrFaultDamaged):
		return fmt.Errorf("%w; nigredo fibonacci fault --off removes it", err)
	case errors.Is(err, fs.ErrNotExist):
		return c.neverStarted()
	case err != nil:
		return err
	}
	return c.print(a, fault)
}

func (c *fibonacciFaultCmd) end(a *app) error {
	err := local.ClearFault(c.DataDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c.neverStarted()
	case err != nil:
		return err
	}
	return c.print(a, nil)
}

func (c *fibonacciFaultCmd) neverStarted() error {
	return unreachable("nothing was ever started in %s: run nigredo up, or name its data folder with --data-dir", c.DataDir)
}

func (c *fibonacciFaultCmd) set(a *app) error {
	fault := fibonacci.Fault{Reset: c.Reset, Share: 1}
	lasting := defaultFault
	if c.Status != nil {
		if fault.Status = *c.Status; fault.Status == 0 {
			return usage(errors.New("fault: status 0 is not within 100 and 599"))
		}
	}
	if c.RetryAfter != nil {
		fault.RetryAfterSeconds = *c.RetryAfter
	}
	if c.Slow != nil {
		fault.SlowMilliseconds = c.Slow.Milliseconds()
	}
	if c.Share != nil {
		fault.Share = *c.Share
	}
	if c.For != nil {
		lasting = *c.For
	}
	set, err := local.SetFault(c.DataDir, fault, lasting, time.Now())
	switch {
	case errors.Is(err, local.ErrFault):
		return usage(err)
	case errors.Is(err, fs.ErrNotExist):
		return c.neverStarted()
	case err != nil:
		return err
	}
	if a.getenv("FIBONACCI_WEBHOOK_URL") != "" {
		a.progress("FIBONACCI_WEBHOOK_URL is set here: a nigredo up that was started with it does not use the built-in receiver, and this changes nothing there.")
	}
	return c.print(a, &set)
}

func (c *fibonacciFaultCmd) print(a *app, fault *fibonacci.Fault) error {
	if c.JSON {
		return printJSON(a.stdout, map[string]any{"fault": fault})
	}
	if fault == nil {
		return a.println("No fault is set: the built-in receiver works.")
	}
	return a.println(sentence(*fault))
}

// sentence says how the receiver is out of order.
func sentence(f fibonacci.Fault) string {
	var parts []string
	if f.SlowMilliseconds > 0 {
		parts = append(parts, "waits "+(time.Duration(f.SlowMilliseconds)*time.Millisecond).String())
	}
	switch {
	case f.Reset:
		parts = append(parts, "resets the connection")
	case f.Status != 0:
		status := "answers " + strconv.Itoa(f.Status)
		if f.RetryAfterSeconds > 0 {
			status += fmt.Sprintf(" (Retry-After: %d)", f.RetryAfterSeconds)
		}
		parts = append(parts, status)
	default:
		parts = append(parts, "does its work")
	}
	share := ""
	if f.Share < 1 {
		share = " for " + strconv.FormatFloat(math.Round(f.Share*10_000)/100, 'f', -1, 64) + "% of the events"
	}
	return fmt.Sprintf("Until %s the built-in receiver %s%s. nigredo fibonacci fault --off ends it now.",
		clock(&f.Until), strings.Join(parts, ", then "), share)
}
