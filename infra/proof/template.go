package proof

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alquimista-ai/nigredo/infra/config"
)

// Templates are the templates of one environment, and what it was told.
type Templates struct {
	Config                               *config.Config
	Core, Frontend, Monitoring, Receiver *Template
}

// Template is one CloudFormation template, decoded.
type Template struct{ root map[string]any }

// Read reads the templates of an environment from a cloud assembly. The receiver's
// is nil when the environment has none.
func Read(folder string, c *config.Config) (*Templates, error) {
	t := Templates{Config: c}
	for name, into := range map[string]**Template{
		c.CoreStack(): &t.Core, c.FrontendStack(): &t.Frontend, c.MonitoringStack(): &t.Monitoring, c.ReceiverStack(): &t.Receiver,
	} {
		if name == c.ReceiverStack() && !c.Receiver.Deploy {
			continue
		}
		var err error
		if *into, err = ReadTemplate(filepath.Join(folder, name+".template.json")); err != nil {
			return nil, fmt.Errorf("%w (make synth writes it)", err)
		}
	}
	return &t, nil
}

// Clone gives a copy that a mutation may change.
func (t *Templates) Clone() *Templates {
	out := *t
	for _, template := range []**Template{&out.Core, &out.Frontend, &out.Monitoring, &out.Receiver} {
		if *template != nil {
			*template = &Template{root: copyOf((*template).root).(map[string]any)}
		}
	}
	return &out
}

func copyOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = copyOf(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = copyOf(value)
		}
		return out
	}
	return v
}

// Resource is one resource of a template. Properties and Body are those of the
// template itself: a mutation writes to them.
type Resource struct {
	ID         string
	Type       string
	Properties map[string]any
	Body       map[string]any // with DependsOn, DeletionPolicy and so on
}

// Resources gives those of a type ("AWS::Lambda::Function"), or all when typ is
// empty, by id. A template that is not there has none.
func (t *Template) Resources(typ string) []Resource {
	if t == nil {
		return nil
	}
	resources, _ := t.root["Resources"].(map[string]any)
	var out []Resource
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		body := resources[id].(map[string]any)
		if typ != "" && body["Type"] != typ {
			continue
		}
		properties, _ := body["Properties"].(map[string]any)
		if properties == nil {
			properties = map[string]any{}
			body["Properties"] = properties
		}
		out = append(out, Resource{ID: id, Type: body["Type"].(string), Properties: properties, Body: body})
	}
	return out
}

// Remove takes a resource out of the template.
func (t *Template) Remove(id string) {
	delete(t.root["Resources"].(map[string]any), id)
}

// Outputs gives the outputs of the template by key.
func (t *Template) Outputs() map[string]any {
	outputs, _ := t.root["Outputs"].(map[string]any)
	return outputs
}

// Where gives the resources for which every path has the value beside it: path,
// value, path, value.
func Where(resources []Resource, pairs ...any) []Resource {
	return slices.DeleteFunc(slices.Clone(resources), func(r Resource) bool {
		for i := 0; i < len(pairs); i += 2 {
			if !Equal(r.Get(pairs[i].(string)), pairs[i+1]) {
				return true
			}
		}
		return false
	})
}

// Get gives the value at a path of member names and list indexes with dots in
// between ("VpcConfig.SubnetIds.0"), nil when there is none.
func (r Resource) Get(path string) any { return Get(r.Properties, path) }

// Get gives the value at a path below v, nil when there is none.
func Get(v any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			var i int
			if _, err := fmt.Sscanf(step, "%d", &i); err != nil || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// Set writes a value at a path that is there but for its last step.
func (r Resource) Set(path string, value any) {
	parent, last := any(r.Properties), path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		parent, last = Get(parent, path[:i]), path[i+1:]
	}
	switch at := parent.(type) {
	case map[string]any:
		if value == nil {
			delete(at, last)
			return
		}
		at[last] = value
	case []any:
		var i int
		if _, err := fmt.Sscanf(last, "%d", &i); err == nil && i >= 0 && i < len(at) {
			at[i] = value
			return
		}
		panic("proof: no element " + path)
	default:
		panic("proof: nothing at " + path + " of " + r.ID)
	}
}

// Equal compares a value of a template with one of Go: numbers by value, lists and
// objects as their JSON.
func Equal(a, b any) bool { return Text(a) == Text(b) }

// Text gives a value as compact JSON with sorted members: for comparing, and for
// looking whether something is named in it.
func Text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic("proof: a value without a JSON form")
	}
	return string(raw)
}

// ReadTemplate reads one template from a file.
func ReadTemplate(path string) (*Template, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	t := Template{}
	if err := json.Unmarshal(raw, &t.root); err != nil {
		return nil, fmt.Errorf("read template %s: %w", path, err)
	}
	return &t, nil
}
