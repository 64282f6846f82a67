// Command trim writes the API models of package awstest anew, from the models that
// the AWS SDK for Go v1 carries: of each service the operations that
// models/operations.json names, with the shapes they reach and nothing else. Run it
// in infra/deploy/awstest by `go generate`.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// source is the module and the version that the models are taken from. It is the
// last one of the SDK v1, which v2's modules do not replace: they carry no models.
const source = "github.com/aws/aws-sdk-go@v1.55.8"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	out, err := exec.Command("go", "mod", "download", "-json", source).Output() //nolint:noctx // a generator
	if err != nil {
		return fmt.Errorf("download %s: %w", source, err)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return err
	}
	raw, err := os.ReadFile("models/operations.json")
	if err != nil {
		return err
	}
	var wanted map[string][]string
	if err := json.Unmarshal(raw, &wanted); err != nil {
		return fmt.Errorf("models/operations.json: %w", err)
	}
	for service, operations := range wanted {
		if err := trim(filepath.Join(module.Dir, "models", "apis", filepath.FromSlash(service), "api-2.json"), service, operations); err != nil {
			return err
		}
	}
	return nil
}

type model struct {
	Source     string                    `json:"source"`
	Metadata   json.RawMessage           `json:"metadata"`
	Operations map[string]map[string]any `json:"operations"`
	Shapes     map[string]map[string]any `json:"shapes"`
}

func trim(file, service string, operations []string) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var full model
	if err := json.Unmarshal(raw, &full); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	kept := model{
		Source: source + " models/apis/" + service + "/api-2.json, Apache-2.0", Metadata: full.Metadata,
		Operations: map[string]map[string]any{}, Shapes: map[string]map[string]any{},
	}
	for _, name := range operations {
		operation, ok := full.Operations[name]
		if !ok {
			return fmt.Errorf("%s: no operation %s", service, name)
		}
		kept.Operations[name] = operation
		for _, member := range []string{"input", "output"} {
			full.keep(operation[member], kept.Shapes)
		}
	}
	encoded, err := json.MarshalIndent(kept, "", " ")
	if err != nil {
		return err
	}
	name, _, _ := strings.Cut(service, "/")
	return os.WriteFile(filepath.Join("models", name+".json"), append(encoded, '\n'), 0o600)
}

// keep copies the shape that a reference names, and all that it reaches.
func (m model) keep(reference any, into map[string]map[string]any) {
	r, ok := reference.(map[string]any)
	if !ok {
		return
	}
	name, ok := r["shape"].(string)
	if !ok || into[name] != nil {
		return
	}
	shape := m.Shapes[name]
	into[name] = shape
	if members, ok := shape["members"].(map[string]any); ok {
		for _, member := range members {
			m.keep(member, into)
		}
	}
	for _, of := range []string{"member", "key", "value"} {
		m.keep(shape[of], into)
	}
}
