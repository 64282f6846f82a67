// Command faults seeds faults into the engine, one after the other, and demands that
// each turns at least one case of tests/conformance red: a suite that a fault passes
// through does not hold the rule that the fault breaks.
//
// A fault is a text of a source file and what stands in its place; the files themselves
// are not touched, the compiler gets the changed one by -overlay. A fault whose text is
// not found, or more than once, is an error: the code has moved on, and the fault must.
//
// Run it from the root of the repository: go run ./tests/conformance/faults. With names
// as arguments it seeds those alone.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// fault is one mistake.
type fault struct {
	name string
	file string
	old  string
	new  string
}

func all() []fault {
	return slices.Concat(historyFaults(), errorFaults(), stateFaults(), branchFaults(), languageFaults(), apiFaults())
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, names []string) error {
	faults := all()
	if len(names) > 0 {
		faults = slices.DeleteFunc(faults, func(f fault) bool { return !slices.Contains(names, f.name) })
		if len(faults) != len(names) {
			return fmt.Errorf("%d of the %d names are known", len(faults), len(names))
		}
	}
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	fmt.Println("without a fault: all cases must be green")
	if red, err := seed(ctx, dir, nil); err != nil || red != "" {
		return errors.Join(err, fmt.Errorf("red without a fault: %s", red))
	}
	var missed []string
	for i, f := range faults {
		began := time.Now()
		red, err := seed(ctx, dir, &f)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case err != nil:
			red = "ERROR " + err.Error()
			missed = append(missed, f.name)
		case red == "":
			red = "NOT CAUGHT"
			missed = append(missed, f.name)
		}
		fmt.Printf("%d of %d  %s: %s (%.1f s)\n", i+1, len(faults), f.name, red, time.Since(began).Seconds())
	}
	if len(missed) > 0 {
		return fmt.Errorf("%d of %d faults are not caught: %s", len(missed), len(faults), strings.Join(missed, "; "))
	}
	fmt.Printf("all %d faults are caught\n", len(faults))
	return nil
}

// seed runs the cases with the fault and answers the first that turned red; empty: none
// did. Nil is no fault.
func seed(ctx context.Context, dir string, f *fault) (red string, err error) {
	args := []string{"test", "-count=1", "-failfast", "-vet=off", "-timeout=2m", "-run=^TestConformance$/^in_process$"}
	if f != nil {
		overlay, err := f.overlay(dir)
		if err != nil {
			return "", err
		}
		args = append(args, "-overlay="+overlay)
	}
	out, err := exec.CommandContext(ctx, "go", append(args, "./tests/conformance")...).CombinedOutput()
	if err == nil {
		return "", nil
	}
	for _, pattern := range []*regexp.Regexp{failed, hanging} {
		if found := pattern.FindSubmatch(out); found != nil {
			return string(found[1]), nil
		}
	}
	return "", fmt.Errorf("%w: %s", err, lastLines(out))
}

// A red case is one that failed, by a panic of the engine too, or one that does not end.
var (
	failed  = regexp.MustCompile(`--- FAIL: TestConformance/in_process/([^\s(]+/[^\s(]+)`)
	hanging = regexp.MustCompile(`(?s)running tests:.*?TestConformance/in_process/([^\s(]+/[^\s(]+)`)
)

func lastLines(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}

// source reads the fault's file, which must have its text once.
func (f *fault) source(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, f.file))
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), f.old); n != 1 {
		return "", fmt.Errorf("%s has %q %d times: the code has moved on, and the fault must", f.file, f.old, n)
	}
	return string(text), nil
}

// overlay writes the changed file and what tells the compiler of it.
func (f *fault) overlay(dir string) (string, error) {
	source, err := f.source(".")
	if err != nil {
		return "", err
	}
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, []byte(strings.Replace(source, f.old, f.new, 1)), 0o600); err != nil {
		return "", err
	}
	original, err := filepath.Abs(f.file)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{original: changed}})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}
