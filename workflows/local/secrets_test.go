package local

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
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
	if err := checkSecret(first.WebhookSecret); err != nil {
		t.Error(err)
	}
	info, err := os.Stat(filepath.Join(dir, "secrets"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
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
