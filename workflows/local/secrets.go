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

	"github.com/alquimista-ai/nigredo/workflows/local/login"
)

// secrets are generated once per data folder. None leaves the program.
type secrets struct {
	// WebhookSecret is in Standard Webhooks' form, "whsec_" and base64.
	WebhookSecret string `json:"webhookSecret"`
	// LoginKey signs access tokens, PEM.
	LoginKey string `json:"loginKey"`
}

const webhookKeyBytes = 32

// loadSecrets reads the secrets below dir, or generates them when there are
// none. It refuses a file that it cannot make sense of: generating anew would
// change what receivers were told, without a word.
func loadSecrets(dir string) (secrets, error) {
	s, err := readSecrets(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return generateSecrets(dir)
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
	var s secrets
	if err := json.Unmarshal(b, &s); err != nil || s.WebhookSecret == "" || s.LoginKey == "" {
		return secrets{}, fmt.Errorf("read secrets: %s is damaged; restore it, or remove it to have new ones made", secretsFile(dir))
	}
	return s, nil
}

func generateSecrets(dir string) (secrets, error) {
	key := make([]byte, webhookKeyBytes)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	loginKey, err := login.NewKey()
	if err != nil {
		return secrets{}, fmt.Errorf("generate secrets: %w", err)
	}
	s := secrets{WebhookSecret: "whsec_" + base64.StdEncoding.EncodeToString(key), LoginKey: string(loginKey)}
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return secrets{}, fmt.Errorf("generate secrets: %w", err)
	}
	// Renamed into place, so that a file of that name is always whole.
	fresh := secretsFile(dir) + ".new"
	if err := errors.Join(os.WriteFile(fresh, append(b, '\n'), 0o600), os.Rename(fresh, secretsFile(dir))); err != nil {
		return secrets{}, fmt.Errorf("generate secrets: %w", err)
	}
	return s, nil
}
