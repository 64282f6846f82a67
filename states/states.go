// Package states holds what happens next: the state machine files and the JSON
// Schemas of what goes in and out of them. The files are deployed to AWS and run
// by the embedded engine as they are; only the placeholders of ARNs differ.
package states

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

//go:embed *.asl.json schemas/*.json schedules.json
var files embed.FS

// Machine is a state machine of this folder; Type is AWS's word for it, fixed
// when the machine is created.
type Machine struct {
	Name string
	Type string
}

// Machines lists them, in the order in which a deployment creates them: a machine
// stands after the ones it starts.
func Machines() []Machine {
	return []Machine{
		{Name: "fibonacci_delivery", Type: "STANDARD"},
		{Name: "lead_intake", Type: "EXPRESS"},
		{Name: "redrive_batch", Type: "STANDARD"},
		{Name: "redrive_campaign", Type: "STANDARD"},
		{Name: "delivery_sweep", Type: "EXPRESS"},
	}
}

// Definition gives a machine file as it stands, placeholders included.
func Definition(machine string) (string, error) {
	b, err := files.ReadFile(machine + ".asl.json")
	if err != nil {
		return "", fmt.Errorf("read state machine %q: %w", machine, err)
	}
	return string(b), nil
}

// Schema gives a JSON Schema (draft-07) by the name of its file without ".json",
// e.g. "lead-form".
func Schema(name string) ([]byte, error) {
	b, err := files.ReadFile("schemas/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("read schema %q: %w", name, err)
	}
	return b, nil
}

var placeholder = regexp.MustCompile(`\$\{([A-Za-z][A-Za-z0-9]*)\}`)

// Substitute gives a machine's definition with each ${Name} replaced by its
// value, escaped for the JSON string it stands in. It refuses a placeholder
// without a value, an empty value and anything else that begins with "${". A
// value that the machine does not use is let pass, so that one map can serve all.
func Substitute(machine string, values map[string]string) (string, error) {
	definition, err := Definition(machine)
	if err != nil {
		return "", err
	}
	return substitute(machine, definition, values)
}

func substitute(machine, definition string, values map[string]string) (string, error) {
	if strings.Contains(placeholder.ReplaceAllString(definition, ""), "${") {
		return "", fmt.Errorf("substitute %s: malformed placeholder", machine)
	}
	var errs []error
	out := placeholder.ReplaceAllStringFunc(definition, func(match string) string {
		name := match[2 : len(match)-1]
		value := values[name]
		if value == "" {
			errs = append(errs, fmt.Errorf("substitute %s: no value for %s", machine, match))
			return match
		}
		quoted, err := json.Marshal(value)
		if err != nil {
			errs = append(errs, fmt.Errorf("substitute %s: value of %s: %w", machine, match, err))
			return match
		}
		return string(quoted[1 : len(quoted)-1])
	})
	if err := errors.Join(errs...); err != nil {
		return "", err
	}
	return out, nil
}
