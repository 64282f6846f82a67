package bench

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"testing"
	"time"

	"github.com/alquimista-ai/nigredo/tests/npm"
	"github.com/alquimista-ai/nigredo/workflows/engine/enginetest"
)

//go:embed peer
var peerFiles embed.FS

// peer is a Node process that runs the npm package's executions when it is asked to.
type peer struct {
	version string
	in      io.Writer
	out     *bufio.Scanner
}

// startPeer installs the package when it is not there yet.
func startPeer(b *testing.B) (*peer, error) {
	b.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, err
	}
	sources, err := fs.Sub(peerFiles, "peer")
	if err != nil {
		return nil, err
	}
	b.Log("installing npm's aws-local-stepfunctions, unless it is in the cache (30 MB)")
	folder, err := npm.Folder(b.Context(), "aws-local-stepfunctions", sources)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(context.WithoutCancel(b.Context()), node, "measure.mjs")
	cmd.Dir = folder
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = b.Output()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b.Cleanup(func() {
		_ = in.Close() // it ends with its input
		if err := cmd.Wait(); err != nil {
			b.Errorf("node: %v", err)
		}
	})
	p := &peer{in: in, out: bufio.NewScanner(out)}
	if _, err := fmt.Fprintln(in, enginetest.TenStatesInput()); err != nil {
		return nil, err
	}
	answer, err := p.ask(time.Second)
	if err != nil {
		return nil, err
	}
	p.version = answer.Package + " on node " + answer.Node
	return p, nil
}

// peerAnswer is what the process did in the time it was given.
type peerAnswer struct {
	Executions   int     `json:"executions"`
	Milliseconds float64 `json:"milliseconds"`
	Package      string  `json:"package"`
	Node         string  `json:"node"`
}

func (p *peer) run(slice time.Duration) (float64, error) {
	answer, err := p.ask(slice)
	return states * float64(answer.Executions) / answer.Milliseconds * 1000, err
}

func (p *peer) ask(slice time.Duration) (answer peerAnswer, err error) {
	if _, err := fmt.Fprintln(p.in, slice.Milliseconds()); err != nil {
		return answer, err
	}
	if !p.out.Scan() {
		return answer, fmt.Errorf("node ended: %w", p.out.Err())
	}
	err = json.Unmarshal(p.out.Bytes(), &answer)
	return answer, err
}
