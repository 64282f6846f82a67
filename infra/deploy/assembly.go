package deploy

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// assembly is what synthesis wrote: the templates, by stack.
type assembly struct {
	templates map[string]*template
	bootstrap int    // least version of the bootstrap stack
	digest    string // of templates and site
}

type template struct {
	raw         []byte
	environment string
	Resources   map[string]resource `json:"Resources"`
}

type resource struct {
	Type       string         `json:"Type"`
	Properties map[string]any `json:"Properties"`
}

// text gives a property that is a text, not a reference.
func (r resource) text(property string) string {
	text, _ := r.Properties[property].(string)
	return text
}

// readAssembly reads the folder of the cloud assembly. A template names its assets by
// their hash, so that the templates' digest covers the functions' code.
func (s *Session) readAssembly() (*assembly, error) {
	raw, err := os.ReadFile(filepath.Join(s.Assembly, "manifest.json"))
	if err != nil {
		return nil, refuse("nothing is synthesised in %s: run make synth ENV=%s", s.Assembly, s.Config.Environment)
	}
	var manifest struct {
		Artifacts map[string]struct {
			Type        string `json:"type"`
			Environment string `json:"environment"`
			Properties  struct {
				TemplateFile string `json:"templateFile"`
				Bootstrap    int    `json:"requiresBootstrapStackVersion"`
			} `json:"properties"`
		} `json:"artifacts"`
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		return nil, fmt.Errorf("read manifest of %s: %w", s.Assembly, err)
	}
	a := &assembly{templates: map[string]*template{}}
	for name, artifact := range manifest.Artifacts {
		if artifact.Type != "aws:cloudformation:stack" {
			continue
		}
		t := &template{environment: artifact.Environment}
		if t.raw, err = os.ReadFile(filepath.Join(s.Assembly, artifact.Properties.TemplateFile)); err != nil {
			return nil, fmt.Errorf("read template of %s: %w", name, err)
		}
		if err := json.Unmarshal(t.raw, t); err != nil {
			return nil, fmt.Errorf("read template of %s: %w", name, err)
		}
		a.templates[name] = t
		a.bootstrap = max(a.bootstrap, artifact.Properties.Bootstrap)
	}
	for _, stack := range s.stacks() {
		t, ok := a.templates[stack]
		if want := "aws://" + s.Config.Account + "/" + s.home(stack).Region; !ok || t.environment != want {
			return nil, refuse("%s does not hold %s for %s: run make synth ENV=%s", s.Assembly, stack, want, s.Config.Environment)
		}
	}
	a.digest, err = s.digest(a)
	return a, err
}

// stacks are those of the configuration, in the order in which they are deployed.
func (s *Session) stacks() []string {
	stacks := s.backendStacks()
	return append(stacks, s.Config.FrontendStack())
}

func (s *Session) backendStacks() []string {
	stacks := []string{s.Config.CoreStack(), s.Config.MonitoringStack()}
	if s.Config.Receiver.Deploy {
		stacks = append(stacks, s.Config.ReceiverStack())
	}
	return stacks
}

func (s *Session) digest(a *assembly) (string, error) {
	h := sha256.New()
	names := make([]string, 0, len(a.templates))
	for name := range a.templates {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		h.Write(a.templates[name].raw)
	}
	files, err := s.siteFiles()
	if err != nil {
		return "", err
	}
	for _, f := range files {
		h.Write([]byte(f.Key + f.sum))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// zip gives the bytes of a function's artefact.
func (s *Session) zip(activity string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(s.Lambdas, activity+".zip"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, refuse("%s.zip is not built in %s: run make synth ENV=%s", activity, s.Lambdas, s.Config.Environment)
	}
	return content, err
}
