package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

func receiverFile(dir string) string { return filepath.Join(dir, "receiver") }

// ReceiverURL is where the built-in receiver of the program in dataDir listens.
// It refuses with fs.ErrNotExist when none runs there. After a crash it is where
// it did, until the program is started again.
func ReceiverURL(dataDir string) (string, error) {
	b, err := os.ReadFile(receiverFile(dataDir))
	return strings.TrimSpace(string(b)), err
}

// publish leaves the built-in receiver's URL in the data folder until Close. No
// URL: there is none, and what a crash left behind goes.
func (i *Instance) publish(dir, url string) error {
	if url == "" {
		return withdraw(dir)
	}
	if err := replaceFile(receiverFile(dir), []byte(url+"\n")); err != nil {
		return fmt.Errorf("publish the receiver: %w", err)
	}
	i.later(func(context.Context) error { return withdraw(dir) })
	return nil
}

func withdraw(dir string) error {
	if err := os.Remove(receiverFile(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("withdraw the receiver: %w", err)
	}
	return nil
}
