package local

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/alquimista-ai/nigredo/activities/lead"
)

func TestLoadSecrets_GeneratedOnceAndPrivate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := loadSecrets(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := loadSecrets(dir)
	if err != nil || !reflect.DeepEqual(first, second) {
		t.Errorf("the second load gave other secrets (%v)", err)
	}
	if _, err := lead.NewStamper(first.StampKey); err != nil {
		t.Error(err)
	}
	if err := checkSecret(first.WebhookSecret); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(filepath.Join(dir, "secrets"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
}

// A data folder of a version before the stamps gets a key, and keeps the rest.
func TestLoadSecrets_AddsAStampKeyToOlderSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	older, err := loadSecrets(dir)
	if err != nil {
		t.Fatal(err)
	}
	older.StampKey = ""
	if err := writeSecrets(dir, older); err != nil {
		t.Fatal(err)
	}
	first, err := loadSecrets(dir)
	if err != nil || first.StampKey == "" || first.WebhookSecret != older.WebhookSecret || first.LoginKey != older.LoginKey {
		t.Fatalf("other secrets, or no stamp key (%v)", err)
	}
	if second, err := loadSecrets(dir); err != nil || second.StampKey != first.StampKey {
		t.Errorf("the second load gave another stamp key (%v)", err)
	}
}

func TestLoadSecrets_RefusesADamagedFile(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"empty": "", "cut off": `{"webhookSecret":"whsec_`, "a key missing": `{"webhookSecret":"whsec_x"}`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "secrets"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadSecrets(dir); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
