// Command bundle builds every Lambda function for linux/arm64 and packs each into
// <out>/<activity>.zip, with the program as "bootstrap" and nothing else. The same tree
// gives the same bytes, wherever it lies and whenever it is built. It refuses what is too
// large to start fast.
//
//	go run ./infra/bundle [-out bin/lambda] [-host]
//
// -host builds for this machine instead, for a look at sizes and times; such zips are
// not for AWS.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// What a function may weigh, in bytes of its zip. Lambda fetches and unpacks it at a
// cold start.
const (
	maxSize = 9 << 20
	// maxPlain is for functions that do not link the library of telephone numbers.
	maxPlain = 7 << 20

	phoneLibrary = "github.com/nyaruka/phonenumbers"
	commands     = "./activities/cmd/..."
)

// flags are those of every build of a function. No path of the machine, no state of the
// checkout and no id of the build is in the program. grpcnotrace leaves net/trace out,
// which keeps the linker from dropping what nobody calls.
func flags() []string {
	return []string{"-trimpath", "-buildvcs=false", "-tags", "lambda.norpc,grpcnotrace", "-ldflags", "-s -w"}
}

func main() {
	out := flag.String("out", filepath.Join("bin", "lambda"), "where the zips go")
	host := flag.Bool("host", false, "build for this machine, not for AWS")
	flag.Parse()
	if err := run(context.Background(), *out, *host); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// run builds in the working folder, which is the module's.
func run(ctx context.Context, out string, host bool) error {
	// The programs stay: Go links none anew whose build id says that it is up to date.
	programs := filepath.Join(out, "programs")
	if host {
		programs = filepath.Join(out, "programs-host")
	}
	if err := os.MkdirAll(programs, 0o750); err != nil {
		return err
	}
	if err := build(ctx, programs, host); err != nil {
		return err
	}
	heavy, err := linking(ctx, phoneLibrary)
	if err != nil {
		return err
	}
	sources, err := filepath.Glob(filepath.Join("activities", "cmd", "*", "main.go"))
	if err != nil {
		return err
	}
	var tooLarge error
	for _, source := range sources {
		activity := filepath.Base(filepath.Dir(source))
		name := filepath.Join(out, activity+".zip")
		size, err := pack(name, filepath.Join(programs, activity))
		if err != nil {
			return fmt.Errorf("pack %s: %w", activity, err)
		}
		limit := maxPlain
		if slices.Contains(heavy, activity) {
			limit = maxSize
		}
		fmt.Printf("%-32s %8.2f MB\n", name, float64(size)/(1<<20))
		if size > limit {
			tooLarge = errors.Join(tooLarge, fmt.Errorf("%s has %d bytes, more than %d", name, size, limit))
		}
	}
	return tooLarge
}

// build compiles every function into dir. One call for all: packages that they share are
// looked at once.
func build(ctx context.Context, dir string, host bool) error {
	command := exec.CommandContext(ctx, "go", append(append([]string{"build", "-o", dir + string(filepath.Separator)}, flags()...), commands)...) //nolint:gosec // words of ours and a folder of the caller
	// Variables that change what is compiled have the values of a machine that sets none.
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=", "GOARM64=v8.0", "GOFIPS140=off")
	if !host {
		command.Env = append(command.Env, "GOOS=linux", "GOARCH=arm64")
	}
	command.Stderr = os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("build %s: %w", commands, err)
	}
	return nil
}

// linking gives the functions that link a package.
func linking(ctx context.Context, pkg string) ([]string, error) {
	command := exec.CommandContext(ctx, "go", "list", "-tags", "lambda.norpc,grpcnotrace",
		"-f", `{{if eq .Name "main"}}{{.ImportPath}} {{join .Deps " "}}{{end}}`, commands)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=arm64")
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", commands, err)
	}
	var found []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) > 0 && slices.Contains(fields[1:], pkg) {
			found = append(found, filepath.Base(fields[0]))
		}
	}
	return found, nil
}
