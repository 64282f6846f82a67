package local

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

func TestReplaceFile_IsWholePrivateAndAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			if err := replaceFile(path, []byte(strconv.Itoa(n))); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	content, err := os.ReadFile(path)
	if n, _ := strconv.Atoi(string(content)); err != nil || len(content) != 1 || n > 7 {
		t.Errorf("%q, %v", content, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("%d files are left, want one", len(entries))
	}
	if err := replaceFile(filepath.Join(dir, "none", "file"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("below a folder that is not there: %v", err)
	}
}

func TestWatched_ReadsWhatHasChangedAndKeepsWhatCouldBeRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	parsed := 0
	w := &watched[int]{path: path, parse: func(content []byte) (int, error) { parsed++; return strconv.Atoi(string(content)) }}
	write := func(content string) func() error {
		return func() error { return replaceFile(path, []byte(content)) }
	}
	nothing := func() error { return nil }
	for n, step := range []struct {
		do      func() error
		value   int
		changed bool
		failed  bool
		parsed  int
	}{
		{nothing, 0, true, true, 0}, // not there so far
		{nothing, 0, false, true, 0},
		{write("1"), 1, true, false, 1},
		{nothing, 1, false, false, 1},
		{write("2"), 2, true, false, 2},
		{write("x"), 2, true, true, 3},
		{nothing, 2, false, true, 3},
		{func() error { return os.Remove(path) }, 2, true, true, 3},
		{nothing, 2, false, true, 3},
		{write("3"), 3, true, false, 4},
	} {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		value, changed, err := w.get()
		if value != step.value || changed != step.changed || (err != nil) != step.failed || parsed != step.parsed {
			t.Errorf("step %d: %d, changed %v, %v, parsed %d times; want %+v", n, value, changed, err, parsed, step)
		}
	}
}
