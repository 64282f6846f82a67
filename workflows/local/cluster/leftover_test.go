package cluster

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// After a power cut the number in the lock files may be that of any process: of this
// one, say.
func TestClearLeftovers_TakesNoLockForASign(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	data := filepath.Join(home, "data")
	locks := []string{filepath.Join(data, "postmaster.pid"), filepath.Join(home, "run", ".s.PGSQL.5432.lock")}
	for _, lock := range locks {
		if err := os.MkdirAll(filepath.Dir(lock), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(lock, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // nothing is there the second time
		if err := clearLeftovers(t.Context(), data); err != nil {
			t.Fatal(err)
		}
		for _, lock := range locks {
			if _, err := os.Stat(lock); !os.IsNotExist(err) {
				t.Errorf("%s is still there: %v", lock, err)
			}
		}
	}
}
