package local

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/alquimista-ai/nigredo/activities/lead"
	"github.com/alquimista-ai/nigredo/workflows/local/login"
)

// secrets are generated once per data folder. None leaves the program.
type secrets struct {
	// WebhookSecret is in Standard Webhooks' form, "whsec_" and base64.
	WebhookSecret string `json:"webhookSecret"`
	// Retiring is the webhook secret before, while it is still in force.
	Retiring *retiring `json:"retiringWebhookSecret,omitempty"`
	// LoginKey signs access tokens, PEM.
	LoginKey string `json:"loginKey"`
	// StampKey signs the stamps of forms, see lead.Stamper.
	StampKey string `json:"stampKey"`
}

// retiring is a secret that was replaced. It signs and verifies until its time.
type retiring struct {
	Secret string    `json:"secret"`
	Until  time.Time `json:"until"`
}

const webhookKeyBytes = 32

// rotating tells whether two webhook secrets are in force.
func (s secrets) rotating(now time.Time) bool {
	return s.Retiring != nil && now.Before(s.Retiring.Until)
}

// inForce are the webhook secrets that sign and verify now, the newest first.
func (s secrets) inForce(now time.Time) []string {
	if s.rotating(now) {
		return []string{s.WebhookSecret, s.Retiring.Secret}
	}
	return []string{s.WebhookSecret}
}

// loadSecrets reads the secrets below dir, or generates them when there are
// none. It refuses a file that it cannot make sense of: generating anew would
// change what receivers were told, without a word.
func loadSecrets(dir string) (secrets, error) {
	s, err := readSecrets(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return generateSecrets(dir)
	}
	if err == nil && s.StampKey == "" { // written by a version that had no stamps
		s.StampKey = lead.NewStampKey()
		err = writeSecrets(dir, s)
	}
	return s, err
}

func secretsFile(dir string) string { return filepath.Join(dir, "secrets") }

// readSecrets refuses with fs.ErrNotExist when none were generated.
func readSecrets(dir string) (secrets, error) {
	b, err := os.ReadFile(secretsFile(dir))
	if err != nil {
		return secrets{}, fmt.Errorf("read secrets: %w", err)
	}
	s, err := parseSecrets(b)
	if err != nil {
		return secrets{}, fmt.Errorf("read secrets: %s is damaged; restore it, or remove it to have new ones made", secretsFile(dir))
	}
	return s, nil
}

// parseSecrets gives an error that quotes nothing of the content.
func parseSecrets(content []byte) (secrets, error) {
	var s secrets
	if err := json.Unmarshal(content, &s); err != nil {
		return secrets{}, errors.New("it is not JSON of the form that was written")
	}
	if s.LoginKey == "" || checkSecret(s.WebhookSecret) != nil || s.Retiring != nil && checkSecret(s.Retiring.Secret) != nil {
		return secrets{}, errors.New("a secret is missing or cut off")
	}
	if s.StampKey != "" {
		if _, err := lead.NewStamper(s.StampKey); err != nil {
			return secrets{}, err
		}
	}
	return s, nil
}

func generateSecrets(dir string) (secrets, error) {
	loginKey, err := login.NewKey()
	if err != nil {
		return secrets{}, fmt.Errorf("generate secrets: %w", err)
	}
	s := secrets{WebhookSecret: newWebhookSecret(), LoginKey: string(loginKey), StampKey: lead.NewStampKey()}
	if err := writeSecrets(dir, s); err != nil {
		return secrets{}, fmt.Errorf("generate secrets: %w", err)
	}
	return s, nil
}

func newWebhookSecret() string {
	key := make([]byte, webhookKeyBytes)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	return "whsec_" + base64.StdEncoding.EncodeToString(key)
}

func writeSecrets(dir string, s secrets) error {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(secretsFile(dir), append(b, '\n'))
}
