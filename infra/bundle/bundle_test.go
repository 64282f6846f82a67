package main

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// module is the folder that holds activities.
var module = filepath.Join("..", "..")

func TestLinking_OnlyValidateReadsTelephoneNumbers(t *testing.T) {
	t.Chdir(module)
	found, err := linking(t.Context(), phoneLibrary)
	if err != nil || !slices.Equal(found, []string{"validate"}) {
		t.Errorf("%v link %s, %v; want validate alone", found, phoneLibrary, err)
	}
}

func TestPack_TheSameBytesWhateverTheProgramsTimeAndMode(t *testing.T) {
	t.Parallel()
	var zips [][]byte
	for i, mode := range []os.FileMode{0o600, 0o777} {
		program, name := filepath.Join(t.TempDir(), "persist"), filepath.Join(t.TempDir(), "persist.zip")
		if err := os.WriteFile(program, bytes.Repeat([]byte("program"), 1000), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(program, time.Time{}, time.Unix(int64(i)*1e9, 0)); err != nil {
			t.Fatal(err)
		}
		if _, err := pack(name, program); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		zips = append(zips, content)
	}
	if !bytes.Equal(zips[0], zips[1]) {
		t.Error("two zips of one program differ")
	}
	r, err := zip.NewReader(bytes.NewReader(zips[0]), int64(len(zips[0])))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.File) != 1 || r.File[0].Name != "bootstrap" || r.File[0].Mode() != 0o755 || !r.File[0].Modified.Equal(packed) {
		t.Errorf("files %+v", r.File)
	}
	file, err := r.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(file); err != nil || len(content) != 7000 {
		t.Errorf("%d bytes, %v", len(content), err)
	}
}

// Builds every function twice, in two folders: minutes, in make gate.
func TestRun_TheSameBytesFromTwoCheckouts(t *testing.T) {
	if os.Getenv("NIGREDO_GATE") == "" {
		t.Skip("builds every function twice: make gate")
	}
	t.Chdir(module)
	here := t.TempDir()
	if err := run(t.Context(), here, false); err != nil {
		t.Fatal(err)
	}
	// Another checkout: what is tracked and the built site, under another path, without git.
	copied := filepath.Join(t.TempDir(), "elsewhere", "with another name")
	files, err := exec.CommandContext(t.Context(), "git", "ls-files", "-z").Output()
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Split(strings.TrimSuffix(string(files), "\x00"), "\x00")
	if err := filepath.WalkDir(filepath.Join("site", "dist"), func(name string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(copied, name)
		if err := os.MkdirAll(filepath.Dir(target), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(copied)
	there := t.TempDir()
	if err := run(context.WithoutCancel(t.Context()), there, false); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(here)
	if err != nil || len(entries) < 21 {
		t.Fatalf("%d zips, %v", len(entries), err)
	}
	for _, entry := range entries {
		one, err := os.ReadFile(filepath.Join(here, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		other, err := os.ReadFile(filepath.Join(there, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one, other) {
			t.Errorf("%s differs between two checkouts", entry.Name())
		}
	}
}
