package site

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"sync"
)

// ErrNotBuilt is what everything here fails with in a program that was compiled before
// the pages were built.
var ErrNotBuilt = errors.New("the site is not built: run 'make site', then build again")

// What pages are rendered from, and what is served as it stands: a Lambda that renders
// pages has no use for the second. The patterns match the placeholder too, so that an
// unbuilt tree compiles.
var (
	//go:embed dist/[.st]*
	rendered embed.FS
	//go:embed all:dist/[.p]*
	served embed.FS
)

// built is what site/build.mjs made.
type built struct {
	Headers    map[string]string
	Experiment string
	Variants   []variant
	Paths      map[string]paths // by locale
	Consents   []consent
	Refusals   map[string]refusals // by locale
	Built      string              // the day, such as 2026-11-27

	templates *template.Template
}

type variant struct {
	Name   string
	Weight uint64
}

// paths are the addresses of the pages in one language.
type paths struct {
	Landing, Receipt, Notice, Rights, RightsReceived string
}

// load reads the build once. Its files are embedded: what is wrong with them is wrong
// for ever.
var load = sync.OnceValues(func() (*built, error) {
	files, err := fs.Sub(rendered, "dist")
	if err != nil {
		return nil, err
	}
	return read(files)
})

func read(files fs.FS) (*built, error) {
	manifest, err := fs.ReadFile(files, "site.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotBuilt
	}
	if err != nil {
		return nil, err
	}
	var b built
	strict := json.NewDecoder(bytes.NewReader(manifest))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&b); err != nil {
		return nil, fmt.Errorf("read site.json: %w", err)
	}
	if b.weight() == 0 {
		return nil, errors.New("read site.json: no variant has a weight, so that nobody can be shown one")
	}
	// A field that a template shows and nobody fills in is an error, and no empty page.
	if b.templates, err = template.New("").Option("missingkey=error").ParseFS(files, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("read the templates of the site: %w", err)
	}
	return &b, nil
}

// The locales of the site. Any other value means PortugueseBrazil: a page is rendered
// from what a stranger posted.
const (
	PortugueseBrazil = "pt-BR"
	English          = "en"
)

func localeOf(code string) string {
	if code == English {
		return English
	}
	return PortugueseBrazil
}

// localeAt is the language of whoever asked for a path.
func localeAt(path string) string {
	if strings.HasPrefix(path, "/en/") {
		return English
	}
	return PortugueseBrazil
}

// page renders a template whole before anything of it is sent.
func (b *built) page(name string, data any) (string, error) {
	var html strings.Builder
	if err := b.templates.ExecuteTemplate(&html, name+".html", data); err != nil {
		return "", fmt.Errorf("render %s: %w", name, err)
	}
	return html.String(), nil
}
