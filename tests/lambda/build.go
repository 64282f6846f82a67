package lambda

import (
	"context"
	"fmt"
	"os"
	"os/exec"
)

// Build compiles every function for this machine into dir, with the flags of infra/bundle.
// module is the folder of go.mod.
func Build(ctx context.Context, module, dir string) error {
	command := exec.CommandContext(ctx, "go", "build", "-o", dir, "-trimpath", "-buildvcs=false",
		"-tags", "lambda.norpc,grpcnotrace", "-ldflags", "-s -w", "./activities/cmd/...")
	command.Dir = module
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build functions: %w\n%s", err, out)
	}
	return nil
}
