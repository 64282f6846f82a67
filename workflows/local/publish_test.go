package local

import (
	"errors"
	"io/fs"
	"os"
	"testing"
)

func TestPublish_UntilClose(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	i := &Instance{drain: defaultDrain}
	if err := i.publish(dir, "http://127.0.0.1:1/x"); err != nil {
		t.Fatal(err)
	}
	if url, err := ReceiverURL(dir); err != nil || url != "http://127.0.0.1:1/x" {
		t.Errorf("got %q, %v", url, err)
	}
	if info, err := os.Stat(receiverFile(dir)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if err := i.Close(); err != nil {
		t.Error(err)
	}
	if _, err := ReceiverURL(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the end: %v", err)
	}
}

func TestPublish_WithoutAReceiverWhatACrashLeftGoes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(receiverFile(dir), []byte("http://127.0.0.1:1/x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	i := &Instance{drain: defaultDrain}
	if err := errors.Join(i.publish(dir, ""), i.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := ReceiverURL(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}
