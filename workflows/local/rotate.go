package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/alquimista-ai/nigredo/workflows/local/flock"
)

// maxOverlap is how long two webhook secrets may be in force at most: a month is
// time enough to tell a receiver's operator.
const maxOverlap = 30 * 24 * time.Hour

// ErrSecretsUnused is returned by RotateSecret when "up" was last started on the
// folder with FIBONACCI_WEBHOOK_SECRET: what the folder holds signs nothing.
var ErrSecretsUnused = errors.New("webhooks are signed with FIBONACCI_WEBHOOK_SECRET")

// ErrOverlap is returned by RotateSecret for a time that is negative or too long.
var ErrOverlap = errors.New("overlap")

// RotatingError is returned by RotateSecret while the secret before is still in
// force.
type RotatingError struct{ Until time.Time }

func (e *RotatingError) Error() string {
	return "the webhook secret before is in force until " + e.Until.UTC().Format(time.RFC3339)
}

// Rotation is what RotateSecret did.
type Rotation struct {
	Secret   string    // the new one
	OldUntil time.Time // how long the one before is in force
}

// RotateSecret makes a new webhook secret. The one before signs and verifies
// beside it for overlap. A program that runs on the folder uses both from its next
// event on. It refuses with ErrOverlap, with fs.ErrNotExist where nothing was ever started,
// with ErrSecretsUnused, with a *RotatingError unless force ends the secret before the
// last at once, and with flock.ErrHeld while another rotation is under way.
func RotateSecret(dir string, overlap time.Duration, force bool, now time.Time) (Rotation, error) {
	if overlap < 0 || overlap > maxOverlap {
		return Rotation{}, fmt.Errorf("%w: not within 0 and %s", ErrOverlap, maxOverlap)
	}
	if _, err := readSecrets(dir); err != nil { // before the lock, which would make the folder
		return Rotation{}, err
	}
	lock, err := flock.Try(secretsFile(dir) + ".lock")
	if err != nil {
		return Rotation{}, err
	}
	defer lock.Release() //nolint:errcheck // the kernel drops it in any case
	unused, err := secretsUnused(dir)
	if err != nil {
		return Rotation{}, err
	}
	if unused {
		return Rotation{}, ErrSecretsUnused
	}
	s, err := readSecrets(dir)
	if err != nil {
		return Rotation{}, err
	}
	if s.rotating(now) && !force {
		return Rotation{}, &RotatingError{Until: s.Retiring.Until}
	}
	until := now.Add(overlap).UTC()
	s.Retiring = &retiring{Secret: s.WebhookSecret, Until: until}
	if overlap == 0 {
		s.Retiring = nil
	}
	s.WebhookSecret = newWebhookSecret()
	if err := writeSecrets(dir, s); err != nil {
		return Rotation{}, fmt.Errorf("rotate the webhook secret: %w", err)
	}
	return Rotation{Secret: s.WebhookSecret, OldUntil: until}, nil
}

// WebhookSecret is one that is in force.
type WebhookSecret struct {
	Secret string
	Until  time.Time // zero: until it is rotated
}

// WebhookSecrets gives the secrets of a data folder that are in force, the newest
// first, and whether they sign anything: see ErrSecretsUnused. It refuses with
// fs.ErrNotExist where nothing was ever started.
func WebhookSecrets(dir string, now time.Time) (inForce []WebhookSecret, used bool, err error) {
	s, err := readSecrets(dir)
	if err != nil {
		return nil, false, err
	}
	unused, err := secretsUnused(dir)
	if err != nil {
		return nil, false, err
	}
	inForce = []WebhookSecret{{Secret: s.WebhookSecret}}
	if s.rotating(now) {
		inForce = append(inForce, WebhookSecret{s.Retiring.Secret, s.Retiring.Until})
	}
	return inForce, !unused, nil
}

// unusedFile stands beside the secrets while the last start had others: a command
// does not see the environment of the program that runs.
func unusedFile(dir string) string { return filepath.Join(dir, "secrets.unused") }

func secretsUnused(dir string) (bool, error) {
	_, err := os.Stat(unusedFile(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// signing gives the webhook secrets in force, for every event anew: those of the
// environment, which stay, or those of the data folder. It says which in the log,
// and leaves word for commands.
func signing(cfg settled, now func() time.Time) (func() ([]string, error), error) {
	if cfg.WebhookSecret != "" {
		const why = "The last nigredo up on this folder was started with FIBONACCI_WEBHOOK_SECRET.\n"
		if err := replaceFile(unusedFile(cfg.DataDir), []byte(why)); err != nil {
			return nil, err
		}
		fixed := strings.Fields(cfg.WebhookSecret)
		cfg.log.Info("Local: webhooks are signed with the secrets of the environment",
			zap.String("secret_source", "FIBONACCI_WEBHOOK_SECRET"), zap.Int("secrets", len(fixed)))
		return func() ([]string, error) { return fixed, nil }, nil
	}
	if err := os.Remove(unusedFile(cfg.DataDir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	file := &watched[secrets]{path: secretsFile(cfg.DataDir), parse: parseSecrets}
	s, _, err := file.get()
	if err != nil {
		return nil, err
	}
	cfg.log.Info("Local: webhooks are signed with the secrets of the data folder",
		zap.String("secret_source", file.path), zap.Int("secrets", len(s.inForce(now()))))
	return func() ([]string, error) {
		s, changed, err := file.get()
		switch {
		case changed && err != nil:
			cfg.log.Error("Local: the secrets cannot be read any more; those read before stay in force", zap.NamedError("error_message", err))
		case changed:
			cfg.log.Info("Local: webhook secrets were changed", zap.Int("secrets", len(s.inForce(now()))))
		}
		return s.inForce(now()), nil
	}, nil
}
