package main

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/alquimista-ai/nigredo/workflows/local"
	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

type secretCmd struct {
	Show   secretShowCmd   `cmd:"" help:"Print which webhook secrets are in force, and until when."`
	Rotate secretRotateCmd `cmd:"" help:"Make a new webhook secret and print it. The one before stays in force for a time."`
}

// nothingStarted is for a data folder without secrets.
func nothingStarted(dir string) error {
	return unreachable("nothing was ever started in %s, so there is no secret: run nigredo up, or name its data folder with --data-dir", dir)
}

// unused tells that the secrets of the data folder sign nothing, and what to do.
const unused = "webhooks are signed with FIBONACCI_WEBHOOK_SECRET, and the secrets of %s are not in use. " +
	"To rotate, start nigredo up with the new secret and the old one there, new one first, with a blank between them; later with the new one alone"

type secretShowCmd struct {
	dataFlags
	jsonFlag
	Reveal bool `help:"Print them whole."`
}

// Run prints the secrets, masked unless asked otherwise.
func (c *secretShowCmd) Run(a *app) error {
	inForce, used, err := local.WebhookSecrets(c.DataDir, time.Now())
	if errors.Is(err, fs.ErrNotExist) {
		return nothingStarted(c.DataDir)
	}
	if err != nil {
		return err
	}
	used = used && a.getenv("FIBONACCI_WEBHOOK_SECRET") == ""
	if !used {
		a.progress(fmt.Sprintf("Note: "+unused+".", c.DataDir))
	}
	type shown struct {
		Secret string     `json:"secret"`
		Until  *time.Time `json:"until"` // null: until it is rotated
	}
	secrets := make([]shown, len(inForce))
	rows := [][]string{{"SECRET", "IN FORCE UNTIL"}}
	for i, s := range inForce {
		secrets[i].Secret = s.Secret
		if !c.Reveal {
			secrets[i].Secret = masked(s.Secret)
		}
		until := "rotated"
		if !s.Until.IsZero() {
			secrets[i].Until = &inForce[i].Until
			until = clock(&s.Until)
		}
		rows = append(rows, []string{secrets[i].Secret, until})
	}
	if c.JSON {
		return printJSON(a.stdout, map[string]any{"inUse": used, "secrets": secrets})
	}
	return table(a.stdout, rows)
}

// masked keeps enough of a secret to tell it from another: 24 of its bits.
func masked(secret string) string { return secret[:len("whsec_")+4] + "…" }

type secretRotateCmd struct {
	dataFlags
	Overlap time.Duration `default:"24h" placeholder:"TIME" help:"How long the secret before stays in force, 720h at most; 0 ends it at once."`
	Force   bool          `help:"Rotate although a rotation is under way: the secret before the last ends at once."`
}

// Run prints the new secret alone; what to do with it goes to standard error.
func (c *secretRotateCmd) Run(a *app) error {
	if a.getenv("FIBONACCI_WEBHOOK_SECRET") != "" {
		return refused(unused, c.DataDir)
	}
	rotation, err := local.RotateSecret(c.DataDir, c.Overlap, c.Force, time.Now())
	var rotating *local.RotatingError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nothingStarted(c.DataDir)
	case errors.Is(err, local.ErrSecretsUnused):
		return refused(unused, c.DataDir)
	case errors.As(err, &rotating):
		return refused("a rotation is under way: the next is possible at %s, when the secret before ends; --force ends it at once", clock(&rotating.Until))
	case errors.Is(err, flock.ErrHeld):
		return refused("another rotation is under way at this moment: see nigredo secret show")
	case errors.Is(err, local.ErrOverlap):
		return usage(err)
	case err != nil:
		return err
	}
	if err := a.println(rotation.Secret); err != nil {
		return err
	}
	if c.Overlap == 0 {
		a.progress("The secret before has ended. Give this one to the operator of the receiver now: until the receiver has it, it refuses every event.")
	} else {
		a.progress(fmt.Sprintf("Every event now carries two signatures, of this secret and of the one before, which ends at %s.\n"+
			"By then the operator of the receiver must have replaced the old secret by this one. Nothing has to be restarted here.", clock(&rotation.OldUntil)))
	}
	a.progress("The built-in receiver knows it already. nigredo secret show says what is in force; add --reveal to see a secret again.")
	return nil
}
