package deploy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Programs are the tools of a checkout. It implements Tools.
type Programs struct {
	// Folder is where package.json pins the CDK command line.
	Folder string
	// Env is the environment of the programs.
	Env []string
	// Out gets what CDK tells of its progress.
	Out io.Writer
}

var _ Tools = Programs{}

// Node gives the version of Node.js on the path.
func (p Programs) Node(ctx context.Context) (string, error) {
	return p.output(ctx, "node", "--version")
}

// CDKVersion gives the version of the pinned CDK command line.
func (p Programs) CDKVersion(ctx context.Context) (string, error) {
	version, err := p.output(ctx, p.cdk(), "--version")
	version, _, _ = strings.Cut(version, " ")
	return version, err
}

func (p Programs) cdk() string { return filepath.Join(p.Folder, "node_modules", ".bin", "cdk") }

func (p Programs) environment() []string {
	return append(append([]string(nil), p.Env...), "CDK_DISABLE_CLI_TELEMETRY=true")
}

func (p Programs) output(ctx context.Context, program string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, program, args...) //nolint:gosec // programs of ours
	command.Env = p.environment()
	out, err := command.Output()
	return strings.TrimSpace(string(out)), err
}

// said is how much of CDK's output an error quotes: its last lines name the cause.
const said = 2000

// Deploy publishes the assets of one stack and deploys it. Permissions were reviewed
// with the change; --exclusively leaves the order of stacks to us.
func (p Programs) Deploy(ctx context.Context, assembly, stack string) error {
	assembly, err := filepath.Abs(assembly)
	if err != nil {
		return err
	}
	command := exec.CommandContext(ctx, p.cdk(), "deploy", stack, "--app", assembly, //nolint:gosec // programs of ours
		"--exclusively", "--require-approval", "never", "--no-notices", "--ci", "--progress", "events")
	command.Env = p.environment()
	// CDK must end what it has begun when the person interrupts it: a signal, not a kill.
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	var tail bytes.Buffer
	command.Stdout = io.MultiWriter(p.Out, &tail)
	command.Stderr = command.Stdout
	if err := command.Run(); err != nil {
		text := strings.TrimSpace(tail.String())
		return fmt.Errorf("cdk deploy: %w: %s", err, text[max(0, len(text)-said):])
	}
	return nil
}
